//! Keys of the deployment and what is derived from them for each agent and purpose.

use core::fmt;
use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;
use shared::id::AgentId;

/// Keys that stand in public text: what everybody can read is no secret. Standard base64 without padding.
///
/// Whoever prints a key in documentation, a test or an example adds it here. The digests of the empty text, `test`,
/// `secret` and `password` are here because they are what people paste.
pub const DOCUMENTED_KEYS: &[&str] = &[
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
    "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg",
    "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols",
    "XohImNooBHFR0OVvjcYpJ3NgPQ1qq73WKhHvch0VQtg",
];

/// The fewest bytes of a key: 256 bits, as much as HMAC-SHA-256 and AES-256 can use.
pub const MIN_KEY_BYTES: usize = 32;

/// The most signing keys at a time: the one that signs, and those before it that sessions still carry.
pub const MAX_SIGNING_KEYS: usize = 4;

/// Why a configured key is refused. The deployment then refuses every request: a weak key must not start quietly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// There is none.
    Missing,
    /// The text is not base64.
    NotBase64,
    /// Fewer than [`MIN_KEY_BYTES`] bytes.
    Short,
    /// It stands in [`DOCUMENTED_KEYS`].
    Documented,
    /// Equal bytes, a count, or typed text: not drawn at random.
    Guessable,
    /// A signing key without `kid:` in front, or with one that is not 1 to 16 of `a-z 0-9`.
    BadKid,
    /// Two signing keys have the same kid or the same bytes.
    Duplicate,
    /// More than [`MAX_SIGNING_KEYS`].
    TooMany,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is not set; make one with `openssl rand -base64 32`",
            Self::NotBase64 => "is not base64; make one with `openssl rand -base64 32`",
            Self::Short => "is shorter than 32 bytes; make one with `openssl rand -base64 32`",
            Self::Documented => "is printed in public text; make one with `openssl rand -base64 32`",
            Self::Guessable => "was not drawn at random; make one with `openssl rand -base64 32`",
            Self::BadKid => "needs the form `kid:base64`, the kid 1 to 16 of a-z and 0-9",
            Self::Duplicate => "names the same kid or the same key twice",
            Self::TooMany => "has more than 4 keys",
        })
    }
}

impl core::error::Error for KeyFault {}

/// What a derived key is for. Keys of two purposes have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing session tokens.
    Session,
    /// The pepper under which one-time codes are stored.
    CodePepper,
    /// Turning an address into a person's id.
    Identity,
    /// Sealing what is kept about a person.
    Seal,
    /// Turning an address or IP into the name of a limiter.
    Limit,
    /// Signing the cookie by which a browser is known again, and sealing in it whom the browser proved (R12).
    Known,
    /// Signing what actions send to the site owner's API (R58). The only one that the site owner is shown.
    Outgoing,
    /// Binding a window that went to an `OpenID` provider to who opened it (R30).
    Window,
    /// The tags of a collection's records: what we once answered is known again.
    Record,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::CodePepper => "code-pepper",
            Self::Identity => "identity",
            Self::Seal => "seal",
            Self::Limit => "limit",
            Self::Known => "known",
            Self::Outgoing => "outgoing",
            Self::Window => "window",
            Self::Record => "record",
        }
    }
}

/// The deployment's master secret. It is never used itself, only what [`MasterKey::derive`] makes of it.
#[derive(Clone)]
pub struct MasterKey(Vec<u8>);

impl MasterKey {
    /// Reads a key from base64, standard or URL alphabet, padded or not; white space around it is dropped.
    ///
    /// # Errors
    /// [`KeyFault`] for anything that is not at least [`MIN_KEY_BYTES`] random-looking, unpublished bytes.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(KeyFault::Missing);
        }
        let text = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
        let bytes = STANDARD_NO_PAD.decode(&text).map_err(|_| KeyFault::NotBase64)?;
        if bytes.len() < MIN_KEY_BYTES {
            return Err(KeyFault::Short);
        }
        if DOCUMENTED_KEYS.contains(&text.as_str()) {
            return Err(KeyFault::Documented);
        }
        if is_guessable(&bytes) {
            return Err(KeyFault::Guessable);
        }
        Ok(Self(bytes))
    }

    /// The key of one agent for one purpose: HKDF-SHA-256 (RFC 5869), no salt, info
    /// `countersign/v1/{purpose}/{agent}`. The same arguments always give the same key.
    pub fn derive(&self, agent: &AgentId, purpose: Purpose) -> [u8; 32] {
        self.expand(&format!("countersign/v1/{}/{agent}", purpose.label()))
    }

    #[expect(clippy::expect_used, reason = "HKDF refuses only outputs over 255 blocks; this is one")]
    fn expand(&self, info: &str) -> [u8; 32] {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(None, &self.0).expand(info.as_bytes(), &mut key).expect("one block");
        key
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Whether bytes were plainly not drawn at random. 32 random bytes fail any of these with a chance under 10^-12.
fn is_guessable(bytes: &[u8]) -> bool {
    let values: BTreeSet<u8> = bytes.iter().copied().collect();
    let steps: BTreeSet<u8> = bytes.iter().zip(bytes.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();
    let is_typed = bytes.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace());
    values.len() < 16 || steps.len() < 8 || is_typed
}

/// The keys under which session tokens are signed: one signs, all verify, so that a rotation signs nobody out.
#[derive(Clone)]
pub struct SigningKeys {
    first: (String, MasterKey),
    older: Vec<(String, MasterKey)>,
}

impl SigningKeys {
    /// Reads `kid1:base64,kid2:base64`; the first one signs. A kid is 1 to 16 of `a-z 0-9`.
    ///
    /// # Errors
    /// [`KeyFault`] of the first entry that is refused.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        if text.trim_ascii().is_empty() {
            return Err(KeyFault::Missing);
        }
        let mut keys = Vec::new();
        for entry in text.split(',') {
            let (kid, key) = entry.trim_ascii().split_once(':').ok_or(KeyFault::BadKid)?;
            if !is_kid(kid) {
                return Err(KeyFault::BadKid);
            }
            let key = MasterKey::parse(key)?;
            if keys.iter().any(|(other, bytes): &(String, MasterKey)| other == kid || bytes.0 == key.0) {
                return Err(KeyFault::Duplicate);
            }
            if keys.len() == MAX_SIGNING_KEYS {
                return Err(KeyFault::TooMany);
            }
            keys.push((kid.to_owned(), key));
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(KeyFault::Missing)?;
        Ok(Self { first, older: keys.collect() })
    }

    /// The kid and the agent's key under which new tokens are signed.
    pub fn signing(&self, agent: &AgentId) -> (&str, [u8; 32]) {
        self.signing_for(agent, Purpose::Session)
    }

    /// As [`SigningKeys::signing`], for tokens of another purpose: one is never taken for the other.
    pub fn signing_for(&self, agent: &AgentId, purpose: Purpose) -> (&str, [u8; 32]) {
        let (kid, key) = &self.first;
        (kid, key.derive(agent, purpose))
    }

    /// The agent's key of this kid, if the kid is still known.
    pub fn derive(&self, kid: &str, agent: &AgentId) -> Option<[u8; 32]> {
        self.derive_for(kid, agent, Purpose::Session)
    }

    /// As [`SigningKeys::derive`], for tokens of another purpose.
    pub fn derive_for(&self, kid: &str, agent: &AgentId, purpose: Purpose) -> Option<[u8; 32]> {
        core::iter::once(&self.first)
            .chain(&self.older)
            .find(|(known, _)| known == kid)
            .map(|(_, key)| key.derive(agent, purpose))
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys(…)")
    }
}

fn is_kid(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
    use rand::rngs::StdRng;
    use rand::{RngCore, SeedableRng};

    use super::{AgentId, DOCUMENTED_KEYS, Engine, KeyFault, MasterKey, Purpose, STANDARD_NO_PAD, SigningKeys};

    fn bytes(seed: u64) -> [u8; 32] {
        let mut bytes = [0; 32];
        StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
        bytes
    }

    fn fault(text: &str) -> KeyFault {
        MasterKey::parse(text).unwrap_err()
    }

    #[test]
    fn every_spelling_of_base64_gives_the_same_key() {
        let agent = AgentId::parse("ag_a").unwrap();
        for seed in 0..50 {
            let raw = bytes(seed);
            let keys: Vec<_> = [
                STANDARD.encode(raw),
                STANDARD_NO_PAD.encode(raw),
                URL_SAFE.encode(raw),
                URL_SAFE_NO_PAD.encode(raw),
                format!(" {}\n", STANDARD.encode(raw)),
            ]
            .iter()
            .map(|text| MasterKey::parse(text).unwrap().derive(&agent, Purpose::Seal))
            .collect();
            assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }

    #[test]
    fn a_weak_key_is_refused_by_its_fault() {
        assert_eq!(fault(""), KeyFault::Missing);
        assert_eq!(fault("  \n"), KeyFault::Missing);
        assert_eq!(fault("not base64!"), KeyFault::NotBase64);
        assert_eq!(fault(&STANDARD.encode(&bytes(1)[..31])), KeyFault::Short);
        assert_eq!(fault(&STANDARD.encode([0; 32])), KeyFault::Guessable);
        assert_eq!(fault(&STANDARD.encode([0xAB; 64])), KeyFault::Guessable);
        assert_eq!(fault(&STANDARD.encode([1, 9, 30, 77, 200, 5, 111, 250].repeat(4))), KeyFault::Guessable);
        let count: Vec<u8> = (0..32).collect();
        assert_eq!(fault(&STANDARD.encode(count)), KeyFault::Guessable);
        assert_eq!(fault(&STANDARD.encode("The quick brown fox jumps over the lazy dog.")), KeyFault::Guessable);
        for key in DOCUMENTED_KEYS {
            assert_eq!(fault(key), KeyFault::Documented);
            assert_eq!(fault(&format!("{}=", key.replace('+', "-").replace('/', "_"))), KeyFault::Documented);
        }
    }

    #[test]
    fn keys_of_two_agents_or_purposes_differ_and_stay() {
        let master = MasterKey::parse(&STANDARD.encode(bytes(1))).unwrap();
        let (a, b) = (AgentId::parse("ag_a").unwrap(), AgentId::parse("ag_b").unwrap());
        let purposes = [
            Purpose::Session,
            Purpose::CodePepper,
            Purpose::Identity,
            Purpose::Seal,
            Purpose::Limit,
            Purpose::Known,
            Purpose::Outgoing,
            Purpose::Window,
        ];
        let mut all = Vec::new();
        for agent in [&a, &b] {
            for purpose in purposes {
                assert_eq!(master.derive(agent, purpose), master.derive(agent, purpose));
                all.push(master.derive(agent, purpose));
            }
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 16);
    }

    #[test]
    fn derivation_is_hkdf_as_rfc_5869_prints_it() {
        // Test case 3 of RFC 5869 (no salt) with its empty info; the first 32 bytes of its output.
        let key = MasterKey(vec![0x0b; 22]).expand("");
        let expected = [
            0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f, 0x71, 0x5f, 0x80, 0x2a, 0x06, 0x3c, 0x5a, 0x31, 0xb8, 0xa1,
            0x1f, 0x5c, 0x5e, 0xe1, 0x87, 0x9e, 0xc3, 0x45, 0x4e, 0x5f, 0x3c, 0x73, 0x8d, 0x2d,
        ];
        assert_eq!(key, expected);
    }

    #[test]
    fn the_first_signing_key_signs_and_all_are_known() {
        let (one, two) = (STANDARD.encode(bytes(1)), STANDARD.encode(bytes(2)));
        let agent = AgentId::parse("ag_a").unwrap();
        let keys = SigningKeys::parse(&format!("k2:{two}, k1:{one}")).unwrap();
        assert_eq!(keys.signing(&agent).0, "k2");
        assert_eq!(keys.derive("k2", &agent), Some(keys.signing(&agent).1));
        assert!(keys.derive("k1", &agent).is_some_and(|key| key != keys.signing(&agent).1));
        assert_eq!(keys.derive("k3", &agent), None);
        assert_eq!(keys.derive("", &agent), None);
    }

    #[test]
    fn a_malformed_list_of_signing_keys_is_refused() {
        let [one, two, three, four, five] = [1, 2, 3, 4, 5].map(|seed| STANDARD.encode(bytes(seed)));
        for (text, expected) in [
            (String::new(), KeyFault::Missing),
            (one.clone(), KeyFault::BadKid),
            (format!(":{one}"), KeyFault::BadKid),
            (format!("K1:{one}"), KeyFault::BadKid),
            (format!("../k:{one}"), KeyFault::BadKid),
            (format!("{}:{one}", "k".repeat(17)), KeyFault::BadKid),
            (format!("k1:{one},"), KeyFault::BadKid),
            ("k1:".to_owned(), KeyFault::Missing),
            (format!("k1:{one},k1:{two}"), KeyFault::Duplicate),
            (format!("k1:{one},k2:{one}"), KeyFault::Duplicate),
            (format!("k1:{one},k2:{two},k3:{three},k4:{four},k5:{five}"), KeyFault::TooMany),
        ] {
            assert_eq!(SigningKeys::parse(&text).unwrap_err(), expected);
        }
        assert!(SigningKeys::parse(&format!("k1:{one},k2:{two},k3:{three},k4:{four}")).is_ok());
    }

    #[test]
    fn debug_output_holds_nothing() {
        let text = STANDARD.encode(bytes(1));
        assert_eq!(format!("{:?}", MasterKey::parse(&text).unwrap()), "MasterKey(…)");
        assert_eq!(format!("{:?}", SigningKeys::parse(&format!("k1:{text}")).unwrap()), "SigningKeys(…)");
    }
}
