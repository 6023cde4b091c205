//! The person's own account: their devices, the ways they sign in, their passkeys.

use serde::{Deserialize, Serialize};

use crate::card::Method;

/// The answer to `GET /api/conversations/{id}/account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Where the person is signed in, this browser first.
    pub devices: Vec<Device>,
    /// How they can sign in.
    pub proofs: Vec<Proof>,
    /// Whether this agent takes passkeys.
    pub passkeys: bool,
}

/// A browser in which the person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What to call it when it is to be signed out; no session's id.
    pub id: String,
    /// `Firefox on Windows`.
    pub label: String,
    /// When they signed in. RFC 3339, UTC.
    pub since: String,
    /// When they last did something. RFC 3339, UTC.
    pub seen: String,
    /// How they signed in.
    pub method: Method,
    /// This browser.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub here: bool,
}

/// A way to sign in as this person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What to call it when it is to be taken away.
    pub id: String,
    /// Which way.
    pub method: Method,
    /// `ana@example.com`, `+44 •••• ••0123`, `Passkey of Firefox on Windows`.
    pub label: String,
    /// Since when. RFC 3339, UTC.
    pub since: String,
    /// It is what the person was first known by, and stays.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub first: bool,
}

/// `POST /api/conversations/{id}/account/revoke`: sign a device out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeDevice {
    /// Which.
    pub id: String,
}

/// `POST /api/conversations/{id}/account/unlink`: take away a way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlink {
    /// Which.
    pub id: String,
}
