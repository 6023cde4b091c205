//! What actions send is signed, so that the site owner's API knows that it comes from here (R58): Standard Webhooks,
//! symmetric signatures.
//!
//! Headers: `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature` (`v1,` and base64). A login action says in
//! the same way from which address the visitor comes (R18): `countersign-client-ip` and its signature, over the same id
//! and time, so that an address cannot be moved to another request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The key as the site owner is shown it and as the libraries of Standard Webhooks take it: `whsec_` and base64.
pub fn shown(key: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

/// `v1,` and the base64 of HMAC-SHA-256 over `{id}.{timestamp}.{text}`. `timestamp` is seconds since the epoch; `text` is
/// the body as it is sent, or the client's address.
///
/// `id` must hold no dot, or two requests could sign the same bytes; ids of ours do not.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
pub fn signature(key: &[u8], id: &str, timestamp: u64, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(format!("{id}.{timestamp}.{text}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value;

    use super::{shown, signature};

    #[test]
    fn a_signature_is_the_one_that_the_vendors_publish() {
        // The example of Standard Webhooks, in the documentation and the tests of its libraries.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(shown(&key), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn a_signature_is_accepted_where_the_collected_cases_say_so() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vendors/signatures/standard_webhooks_svix_resend.json");
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let file: Value = serde_json::from_str(&text).unwrap();
        let vector = &file["vector"];
        let mut judged = 0;
        for case in file["cases"].as_array().unwrap() {
            let field = |name: &str| case.get(name).unwrap_or(&vector[name]).clone();
            let secret = field("secret").as_str().unwrap_or_default().to_owned();
            let Ok(key) = STANDARD.decode(secret.trim_start_matches("whsec_")) else { continue };
            let (Some(id), Some(payload)) =
                (field("id").as_str().map(str::to_owned), field("payload").as_str().map(str::to_owned))
            else {
                continue;
            };
            let ours = signature(&key, &id, vector["timestamp"].as_u64().unwrap(), &payload);
            let header = case["signature_header"].as_str().unwrap_or_default();
            if case["valid"] == Value::Bool(true) {
                assert!(header.split(' ').any(|one| one == ours), "{}", case["name"]);
                judged += 1;
            }
        }
        assert!(judged >= 3, "{judged}");
    }

    #[test]
    fn every_part_changes_the_signature() {
        let one = signature(&[1; 32], "a", 1, "x");
        for other in [
            signature(&[2; 32], "a", 1, "x"),
            signature(&[1; 32], "b", 1, "x"),
            signature(&[1; 32], "a", 2, "x"),
            signature(&[1; 32], "a", 1, "y"),
            signature(&[1; 32], "a", 1, ""),
        ] {
            assert_ne!(one, other);
        }
    }
}
