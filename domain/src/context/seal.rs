//! Sealing what is kept at rest: AES-256-GCM (NIST SP 800-38D), bound to where it belongs (R55).

use core::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::id::AgentId;

/// In front of every sealed text. A later form gets another one.
const PREFIX: &str = "v1.";
const NONCE_BYTES: usize = 12;

/// Where a sealed value belongs. It is authenticated with the value: copied anywhere else, the value does not open.
#[derive(Debug, Clone, Copy)]
pub struct Aad<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// Whose it is: a person's id, or `agent` for what belongs to the agent itself.
    pub owner: &'a str,
    /// Which field of theirs.
    pub field: &'a str,
}

impl Aad<'_> {
    /// Each part preceded by its length: two different places never give the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = PREFIX.as_bytes().to_vec();
        for part in [self.agent.as_str(), self.owner, self.field] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// A sealed text does not open: damaged, of another key, or of another place. Which of them is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadSeal;

impl fmt::Display for BadSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sealed value does not open")
    }
}

impl core::error::Error for BadSeal {}

/// Seals `plain`: `v1.` and base64url of nonce, ciphertext and tag.
///
/// `nonce` is 12 fresh random bytes for every call: the same one twice under one key would give both texts away.
///
/// # Panics
/// For a text over 64 GiB, which no memory here holds.
#[expect(clippy::expect_used, reason = "AES-GCM refuses only texts over 64 GiB; memory ends before")]
pub fn seal(key: &[u8; 32], nonce: [u8; NONCE_BYTES], aad: &Aad<'_>, plain: &[u8]) -> String {
    let mut bytes = nonce.to_vec();
    let payload = Payload { msg: plain, aad: &aad.bytes() };
    let sealed = Aes256Gcm::new(key.into()).encrypt(&nonce.into(), payload);
    bytes.extend(sealed.expect("under 64 GiB"));
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// Opens what [`seal`] sealed for the same place under the same key.
///
/// # Errors
/// [`BadSeal`] for everything else, the empty text included.
pub fn open(key: &[u8; 32], aad: &Aad<'_>, sealed: &str) -> Result<Vec<u8>, BadSeal> {
    let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(PREFIX).ok_or(BadSeal)?).map_err(|_| BadSeal)?;
    let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(BadSeal)?;
    let payload = Payload { msg, aad: &aad.bytes() };
    Aes256Gcm::new(key.into()).decrypt(nonce.into(), payload).map_err(|_| BadSeal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Aad, AgentId, BadSeal, open, seal};

    const KEY: [u8; 32] = [3; 32];
    const NONCE: [u8; 12] = [5; 12];

    #[test]
    fn a_value_copied_to_another_place_does_not_open() {
        let (a, b) = (AgentId::parse("ag_a").unwrap(), AgentId::parse("ag_b").unwrap());
        let places = [
            Aad { agent: &a, owner: "ann", field: "token" },
            Aad { agent: &b, owner: "ann", field: "token" },
            Aad { agent: &a, owner: "ben", field: "token" },
            Aad { agent: &a, owner: "ann", field: "name" },
            Aad { agent: &a, owner: "annt", field: "oken" },
            Aad { agent: &a, owner: "", field: "anntoken" },
        ];
        for (i, from) in places.iter().enumerate() {
            let sealed = seal(&KEY, NONCE, from, b"secret");
            for (j, to) in places.iter().enumerate() {
                assert_eq!(open(&KEY, to, &sealed).is_ok(), i == j, "{i} to {j}");
            }
            assert_eq!(open(&[4; 32], from, &sealed), Err(BadSeal));
        }
    }

    #[test]
    fn anything_that_was_not_sealed_is_refused() {
        let agent = AgentId::parse("ag_a").unwrap();
        let aad = Aad { agent: &agent, owner: "ann", field: "token" };
        let sealed = seal(&KEY, NONCE, &aad, b"secret");
        assert!(sealed.starts_with("v1.") && !sealed.contains("secret"));
        for text in ["", "v1.", "v1", "v2.", "secret", "v1.AAAA", "v1.!!!!", &sealed[3..], &format!("{sealed}=")] {
            assert_eq!(open(&KEY, &aad, text), Err(BadSeal), "{text:?}");
        }
        for cut in 0..sealed.len() {
            assert_eq!(open(&KEY, &aad, &sealed[..cut]), Err(BadSeal), "{cut}");
        }
        for at in 3..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&KEY, &aad, &String::from_utf8(changed).unwrap()), Err(BadSeal), "{at}");
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..200), key: [u8; 32], nonce: [u8; 12]) {
            let agent = AgentId::parse("ag_a").unwrap();
            let aad = Aad { agent: &agent, owner: "ann", field: "token" };
            prop_assert_eq!(open(&key, &aad, &seal(&key, nonce, &aad, &plain)), Ok(plain));
        }
    }
}
