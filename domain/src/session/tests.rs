//! Tokens from outside: forged, moved, early and late.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use proptest::prelude::{any, prop_assert, proptest};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384};
use shared::card::Method;
use shared::id::{AgentId, ConversationId, PersonId, SessionId};

use super::{BadToken, MAX_TOKEN_BYTES, Token, sign, verify};
use crate::keys::SigningKeys;
use crate::time::Millis;

const ISSUER: &str = "https://chat.example";
const NOW: Millis = Millis(1_795_262_400_000);
const AT: u64 = NOW.0 / 1000;

fn entry(kid: &str, seed: u64) -> String {
    let mut bytes = [0; 32];
    StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    format!("{kid}:{}", STANDARD.encode(bytes))
}

fn keys() -> SigningKeys {
    SigningKeys::parse(&entry("k1", 1)).unwrap()
}

fn agent() -> AgentId {
    AgentId::parse("ag_a").unwrap()
}

fn conversation(of: &str) -> ConversationId {
    ConversationId::new(&AgentId::parse(of).unwrap(), &"c".repeat(22)).unwrap()
}

fn visit() -> Token {
    let sid = SessionId::parse(&"s".repeat(22)).unwrap();
    Token::visit(ISSUER, conversation("ag_a"), sid, NOW, 3600).unwrap()
}

fn session() -> Token {
    let (sid, person) = (SessionId::parse(&"s".repeat(22)).unwrap(), PersonId::parse(&"p".repeat(43)).unwrap());
    Token::session(ISSUER, conversation("ag_a"), sid, person, (Method::EmailCode, NOW), NOW, 3600).unwrap()
}

fn read(token: &str) -> Result<Token, BadToken> {
    verify(token, &keys(), &agent(), ISSUER, NOW)
}

/// Signs any header and payload with the agent's true key: what remains to be refused is the content.
fn signed(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mut mac = Hmac::<Sha256>::new_from_slice(&keys().derive("k1", &agent()).unwrap()).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

const HEADER: &str = r#"{"typ":"session+jwt","alg":"HS256","kid":"k1"}"#;

fn payload() -> Value {
    json!({
        "iss": ISSUER, "aud": "ag_a", "sub": "p".repeat(43), "sid": "s".repeat(22),
        "conv": format!("ag_a.{}", "c".repeat(22)), "iat": AT, "nbf": AT, "exp": AT + 3600,
        "auth_time": AT, "amr": ["otp"],
    })
}

fn with(name: &str, value: Value) -> String {
    let mut payload = payload();
    payload[name] = value;
    signed(HEADER, &payload.to_string())
}

#[test]
fn what_is_signed_is_read_back() {
    for token in [visit(), session()] {
        assert_eq!(read(&sign(&token, &keys(), &agent())), Ok(token));
    }
    assert_eq!(read(&signed(HEADER, &payload().to_string())), Ok(session()), "the forger's own tools work");
    assert_eq!(session().expires_at(), NOW.plus_hours(1));
    assert!(visit().person().is_none() && session().person().is_some());
}

#[test]
fn a_token_holds_the_claims_of_the_protocol_and_no_others() {
    let token = sign(&session(), &keys(), &agent());
    let parts: Vec<Value> = token
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0], serde_json::from_str::<Value>(HEADER).unwrap());
    assert_eq!(parts[1], payload());
    assert!(token.len() < 700, "{}", token.len());
}

#[test]
fn a_forged_header_is_refused() {
    let good = payload().to_string();
    let mut tried = 0;
    for header in [
        r#"{"typ":"session+jwt","alg":"none","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"None","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"hs256","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"HS384","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"HS512","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"RS256","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"ES256","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"EdDSA","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":["HS256"],"kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":null,"kid":"k1"}"#,
        r#"{"typ":"session+jwt","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"HS256"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":null}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":""}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k2"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"K1"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"../../dev/null"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1' OR '1'='1"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":["k1"]}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","alg":"none","kid":"k1"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","jwk":{"kty":"oct","k":"AAAA"}}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","jwk":null}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","jku":"https://evil.example/jwks"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","x5u":"https://evil.example/x"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","x5c":["AAAA"]}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","crit":["exp"],"exp":1}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","crit":[]}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","b64":false,"crit":["b64"]}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","cty":"JWT"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1","zip":"DEF"}"#,
        r#"{"typ":"session+jwt","alg":"HS256","kid":"k1"} x"#,
        r#"{"typ":"JWT","alg":"HS256","kid":"k1"}"#,
        r#"{"typ":"SESSION+JWT","alg":"HS256","kid":"k1"}"#,
        r#"{"typ":"application/session+jwt","alg":"HS256","kid":"k1"}"#,
        r#"{"typ":"visit+jwt","alg":"HS256","kid":"k1"}"#,
        r#"{"alg":"HS256","kid":"k1"}"#,
        r#"["session+jwt","HS256","k1"]x"#,
        "null",
        "",
    ] {
        assert!(read(&signed(header, &good)).is_err(), "{header}");
        tried += 1;
    }
    assert!(tried >= 30);
}

#[test]
fn a_forged_claim_is_refused() {
    let other = || Value::from("x".repeat(22));
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!("https://chat.example/")),
        ("iss", json!([ISSUER])),
        ("iss", Value::Null),
        ("aud", json!("ag_b")),
        ("aud", json!(["ag_a"])),
        ("aud", json!(["ag_a", "ag_b"])),
        ("aud", json!("")),
        ("aud", Value::Null),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("sub", json!("ann@example.com")),
        ("sub", json!(7)),
        ("sub", other()),
        ("sid", json!("")),
        ("sid", Value::Null),
        ("sid", json!("short")),
        ("conv", json!(format!("ag_b.{}", "c".repeat(22)))),
        ("conv", json!("ag_a.")),
        ("conv", Value::Null),
        ("exp", json!(AT.to_string())),
        ("exp", json!(AT as f64 + 3600.0)),
        ("exp", json!(AT as f64 + 0.5)),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", Value::Null),
        ("exp", json!(AT - 3600)),
        ("exp", json!(0)),
        ("exp", json!(AT)),
        ("nbf", json!(AT + 3000)),
        ("nbf", json!("0")),
        ("iat", json!(AT + 3000)),
        ("iat", json!(-5)),
        ("iat", json!(true)),
        ("auth_time", json!(AT + 1)),
        ("auth_time", Value::Null),
        ("amr", json!([])),
        ("amr", json!("otp")),
        ("amr", json!(vec!["otp"; 5])),
        ("amr", json!(["OTP "])),
        ("amr", json!([null])),
        ("admin", json!(true)),
        ("email", json!("ann@example.com")),
    ] {
        let token = with(name, value.clone());
        assert!(read(&token).is_err(), "{name}: {value}");
    }
    for name in ["iss", "aud", "sub", "sid", "conv", "iat", "nbf", "exp", "auth_time", "amr"] {
        let mut payload = payload();
        payload.as_object_mut().unwrap().remove(name);
        assert_eq!(read(&signed(HEADER, &payload.to_string())), Err(BadToken::Claims), "without {name}");
        let doubled = format!(r#"{{"{name}":{},{}"#, self::payload()[name], &self::payload().to_string()[1..]);
        assert_eq!(read(&signed(HEADER, &doubled)), Err(BadToken::Claims), "{name} twice");
    }
    for payload in ["", "null", "[]", "{}", "1", "\"\"", "{\"exp\":99999999999}"] {
        assert!(read(&signed(HEADER, payload)).is_err(), "{payload}");
    }
}

#[test]
fn a_visit_is_no_session_and_names_its_own_conversation() {
    let header = r#"{"typ":"visit+jwt","alg":"HS256","kid":"k1"}"#;
    let mut claims = payload();
    let object = claims.as_object_mut().unwrap();
    object.remove("auth_time");
    object.remove("amr");
    object.insert("sub".to_owned(), "c".repeat(22).into());
    assert_eq!(read(&signed(header, &claims.to_string())), Ok(visit()));
    assert!(read(&signed(HEADER, &claims.to_string())).is_err(), "as a session");
    for sub in ["d".repeat(22), String::new(), "p".repeat(43)] {
        claims["sub"] = sub.into();
        assert_eq!(read(&signed(header, &claims.to_string())), Err(BadToken::Claims));
    }
}

#[test]
fn a_damaged_token_is_refused() {
    let token = sign(&session(), &keys(), &agent());
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    // The last character of 32 bytes in base64 has two bits that say nothing: any other spelling is refused.
    let (body, last) = signature.split_at(42);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for other in alphabet.chars().filter(|c| !last.starts_with(*c)) {
        assert!(read(&format!("{header}.{payload}.{body}{other}")).is_err(), "{other}");
    }
    for forged in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}A"),
        format!("{header}.{payload}.{}", URL_SAFE.encode([0; 32])),
        token.replace('.', ".."),
        token.to_uppercase(),
        "a".repeat(MAX_TOKEN_BYTES + 1),
        format!("{header}.{}.{signature}", "A".repeat(1_000_000)),
        "null".to_owned(),
        "undefined".to_owned(),
    ] {
        assert!(read(&forged).is_err(), "{}", &forged[..forged.len().min(80)]);
    }
    for cut in 0..token.len() {
        assert!(read(&token[..cut]).is_err(), "cut at {cut}");
    }
    assert_eq!(read(&"a".repeat(MAX_TOKEN_BYTES + 1)), Err(BadToken::TooLarge));
}

#[test]
fn a_signature_of_any_other_key_is_refused() {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload().to_string()));
    let other_agent = keys().derive("k1", &AgentId::parse("ag_b").unwrap()).unwrap();
    for key in [&b""[..], b"secret", b"k1", &[0; 32], &other_agent, ISSUER.as_bytes()] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message.as_bytes());
        let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        assert_eq!(read(&forged), Err(BadToken::Signature));
    }
    let mut mac = Hmac::<Sha384>::new_from_slice(&keys().derive("k1", &agent()).unwrap()).unwrap();
    mac.update(message.as_bytes());
    let digest = mac.finalize().into_bytes();
    assert!(read(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(digest))).is_err());
    assert!(read(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(&digest[..32]))).is_err());
}

#[test]
fn a_token_of_another_agent_or_edge_is_refused() {
    let token = sign(&session(), &keys(), &agent());
    let other = AgentId::parse("ag_b").unwrap();
    assert_eq!(verify(&token, &keys(), &other, ISSUER, NOW), Err(BadToken::Signature));
    assert_eq!(verify(&token, &keys(), &agent(), "https://other.example", NOW), Err(BadToken::Claims));
    assert_eq!(verify(&token, &keys(), &agent(), "", NOW), Err(BadToken::Claims));
    let visit = sign(&visit(), &keys(), &agent());
    assert_eq!(verify(&visit, &keys(), &agent(), "https://other.example", NOW), Err(BadToken::Claims));
    let misplaced = sign(&session(), &keys(), &other);
    assert!(verify(&misplaced, &keys(), &other, ISSUER, NOW).is_err());
}

#[test]
fn a_rotation_signs_nobody_out_and_a_retired_key_does() {
    let rotated = SigningKeys::parse(&format!("{},{}", entry("k2", 2), entry("k1", 1))).unwrap();
    let retired = SigningKeys::parse(&entry("k2", 2)).unwrap();
    let reused = SigningKeys::parse(&entry("k1", 3)).unwrap();
    let old = sign(&session(), &keys(), &agent());
    let new = sign(&session(), &rotated, &agent());
    let is_good = |token: &str, keys: &SigningKeys| verify(token, keys, &agent(), ISSUER, NOW).is_ok();
    assert!(is_good(&old, &rotated) && is_good(&new, &rotated) && is_good(&new, &retired));
    assert_eq!(verify(&old, &retired, &agent(), ISSUER, NOW), Err(BadToken::UnknownKey));
    assert_eq!(verify(&new, &keys(), &agent(), ISSUER, NOW), Err(BadToken::UnknownKey));
    assert_eq!(verify(&old, &reused, &agent(), ISSUER, NOW), Err(BadToken::Signature));
}

#[test]
fn clocks_may_be_a_minute_apart_and_no_more() {
    let token = sign(&session(), &keys(), &agent());
    let end = AT + 3600;
    for (at, expected) in [
        (AT - 300, Err(BadToken::NotYet)),
        (AT - 61, Err(BadToken::NotYet)),
        (AT - 60, Ok(())),
        (AT - 59, Ok(())),
        (AT, Ok(())),
        (end - 1, Ok(())),
        (end, Ok(())),
        (end + 59, Ok(())),
        (end + 60, Err(BadToken::Expired)),
        (end + 61, Err(BadToken::Expired)),
        (end + 300, Err(BadToken::Expired)),
        (0, Err(BadToken::NotYet)),
        (u64::MAX / 1000, Err(BadToken::Expired)),
    ] {
        let result = verify(&token, &keys(), &agent(), ISSUER, Millis(at * 1000)).map(drop);
        assert_eq!(result, expected, "{}", i128::from(at) - i128::from(AT));
    }
}

proptest! {
    #[test]
    fn one_changed_byte_is_refused(at in any::<proptest::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let token = sign(&session(), &keys(), &agent());
        let at = at.index(token.len());
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        prop_assert!(changed == token || read(&changed).is_err());
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        prop_assert!(read(&text).is_err());
    }
}
