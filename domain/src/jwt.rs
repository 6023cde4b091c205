//! The signatures of tokens (RFC 7515, RFC 7518): HS256, ES256 and RS256, and no others.
//!
//! `jsonwebtoken` reads and writes the tokens; the arithmetic is RustCrypto's. Its own choice of algorithms brings three
//! more curves and RSA's private side, of which nothing here has any use: what is not in the program cannot be asked for,
//! and it is a tenth of the edge's size (decision 0019).

use hmac::{Hmac, Mac as _};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result};
use jsonwebtoken::signature::{Error as BadSignature, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey, Header, Validation};
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// The fewest bits of an RSA key (RFC 7518, section 3.3).
pub const MIN_RSA_BITS: usize = 2048;

/// As [`jsonwebtoken::encode`]. HS256 alone is signed here.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn encode<T: Serialize>(header: &Header, claims: &T, key: &EncodingKey) -> Result<String> {
    provide();
    jsonwebtoken::encode(header, claims, key)
}

/// Why the claims of a token are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The signature fits, the claims are not of this shape.
    Claims,
    /// Anything else: the signature does not fit, or the token has not three parts of strict base64url.
    Signature,
}

/// The claims of a token whose signature, by this algorithm (HS256, ES256 or RS256) under this key, fits. Nothing else of it
/// was looked at: `jsonwebtoken`'s own checks of times ask the system's clock, and those of issuer and audience take an
/// absent one or a list too. Whoever calls says in `T` what must be there, and compares it.
///
/// # Errors
/// [`Unread`].
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn claims<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> core::result::Result<T, Unread> {
    provide();
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(token, key, &validation).map(|data| data.claims).map_err(|error| match error.kind() {
        ErrorKind::Json(_) => Unread::Claims,
        _ => Unread::Signature,
    })
}

/// As [`jsonwebtoken::crypto::verify`]: a signature, base64url, over a message.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn verify(signature: &str, message: &[u8], key: &DecodingKey, algorithm: Algorithm) -> Result<bool> {
    provide();
    jsonwebtoken::crypto::verify(signature, message, key, algorithm)
}

/// Another call finds it done.
fn provide() {
    static PROVIDER: CryptoProvider =
        CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };
    let _ = PROVIDER.install_default();
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the library's signature")]
fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    match algorithm {
        Algorithm::HS256 if key.family() == AlgorithmFamily::Hmac => Ok(Box::new(Hs256::new(key.as_bytes())?)),
        #[cfg(test)]
        _ => (jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.signer_factory)(algorithm, key),
        #[cfg(not(test))]
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the library's signature")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)?)),
        (Algorithm::ES256, AlgorithmFamily::Ec) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.try_get_as_bytes()?);
            Ok(Box::new(Es256(key.map_err(|_| ErrorKind::InvalidEcdsaKey)?)))
        }
        (Algorithm::RS256, AlgorithmFamily::Rsa) => Ok(Box::new(Rs256(rsa_key(key)?))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn rsa_key(key: &DecodingKey) -> Result<RsaPublicKey> {
    let bad = || Error::from(ErrorKind::InvalidRsaKey("not a public key of 2,048 bits".to_owned()));
    let key = match key.kind() {
        DecodingKeyKind::SecretOrDer(der) => RsaPublicKey::from_pkcs1_der(der).map_err(|_| bad())?,
        DecodingKeyKind::RsaModulusExponent { n, e } => {
            RsaPublicKey::new(BigUint::from_bytes_be(n), BigUint::from_bytes_be(e)).map_err(|_| bad())?
        }
    };
    if key.n().bits() < MIN_RSA_BITS { Err(bad()) } else { Ok(key) }
}

/// HMAC with SHA-256 (RFC 7518, section 3.2).
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> Result<Self> {
        Hmac::new_from_slice(key).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> core::result::Result<Vec<u8>, BadSignature> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> core::result::Result<(), BadSignature> {
        // Compared in constant time.
        self.0.clone().chain_update(message).verify_slice(signature).map_err(BadSignature::from_source)
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

/// ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4).
struct Es256(p256::ecdsa::VerifyingKey);

impl Verifier<Vec<u8>> for Es256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> core::result::Result<(), BadSignature> {
        self.0.verify(message, &p256::ecdsa::Signature::from_slice(signature)?)
    }
}

impl JwtVerifier for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3).
struct Rs256(RsaPublicKey);

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> core::result::Result<(), BadSignature> {
        let digest = Sha256::digest(message);
        self.0.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, signature).map_err(BadSignature::from_source)
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
    use serde_json::{Value, json};

    use super::{claims, encode};

    /// RFC 7515, appendices A.1 and A.3.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        let hs = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let hs_key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let es = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let (x, y) = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let hs_key = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, hs_key).unwrap();
        for (algorithm, token, key) in [
            (Algorithm::HS256, hs, DecodingKey::from_secret(&hs_key)),
            (Algorithm::ES256, es, DecodingKey::from_ec_components(x, y).unwrap()),
        ] {
            let read: Value = claims(token, &key, algorithm).unwrap();
            assert_eq!(read["iss"], "joe");
            let last = token.len() - 2;
            let broken = format!(
                "{}{}{}",
                &token[..last],
                if &token[last..=last] == "A" { "B" } else { "A" },
                &token[last + 1..]
            );
            assert!(claims::<Value>(&broken, &key, algorithm).is_err(), "{algorithm:?}");
        }
    }

    #[test]
    fn no_other_algorithm_is_there() {
        let secret = [7; 64];
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            let token = encode(&Header::new(algorithm), &json!({}), &EncodingKey::from_secret(&secret)).unwrap();
            assert!(claims::<Value>(&token, &DecodingKey::from_secret(&secret), algorithm).is_err());
        }
        let token = encode(&Header::new(Algorithm::HS256), &json!({}), &EncodingKey::from_secret(&secret)).unwrap();
        assert!(claims::<Value>(&token, &DecodingKey::from_secret(&secret), Algorithm::HS256).is_ok());
        assert!(claims::<Value>(&token, &DecodingKey::from_secret(&[8; 64]), Algorithm::HS256).is_err());
    }

    #[test]
    fn a_short_rsa_key_verifies_nothing() {
        // 512 bits: the modulus is an odd number of that size, which is all that is looked at before it is refused.
        let key = DecodingKey::from_rsa_raw_components(&[0xff; 64], &[1, 0, 1]);
        let token = format!("eyJhbGciOiJSUzI1NiJ9.e30.{}", "A".repeat(86));
        assert!(claims::<Value>(&token, &key, Algorithm::RS256).is_err());
    }
}
