//! A key that may sign host tokens, read from the settings: `SubjectPublicKeyInfo` (RFC 5280, section 4.1) as PEM (RFC 7468),
//! or a shared secret.
//!
//! The few lines of DER that two kinds of key need are read here: jsonwebtoken's own reader of PEM would bring a parser of
//! all of ASN.1 into the edge, and does not ask how long an RSA key is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey};

use super::MIN_SECRET_BYTES;

/// The fewest bits of an RSA key (NIST SP 800-131A).
const MIN_RSA_BITS: usize = 2_048;

/// The most bits of one: more only costs time.
const MAX_RSA_BITS: usize = 8_192;

/// Before the 65 bytes of a point of P-256: the sequence, `id-ecPublicKey`, `prime256v1`, the bit string (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// `rsaEncryption` with no parameters (RFC 8017, appendix A.1).
const RSA: [u8; 13] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;

/// A key and the one algorithm that it is for.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl Key {
    /// A shared secret, its bytes as they are written. None when it is too short.
    pub(super) fn hs256(secret: &str) -> Option<Self> {
        let key = DecodingKey::from_secret(secret.as_bytes());
        (secret.len() >= MIN_SECRET_BYTES).then_some(Self { algorithm: Algorithm::HS256, key })
    }

    /// A point of P-256, uncompressed.
    pub(super) fn es256(pem: &str) -> Option<Self> {
        let der = from_pem(pem)?;
        let point = der.strip_prefix(&P256)?;
        let is_point = point.len() == 65 && point.first() == Some(&4);
        is_point.then(|| Self { algorithm: Algorithm::ES256, key: DecodingKey::from_ec_der(point) })
    }

    /// An RSA key of 2,048 bits or more.
    pub(super) fn rs256(pem: &str) -> Option<Self> {
        let der = from_pem(pem)?;
        let (outer, rest) = element(&der, SEQUENCE)?;
        let (algorithm, bits) = element(outer, SEQUENCE)?;
        let (bits, after) = element(bits, BIT_STRING)?;
        let (numbers, behind) = element(bits.strip_prefix(&[0])?, SEQUENCE)?;
        let (modulus, exponent) = element(numbers, INTEGER)?;
        let (exponent, last) = element(exponent, INTEGER)?;
        if algorithm != RSA || ![rest, after, behind, last].iter().all(|left| left.is_empty()) {
            return None;
        }
        let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
        let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
        // 3 and 65,537 are what is in use; one would make every signature fit.
        let odd = exponent.last().is_some_and(|last| last % 2 == 1) && exponent != [1];
        let sound = (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) && exponent.len() <= 4 && odd;
        sound
            .then(|| Self { algorithm: Algorithm::RS256, key: DecodingKey::from_rsa_raw_components(modulus, exponent) })
    }
}

/// The bytes between the lines of a public key's PEM.
fn from_pem(pem: &str) -> Option<Vec<u8>> {
    let text = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}

/// The content of the element with this tag at the beginning, and what follows it. Lengths of up to two bytes.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der.strip_prefix(&[tag])? {
        [0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [length @ ..=0x7f, rest @ ..] => (usize::from(*length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}
