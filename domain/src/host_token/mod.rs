//! What a host page says of its user: a JWT (RFC 7519) that the company's own server signed, read strictly (M7, R22, R41).
//!
//! Which algorithm is used is said by the key that the settings have under the token's `kid`, never by the token. That a
//! token is used once is for whoever calls [`verify`] to see to, by its `jti`.

mod claims;
mod key;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use shared::id::AgentId;

use self::claims::Claims;
use self::key::Key;
use crate::address::EmailAddress;
use crate::agent::HostKey;
use crate::jwt::{self, Unread};
use crate::time::Millis;

/// The most bytes of a token.
pub const MAX_TOKEN_BYTES: usize = 4096;
/// The fewest bytes of a shared secret.
pub const MIN_SECRET_BYTES: usize = 32;
/// The longest life of a token, seconds.
pub const MAX_LIFE_S: u64 = 3_600;
/// How far two clocks may be apart, seconds (R27).
pub const LEEWAY_S: u64 = 60;

/// Whom a token vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The user's id at the company.
    pub user_id: String,
    /// The token's own id: it may be used once.
    pub jti: String,
    /// The user's address, where the company says that it verified it.
    pub email: Option<EmailAddress>,
    /// What the user is called.
    pub name: Option<String>,
}

/// Why a token is refused. For logs and tests; a client hears `proof_refused` whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadHostToken {
    /// Empty, or over [`MAX_TOKEN_BYTES`].
    Size,
    /// The header is not exactly `alg`, `kid` and at most `typ: JWT`.
    Header,
    /// No key, or more than one, has this `kid`, or it is not fit to be one.
    UnknownKey,
    /// The signature does not fit under that key's algorithm.
    Signature,
    /// A claim is missing, doubled, of another type or for another agent.
    Claims,
    /// It has ended.
    Expired,
    /// It begins, or was made, in the future.
    NotYet,
    /// It lasts longer than an hour.
    TooLong,
}

impl BadHostToken {
    /// A word for the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Header => "header",
            Self::UnknownKey => "key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::TooLong => "too_long",
        }
    }
}

impl fmt::Display for BadHostToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for BadHostToken {}

/// The only header that is read. `crit`, `jwk`, `jku`, `x5u`, `x5c`, `b64` and whatever comes later are refused as unknown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: KnownAlgorithm,
    #[serde(default, rename = "typ")]
    _typ: Option<Kind>,
    kid: String,
}

#[derive(Clone, Copy, Deserialize)]
enum KnownAlgorithm {
    #[serde(rename = "HS256")]
    Hs256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "RS256")]
    Rs256,
}

#[derive(Deserialize)]
enum Kind {
    #[serde(rename = "JWT")]
    Jwt,
}

/// The names of the secrets that these keys need.
pub fn secret_names(keys: &[HostKey]) -> impl Iterator<Item = &str> {
    keys.iter().filter_map(|key| match key {
        HostKey::Hs256 { secret, .. } => Some(secret.as_str()),
        HostKey::Es256 { .. } | HostKey::Rs256 { .. } => None,
    })
}

/// Reads a token: its header, the key of its `kid`, the signature, and every claim that counts, within [`LEEWAY_S`] of
/// `now`. `secrets` are the agent's, by name.
///
/// # Errors
/// [`BadHostToken`]; nothing of a refused token may be used.
pub fn verify(
    token: &str,
    keys: &[HostKey],
    secrets: &BTreeMap<String, String>,
    agent: &AgentId,
    now: Millis,
) -> Result<Vouched, BadHostToken> {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
        return Err(BadHostToken::Size);
    }
    let (header, _) = token.split_once('.').ok_or(BadHostToken::Header)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadHostToken::Header)?;
    if header.first() != Some(&b'{') {
        return Err(BadHostToken::Header);
    }
    let header: StrictHeader = serde_json::from_slice(&header).map_err(|_| BadHostToken::Header)?;
    let key = find(&header.kid, keys, secrets).ok_or(BadHostToken::UnknownKey)?;
    let said = match header.alg {
        KnownAlgorithm::Hs256 => Algorithm::HS256,
        KnownAlgorithm::Es256 => Algorithm::ES256,
        KnownAlgorithm::Rs256 => Algorithm::RS256,
    };
    if said != key.algorithm {
        return Err(BadHostToken::Signature);
    }
    signed(token, &key)?.vouch(agent, now)
}

/// The one key of this kid; none when two claim it.
fn find(kid: &str, keys: &[HostKey], secrets: &BTreeMap<String, String>) -> Option<Key> {
    let mut named = keys.iter().filter(|key| {
        let (HostKey::Hs256 { kid: own, .. } | HostKey::Es256 { kid: own, .. } | HostKey::Rs256 { kid: own, .. }) = key;
        own == kid
    });
    let (Some(key), None) = (named.next(), named.next()) else { return None };
    match key {
        HostKey::Hs256 { secret, .. } => Key::hs256(secrets.get(secret)?),
        HostKey::Es256 { public, .. } => Key::es256(public),
        HostKey::Rs256 { public, .. } => Key::rs256(public),
    }
}

/// Whether a key of the settings is fit to be one: of its kind, and long enough. A shared secret is known by name alone here.
pub fn is_fit(key: &HostKey) -> bool {
    match key {
        HostKey::Hs256 { .. } => true,
        HostKey::Es256 { public, .. } => Key::es256(public).is_some(),
        HostKey::Rs256 { public, .. } => Key::rs256(public).is_some(),
    }
}

/// The claims, if the signature fits.
fn signed(token: &str, key: &Key) -> Result<Claims, BadHostToken> {
    jwt::claims(token, &key.key, key.algorithm).map_err(|unread| match unread {
        Unread::Claims => BadHostToken::Claims,
        Unread::Signature => BadHostToken::Signature,
    })
}
