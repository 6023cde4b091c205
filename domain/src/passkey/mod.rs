//! Passkeys (M8): what an authenticator and a browser say, checked as a relying party must (Web Authentication Level 3,
//! sections 7.1 and 7.2). Why no library does it: `docs/decisions/0016-passkeys.md`.

mod authenticator;
mod cbor;
mod client_data;
pub mod cose;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::passkey::{Assertion, PUBLIC_KEY, Registration};

use self::authenticator::AuthenticatorData;
use self::cbor::Item;
use self::cose::PublicKey;

/// How long what is to be signed may be signed, milliseconds.
pub const CHALLENGE_MS: u64 = 5 * 60_000;
/// The most passkeys of one person.
pub const MOST: usize = 10;

/// For which site a passkey is.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The edge's own origin: `https://chat.example.com`.
    pub origin: &'a str,
    /// Its host.
    pub rp_id: &'a str,
    /// The origins whose pages may embed the chat, as the agent's settings have them.
    pub embedding: &'a [String],
}

impl<'a> Site<'a> {
    /// The site of an edge at this origin, for an agent with these origins.
    pub fn new(origin: &'a str, embedding: &'a [String]) -> Self {
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        let rp_id = host.split_once(':').map_or(host, |(host, _)| host);
        Self { origin, rp_id, embedding }
    }

    /// Whether a page of this origin may stand around ours: the browser has enforced the same list as `frame-ancestors`.
    fn embeds(&self, top: &str) -> bool {
        let is = |listed: &String| match listed.split_once("*.") {
            Some((scheme, domain)) => {
                let host = top.strip_prefix(scheme).and_then(|host| host.strip_suffix(domain)?.strip_suffix('.'));
                host.is_some_and(|label| !label.is_empty() && !label.contains(['/', ':', '@']))
            }
            None => listed == top,
        };
        top == self.origin || self.embedding.iter().any(is)
    }
}

/// A passkey as it is kept. Stored sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, base64url.
    pub id: String,
    /// Its public key, COSE, base64url.
    pub key: String,
    /// How often it signed when it was last seen; 0 where it does not count.
    pub counter: u32,
    /// Whether it may be copied to other devices. It never changes.
    pub backup_eligible: bool,
}

/// Why an answer proves nobody. For the audit; the wire has one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It has not the form of the standard, or is too large.
    Malformed,
    /// It was made for something else.
    Kind,
    /// What was signed is not what was asked for.
    Challenge,
    /// It comes from a page that is not ours.
    Origin,
    /// The page around ours is not on the agent's list.
    Embedded,
    /// It was made for another site.
    Rp,
    /// Nobody was there.
    Presence,
    /// Whoever was there was not verified.
    Verification,
    /// The flags about copies contradict each other, or what they said before.
    Backup,
    /// The key is none.
    Key,
    /// The algorithm is none of the two.
    Algorithm,
    /// The statement about the authenticator is of a kind that was not asked for, or does not hold.
    Attestation,
    /// The signature is not the key's.
    Signature,
    /// The authenticator counted back: there are two of it.
    Counter,
    /// No such passkey.
    Unknown,
}

impl Refused {
    /// A word for the audit.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Kind => "kind",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::Embedded => "embedded",
            Self::Rp => "rp",
            Self::Presence => "presence",
            Self::Verification => "verification",
            Self::Backup => "backup",
            Self::Key => "key",
            Self::Algorithm => "algorithm",
            Self::Attestation => "attestation",
            Self::Signature => "signature",
            Self::Counter => "counter",
            Self::Unknown => "unknown",
        }
    }
}

/// The passkey that an answer to `create` brings.
///
/// Of statements about the authenticator (`attestation`) none is asked for; one that the new key itself signed is what
/// some browsers leave in place all the same, and it must hold.
///
/// # Errors
/// The first of [`Refused`] that applies.
pub fn register(site: &Site<'_>, challenge: &str, answer: &Registration) -> Result<Passkey, Refused> {
    let id = credential(&answer.kind, &answer.id, &answer.raw_id)?;
    let client_data = decode(&answer.response.client_data)?;
    client_data::check(&client_data, "webauthn.create", challenge, site)?;
    let object = decode(&answer.response.object)?;
    let object = cbor::whole(&object)?;
    let part = |name: &'static str| object.get(&Item::Text(name)).ok_or(Refused::Malformed);
    let data = part("authData")?.bytes().ok_or(Refused::Malformed)?;
    let AuthenticatorData { counter, backup_eligible, attested } = authenticator::read(data, site)?;
    let attested = attested.ok_or(Refused::Malformed)?;
    if attested.id != id {
        return Err(Refused::Malformed);
    }
    let key = PublicKey::read(attested.key)?;
    match (part("fmt")?, part("attStmt")?) {
        (Item::Text("none"), Item::Map(statement)) if statement.is_empty() => {}
        (Item::Text("packed"), statement) => by_itself(&key, statement, &signed(data, &client_data))?,
        _ => return Err(Refused::Attestation),
    }
    Ok(Passkey { id: answer.id.clone(), key: URL_SAFE_NO_PAD.encode(attested.key), counter, backup_eligible })
}

/// Self attestation (section 8.2): the new key signed, nobody vouches for it.
fn by_itself(key: &PublicKey, statement: &Item<'_>, message: &[u8]) -> Result<(), Refused> {
    let part = |name: &'static str| statement.get(&Item::Text(name));
    let same = part("alg").and_then(Item::int) == Some(i64::from(key.algorithm()));
    match part("sig").and_then(Item::bytes) {
        Some(signature) if same && part("x5c").is_none() => {
            key.check(signature, message).map_err(|_| Refused::Attestation)
        }
        _ => Err(Refused::Attestation),
    }
}

/// What the counter of this passkey is after an answer to `get` that proves it.
///
/// # Errors
/// The first of [`Refused`] that applies.
pub fn prove(site: &Site<'_>, challenge: &str, passkey: &Passkey, answer: &Assertion) -> Result<u32, Refused> {
    credential(&answer.kind, &answer.id, &answer.raw_id)?;
    if answer.id != passkey.id {
        return Err(Refused::Unknown);
    }
    let client_data = decode(&answer.response.client_data)?;
    client_data::check(&client_data, "webauthn.get", challenge, site)?;
    let data = decode(&answer.response.authenticator_data)?;
    let said = authenticator::read(&data, site)?;
    if said.attested.is_some() {
        return Err(Refused::Malformed);
    }
    if said.backup_eligible != passkey.backup_eligible {
        return Err(Refused::Backup);
    }
    let key = PublicKey::read(&decode(&passkey.key)?)?;
    key.check(&decode(&answer.response.signature)?, &signed(&data, &client_data))?;
    // Last: only the authenticator itself, or a copy of it, can give the alarm.
    if (said.counter != 0 || passkey.counter != 0) && said.counter <= passkey.counter {
        return Err(Refused::Counter);
    }
    Ok(said.counter)
}

/// Whose passkey an answer to `get` says that it is: the person's id, 43 characters. None where it says nothing.
pub fn user_handle(answer: &Assertion) -> Option<&str> {
    answer.response.user_handle.as_deref().filter(|handle| !handle.is_empty())
}

/// The credential's id: the same in both places.
fn credential(kind: &str, id: &str, raw_id: &str) -> Result<Vec<u8>, Refused> {
    if kind != PUBLIC_KEY || id != raw_id || id.is_empty() {
        return Err(Refused::Malformed);
    }
    decode(id)
}

fn signed(data: &[u8], client_data: &[u8]) -> Vec<u8> {
    let mut message = data.to_vec();
    message.extend(Sha256::digest(client_data));
    message
}

fn decode(text: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused::Malformed)
}
