//! How strong a proof of identity is, and what an action may ask of it (A6, R29).

use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::id::PersonId;

use crate::time::Millis;

/// How strong a proof is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// The visitor says so.
    #[default]
    Claimed,
    /// A record was found by what the visitor said, with no code.
    LookedUp,
    /// A one-time code by email. The company's own login counts as one unless the site owner says otherwise.
    EmailCode,
    /// A one-time code by phone.
    PhoneCode,
    /// Google.
    Google,
    /// A passkey.
    Passkey,
}

/// How old a session's newest proof may be for what changes how its person signs in (a passkey, another proof, taking one
/// away), milliseconds: whoever finds an unlocked computer cannot make themselves at home.
pub const FRESH_PROOF_MS: u64 = 15 * 60_000;

/// Whether a proof given then is fresh enough for that now.
pub fn is_fresh(proved_at: Millis, now: Millis) -> bool {
    now.since(proved_at) <= FRESH_PROOF_MS
}

impl Assurance {
    /// How strong a method is by itself. A login action and a host token say for themselves what they prove
    /// ([`crate::action::Kind::Login`], [`crate::agent::HostTokenSettings`]); a look-up proves what its code does.
    pub const fn of(method: Method) -> Self {
        match method {
            Method::CollectionLookup => Self::LookedUp,
            Method::EmailCode | Method::LoginAction | Method::HostToken => Self::EmailCode,
            Method::PhoneCode => Self::PhoneCode,
            Method::Google => Self::Google,
            Method::Passkey => Self::Passkey,
        }
    }
}

/// What the session that asks stands on: told by the person's object, never by the client or the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Who.
    pub person: PersonId,
    /// How strong the session's newest proof is.
    pub assurance: Assurance,
    /// When it was given.
    pub proved_at: Millis,
    /// The person's roles, from their record or from a verified login's answer (R47).
    pub roles: Vec<String>,
    /// The names of the fields in the persistent context; never their values.
    pub context: Vec<String>,
    /// Where a code can be sent to prove again who this is: the person's own verified address.
    pub email: Option<String>,
    /// Likewise by phone.
    #[serde(default)]
    pub phone: Option<String>,
    /// Whether the person has a passkey.
    #[serde(default)]
    pub passkey: bool,
    /// Whether a Google account is the person's.
    #[serde(default)]
    pub google: bool,
}
