//! Twilio's signature and the status of a message (Twilio, "Webhooks security" and "Track the message status").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// Whether `signature` (the header `X-Twilio-Signature`) is Twilio's over this request: base64 of HMAC-SHA-1, keyed with the
/// account's primary auth token, over the address and then each parameter's name and value, sorted, each pair once.
///
/// `url` is the whole address as it was given to Twilio. As Twilio's own libraries do, its other spellings are tried too, with
/// or without the port and with `%27` for an apostrophe: which one is signed depends on what stood in between. An address with `bodySHA256` in its query is
/// that of a JSON body: pass no parameters, and check the body with [`is_body`].
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
pub fn is_signed(auth_token: &str, url: &str, parameters: &[(String, String)], signature: &str) -> bool {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut is_right = Choice::from(0);
    let ports = [url.to_owned(), with_port(url), without_port(url)];
    let quoted = ports.clone().map(|spelling| spelling.replace('\'', "%27"));
    for spelling in ports.into_iter().chain(quoted) {
        let mut mac = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).expect("a key of any length");
        mac.update(spelling.as_bytes());
        for (name, value) in &sorted {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        let expected = STANDARD.encode(mac.finalize().into_bytes());
        is_right |= expected.as_bytes().ct_eq(signature.as_bytes());
    }
    // An empty key signs what anybody can sign.
    bool::from(is_right) && !auth_token.is_empty()
}

/// Whether the SHA-256 of a JSON body is the one in its address's `bodySHA256`.
pub fn is_body(body: &[u8], body_sha256: &str) -> bool {
    let mut expected = String::with_capacity(64);
    for byte in Sha256::digest(body) {
        for nibble in [byte >> 4, byte & 15] {
            expected.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    bool::from(expected.as_bytes().ct_eq(body_sha256.as_bytes()))
}

/// The parts of an address: scheme with `://`, host with port, and the rest.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let scheme = url.find("://")? + 3;
    let (scheme, rest) = url.split_at_checked(scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end)?;
    Some((scheme, host, rest))
}

fn with_port(url: &str) -> String {
    match parts(url) {
        Some((scheme, host, rest)) if !host.contains(':') => {
            let port = if scheme == "https://" { 443 } else { 80 };
            format!("{scheme}{host}:{port}{rest}")
        }
        _ => url.to_owned(),
    }
}

fn without_port(url: &str) -> String {
    match parts(url).and_then(|(scheme, host, rest)| Some((scheme, host.split_once(':')?.0, rest))) {
        Some((scheme, host, rest)) => format!("{scheme}{host}{rest}"),
        None => url.to_owned(),
    }
}

/// Whether a `MessageStatus` says that the message will not arrive.
pub fn is_lost(status: &str) -> bool {
    matches!(status, "failed" | "undelivered" | "canceled")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{is_body, is_lost, is_signed};

    fn parameters(of: &Value) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (name, value) in of.as_object().unwrap() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            all.extend(values.iter().map(|value| (name.clone(), value.as_str().unwrap().to_owned())));
        }
        all
    }

    /// Twilio's example: of its documentation and the tests of its libraries.
    fn example() -> (&'static str, Vec<(String, String)>) {
        let parameters = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        ("https://mycompany.com/myapp.php?foo=1&bar=2", parameters)
    }

    #[test]
    fn a_signature_is_judged_as_in_all_collected_cases() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vendors/signatures/twilio_x_twilio_signature.json");
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert!(cases.len() >= 15);
        for case in cases {
            let text = |name: &str| case[name].as_str().unwrap();
            let judged = is_signed(text("auth_token"), text("url"), &parameters(&case["params"]), text("signature"));
            assert_eq!(judged, case["valid"].as_bool().unwrap(), "{}", text("name"));
        }
    }

    #[test]
    fn a_request_that_differs_in_anything_is_not_signed() {
        let (url, parameters) = example();
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(is_signed("12345", url, &parameters, signature));
        let reversed: Vec<_> = parameters.iter().rev().cloned().collect();
        assert!(is_signed("12345", url, &reversed, signature));
        assert!(!is_signed("12346", url, &parameters, signature));
        assert!(!is_signed("12345", "https://mycompany.com/myapp.php?foo=1&bar=3", &parameters, signature));
        assert!(!is_signed("12345", "https://mycompany.com.evil/myapp.php?foo=1&bar=2", &parameters, signature));
        assert!(!is_signed("12345", url, &parameters[1..], signature));
        for at in 0..parameters.len() {
            let mut changed = parameters.clone();
            changed[at].1.push(' ');
            assert!(!is_signed("12345", url, &changed, signature));
        }
        for signature in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "rsoydt4t1cutdk1pdd93/vvr8b8=", "null"] {
            assert!(!is_signed("12345", url, &parameters, signature));
        }
    }

    #[test]
    fn nothing_is_signed_with_an_empty_token() {
        use base64::Engine as _;
        use hmac::{Hmac, Mac as _};
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"").unwrap();
        mac.update(b"https://a.example/");
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        assert!(!is_signed("", "https://a.example/", &[], &signature));
    }

    #[test]
    fn a_body_is_told_by_its_hash() {
        assert!(is_body(b"{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
        assert!(!is_body(b"{ }", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    }

    #[test]
    fn a_message_is_lost_when_twilio_says_so_and_not_before() {
        for status in ["failed", "undelivered", "canceled"] {
            assert!(is_lost(status));
        }
        for status in ["accepted", "scheduled", "queued", "sending", "sent", "delivered", "read", "", "FAILED"] {
            assert!(!is_lost(status));
        }
    }
}
