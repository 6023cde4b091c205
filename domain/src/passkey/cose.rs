//! Public keys and signatures of passkeys (RFC 9052, RFC 9053; Web Authentication Level 3, section 6.5.5).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};

use super::Refused;
use super::cbor::{self, Item};

/// ECDSA with SHA-256; with the curve P-256 alone.
pub const ES256: i32 = -7;
/// RSASSA-PKCS1-v1_5 with SHA-256.
pub const RS256: i32 = -257;

const KEY_TYPE: Item<'static> = Item::Int(1);
const ALGORITHM: Item<'static> = Item::Int(3);
const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;

/// Bytes of an RSA modulus: 2,048 to 4,096 bits.
const MODULUS: core::ops::RangeInclusive<usize> = 256..=512;

/// A public key, of one of the two algorithms.
pub(super) struct PublicKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl PublicKey {
    /// Reads a COSE key. What it may sign with is the key's own algorithm and no other.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let cose = cbor::whole(bytes)?;
        let int = |key: &Item<'_>| cose.get(key).and_then(Item::int);
        let part = |key: i64| cose.get(&Item::Int(key)).and_then(Item::bytes).ok_or(Refused::Key);
        let known = match (int(&KEY_TYPE), int(&ALGORITHM)) {
            (Some(EC2), Some(alg)) if alg == i64::from(ES256) => {
                let (x, y) = (part(-2)?, part(-3)?);
                if int(&Item::Int(-1)) != Some(P256) || x.len() != 32 || y.len() != 32 {
                    return Err(Refused::Key);
                }
                let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
                let key = DecodingKey::from_ec_components(&text(x), &text(y)).map_err(|_| Refused::Key)?;
                Self { algorithm: Algorithm::ES256, key }
            }
            (Some(RSA), Some(alg)) if alg == i64::from(RS256) => {
                let (n, e) = (part(-1)?, part(-2)?);
                // Whole bytes, so that the length is the size; 65537 is what every authenticator uses.
                if !MODULUS.contains(&n.len()) || n.first().is_none_or(|first| *first == 0) || e != [1, 0, 1] {
                    return Err(Refused::Key);
                }
                Self { algorithm: Algorithm::RS256, key: DecodingKey::from_rsa_raw_components(n, e) }
            }
            _ => return Err(Refused::Algorithm),
        };
        // A point that is not on the curve shows when something is verified: now, and not at the first login.
        if known.verify(&[0; 64], b"") == Err(Refused::Key) {
            return Err(Refused::Key);
        }
        Ok(known)
    }

    /// The algorithm's number in COSE.
    pub(super) fn algorithm(&self) -> i32 {
        if self.algorithm == Algorithm::ES256 { ES256 } else { RS256 }
    }

    /// Checks a signature as authenticators write it: DER for ES256, plain for RS256.
    pub(super) fn check(&self, signature: &[u8], message: &[u8]) -> Result<(), Refused> {
        match self.algorithm {
            Algorithm::ES256 => self.verify(&fixed(signature).ok_or(Refused::Signature)?, message),
            _ => self.verify(signature, message),
        }
    }

    fn verify(&self, signature: &[u8], message: &[u8]) -> Result<(), Refused> {
        let text = URL_SAFE_NO_PAD.encode(signature);
        match crate::jwt::verify(&text, message, &self.key, self.algorithm) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refused::Signature),
            Err(_) => Err(Refused::Key),
        }
    }
}

/// An ECDSA signature from DER (RFC 3279, section 2.2.3) to r and s, 32 bytes each. Strict: one way to write a signature.
fn fixed(der: &[u8]) -> Option<[u8; 64]> {
    // Never over 72 bytes, so every length is one byte.
    let [0x30, length, rest @ ..] = der else { return None };
    if usize::from(*length) != rest.len() || *length > 0x7f {
        return None;
    }
    let (r, rest) = integer(rest)?;
    let (s, rest) = integer(rest)?;
    if !rest.is_empty() {
        return None;
    }
    let mut out = [0; 64];
    let (high, low) = out.split_at_mut(32);
    high.copy_from_slice(&r);
    low.copy_from_slice(&s);
    Some(out)
}

/// A positive integer of at most 32 bytes in its shortest form, and what comes after it.
fn integer(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    let [0x02, length, rest @ ..] = der else { return None };
    let (bytes, rest) = rest.split_at_checked(usize::from(*length))?;
    let digits = match bytes {
        // A zero in front is there when the next bit would make the number negative, and else not.
        [0, next, ..] if next & 0x80 != 0 => bytes.get(1..)?,
        [first, ..] if *first != 0 && first & 0x80 == 0 => bytes,
        _ => return None,
    };
    let mut out = [0; 32];
    out.get_mut(32_usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some((out, rest))
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn a_signature_has_one_spelling() {
        let mut good = vec![0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02];
        let read = fixed(&good).unwrap();
        assert_eq!((read[31], read[63], read.iter().filter(|byte| **byte != 0).count()), (1, 2, 2));
        good.push(0);
        for bad in [
            &good[..],
            &[],
            &[0x30],
            &[0x30, 0x00],
            &[0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],
            &[0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x02],
            &[0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x02],
            &[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x02],
            &[0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x02],
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x03, 0x01, 0x02],
            &[0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02],
            &[0x30, 0x03, 0x02, 0x01, 0x01],
            &[0x30, 0x06, 0x02, 0x7f, 0x01, 0x02, 0x01, 0x02],
        ] {
            assert!(fixed(bad).is_none(), "{bad:02x?}");
        }
        let long: Vec<u8> = [&[0x30, 0x26, 0x02, 0x21, 0x01][..], &[7; 32], &[0x02, 0x01, 0x01]].concat();
        assert!(fixed(&long).is_none());
    }
}
