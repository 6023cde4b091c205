//! Host tokens: what a company signs is read, and what it did not sign is not.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use shared::id::AgentId;

use super::{BadHostToken, MAX_TOKEN_BYTES, Vouched, verify};
use crate::agent::HostKey;
use crate::time::Millis;

const NOW: Millis = Millis(1_795_262_400_000);
const AT: u64 = NOW.0 / 1000;
const SECRET: &str = "a shared secret of more than 32 bytes";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT","kid":"h1"}"#;

fn keys() -> Vec<HostKey> {
    vec![HostKey::Hs256 { kid: "h1".into(), secret: "host".into() }]
}

fn agent() -> AgentId {
    AgentId::parse("ag_a").unwrap()
}

fn secrets() -> BTreeMap<String, String> {
    BTreeMap::from([("host".to_owned(), SECRET.to_owned()), ("short".to_owned(), "x".repeat(31))])
}

fn signed_by(secret: &str, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn signed(header: &str, payload: &str) -> String {
    signed_by(SECRET, header, payload)
}

fn payload() -> Value {
    json!({"sub": "u-42", "aud": "ag_a", "iat": AT, "exp": AT + 300, "jti": "j-1"})
}

/// The payload with these members in place of its own; null takes one away.
#[expect(clippy::needless_pass_by_value, reason = "called with what json! makes on the spot")]
fn with(changes: Value) -> String {
    let mut payload = payload();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            payload.as_object_mut().unwrap().remove(name);
        } else {
            payload[name] = value.clone();
        }
    }
    signed(HEADER, &payload.to_string())
}

fn read(token: &str) -> Result<Vouched, BadHostToken> {
    verify(token, &keys(), &secrets(), &agent(), NOW)
}

fn ann() -> Vouched {
    Vouched { user_id: "u-42".into(), jti: "j-1".into(), email: None, name: None }
}

#[test]
fn what_the_company_signed_is_read() {
    assert_eq!(read(&with(json!({}))), Ok(ann()));
    assert_eq!(read(&signed(r#"{"kid":"h1","alg":"HS256"}"#, &payload().to_string())), Ok(ann()));
    for changes in [
        json!({"aud": ["ag_a"]}),
        json!({"nbf": AT}),
        json!({"iat": AT as f64 - 0.5}),
        json!({"iss": "shop", "scope": "user", "role": {"a": 1}}),
        json!({"sub": null, "user_id": "u-42"}),
        json!({"sub": null, "external_id": "u-42"}),
        json!({"user_id": "u-42", "external_id": "u-42"}),
        json!({"email": "ann@example.com"}),
    ] {
        assert_eq!(read(&with(changes.clone())), Ok(ann()), "{changes}");
    }
}

#[test]
fn an_address_counts_only_where_the_company_says_that_it_verified_it() {
    let email = |changes| read(&with(changes)).unwrap().email.map(|email| email.as_str().to_owned());
    assert_eq!(email(json!({"email": "Ann@Example.com", "email_verified": true})).as_deref(), Some("ann@example.com"));
    for said in [json!("true"), json!(1), json!(false), json!([true]), json!({})] {
        assert_eq!(email(json!({"email": "ann@example.com", "email_verified": said})), None);
    }
    assert_eq!(email(json!({"email": "a@x.example, b@x.example", "email_verified": true})), None);
    assert_eq!(read(&with(json!({"name": " Ann\u{202E}Lee\n"}))).unwrap().name.as_deref(), Some("AnnLee"));
    assert_eq!(read(&with(json!({"name": "  "}))).unwrap().name, None);
    for changes in [json!({"email": ["ann@example.com"]}), json!({"email": 1}), json!({"name": {}})] {
        assert_eq!(read(&with(changes)), Err(BadHostToken::Claims));
    }
}

#[test]
fn nobody_is_no_user() {
    for id in [
        "",
        " ",
        "null",
        "NULL",
        "undefined",
        "NaN",
        "[object Object]",
        "anonymous",
        "a\n",
        " a",
        "a\u{0}b",
        "a\u{200B}",
    ] {
        assert_eq!(read(&with(json!({"sub": id}))), Err(BadHostToken::Claims), "{id:?}");
    }
    for id in [json!(42), json!(["u-42"]), json!({}), json!(true), json!("x".repeat(201))] {
        assert_eq!(read(&with(json!({"sub": id}))), Err(BadHostToken::Claims));
    }
    for changes in [json!({"sub": null}), json!({"user_id": "u-43"}), json!({"sub": "u-42", "external_id": 42})] {
        assert_eq!(read(&with(changes)), Err(BadHostToken::Claims));
    }
    assert_eq!(read(&with(json!({"sub": "x".repeat(200)}))).unwrap().user_id.len(), 200);
}

#[test]
fn a_token_is_for_this_agent_alone() {
    for aud in
        [json!("ag_b"), json!(["ag_a", "ag_b"]), json!([]), json!(1), json!("AG_A"), json!(""), json!([["ag_a"]])]
    {
        assert_eq!(read(&with(json!({"aud": aud}))), Err(BadHostToken::Claims));
    }
    assert_eq!(read(&with(json!({"aud": null}))), Err(BadHostToken::Claims));
}

#[test]
fn a_token_names_itself_so_that_it_is_used_once() {
    for jti in [json!(""), json!(1), json!(["j"]), json!("x".repeat(201)), json!(" j")] {
        assert_eq!(read(&with(json!({"jti": jti}))), Err(BadHostToken::Claims));
    }
    assert_eq!(read(&with(json!({"jti": null}))), Err(BadHostToken::Claims));
}

#[test]
fn clocks_may_differ_by_a_minute_and_not_by_five() {
    let at = |moved: i64, iat: i64, exp: i64| {
        let when = |by: i64| AT.checked_add_signed(by + moved).unwrap();
        read(&with(json!({"iat": when(iat), "exp": when(exp)}))).map(|_| ())
    };
    for (moved, iat, exp, expected) in [
        (0, 0, 300, Ok(())),
        (60, 0, 300, Ok(())),
        (61, 0, 300, Err(BadHostToken::NotYet)),
        (300, 0, 300, Err(BadHostToken::NotYet)),
        (-359, 0, 300, Ok(())),
        (-360, 0, 300, Err(BadHostToken::Expired)),
        (-600, 0, 300, Err(BadHostToken::Expired)),
        (0, 0, 3_600, Ok(())),
        (60, 0, 3_600, Ok(())),
        (0, 0, 3_601, Err(BadHostToken::TooLong)),
        (0, -3_000, 3_000, Err(BadHostToken::TooLong)),
        (0, 0, 86_400, Err(BadHostToken::TooLong)),
        (0, 0, 0, Err(BadHostToken::Claims)),
        (0, 10, 5, Err(BadHostToken::Claims)),
    ] {
        assert_eq!(at(moved, iat, exp), expected, "{moved} {iat} {exp}");
    }
    for changes in [
        json!({"exp": null}),
        json!({"iat": null}),
        json!({"exp": (AT + 300).to_string()}),
        json!({"exp": -1}),
        json!({"iat": 1e300}),
        json!({"nbf": "now"}),
        json!({"nbf": AT + 400}),
    ] {
        assert_eq!(read(&with(changes.clone())), Err(BadHostToken::Claims), "{changes}");
    }
    assert_eq!(read(&with(json!({"nbf": AT + 61}))), Err(BadHostToken::NotYet));
}

#[test]
fn a_header_that_is_not_exactly_ours_is_refused() {
    let good = payload().to_string();
    for header in [
        r#"{"alg":"none","kid":"h1"}"#,
        r#"{"alg":"None","typ":"JWT","kid":"h1"}"#,
        r#"{"alg":"HS384","kid":"h1"}"#,
        r#"{"alg":"hs256","kid":"h1"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":null}"#,
        r#"{"alg":"HS256","kid":["h1"]}"#,
        r#"{"alg":"HS256","kid":"h1","typ":"jwt"}"#,
        r#"{"alg":"HS256","kid":"h1","typ":"session+jwt"}"#,
        r#"{"alg":"HS256","kid":"h1","crit":["exp"]}"#,
        r#"{"alg":"HS256","kid":"h1","jwk":{"kty":"oct","k":"AA"}}"#,
        r#"{"alg":"HS256","kid":"h1","jku":"https://evil.test"}"#,
        r#"{"alg":"HS256","kid":"h1","x5u":"https://evil.test"}"#,
        r#"{"alg":"HS256","kid":"h1","x5c":[]}"#,
        r#"{"alg":"HS256","kid":"h1","b64":false}"#,
        r#"{"alg":"HS256","kid":"h1","cty":"JWT"}"#,
        r#"{"alg":"none","alg":"HS256","kid":"h1"}"#,
        r#"{"alg":"HS256","kid":"x","kid":"h1"}"#,
        r#"["HS256","JWT","h1"]"#,
        "",
        "null",
    ] {
        assert_eq!(read(&signed(header, &good)), Err(BadHostToken::Header), "{header}");
    }
    for header in [r#"{"alg":"HS256","kid":"h2"}"#, r#"{"alg":"HS256","kid":""}"#, r#"{"alg":"HS256","kid":"../host"}"#]
    {
        assert_eq!(read(&signed(header, &good)), Err(BadHostToken::UnknownKey), "{header}");
    }
    for alg in ["ES256", "RS256"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"h1"}}"#);
        assert_eq!(read(&signed(&header, &good)), Err(BadHostToken::Signature), "{alg}");
    }
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    let good = payload().to_string();
    for doubled in [r#""sub":"u-1","#, r#""exp":1,"#, r#""other":1,"other":1,"#] {
        assert_eq!(read(&signed(HEADER, &good.replacen('{', &format!("{{{doubled}"), 1))), Err(BadHostToken::Claims));
    }
    for no_object in ["[]", "1", "null", "\"x\"", "", "{"] {
        assert_eq!(read(&signed(HEADER, no_object)), Err(BadHostToken::Claims), "{no_object}");
    }
}

#[test]
fn what_the_company_did_not_sign_is_refused() {
    let good = with(json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let padded = URL_SAFE.encode(URL_SAFE_NO_PAD.decode(parts[2]).unwrap());
    for token in [
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], padded),
        format!("{good}."),
        format!("{good}.x"),
        format!("{good} "),
        signed_by("another secret of more than 32 bytes.", HEADER, &payload().to_string()),
        signed_by("", HEADER, &payload().to_string()),
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(r#"{"sub":"u-1"}"#), parts[2]),
    ] {
        assert_eq!(read(&token), Err(BadHostToken::Signature), "{token}");
    }
    for token in ["", "null", "undefined", "x", "..", "a.b.c"] {
        assert!(read(token).is_err(), "{token}");
    }
    let long = with(json!({"pad": "x".repeat(MAX_TOKEN_BYTES)}));
    assert_eq!(read(&long), Err(BadHostToken::Size));
}

#[test]
fn a_key_that_is_none_lets_nobody_in() {
    let good = with(json!({}));
    let read = |keys: &[HostKey]| verify(&good, keys, &secrets(), &agent(), NOW);
    let hs256 = |secret: &str| HostKey::Hs256 { kid: "h1".into(), secret: secret.into() };
    assert_eq!(read(&[]), Err(BadHostToken::UnknownKey));
    assert_eq!(read(&[hs256("absent")]), Err(BadHostToken::UnknownKey));
    assert_eq!(read(&[hs256("host"), hs256("host")]), Err(BadHostToken::UnknownKey), "one kid, two keys");
    let short = signed_by(&"x".repeat(31), HEADER, &payload().to_string());
    assert_eq!(verify(&short, &[hs256("short")], &secrets(), &agent(), NOW), Err(BadHostToken::UnknownKey));
    for public in ["", "x", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", P256_PEM] {
        let rs256 = HostKey::Rs256 { kid: "h1".into(), public: public.into() };
        assert_eq!(read(&[rs256]), Err(BadHostToken::UnknownKey));
    }
    let es256 = HostKey::Es256 { kid: "h1".into(), public: RSA_1024_PEM.into() };
    assert_eq!(read(&[es256]), Err(BadHostToken::UnknownKey));
    let small = HostKey::Rs256 { kid: "h1".into(), public: RSA_1024_PEM.into() };
    assert_eq!(read(&[small]), Err(BadHostToken::UnknownKey), "1,024 bits are too few");
    // A public key is no secret: whoever signs HS256 with it is refused.
    let es256 = HostKey::Es256 { kid: "h1".into(), public: P256_PEM.into() };
    let confused = signed_by(P256_PEM, HEADER, &payload().to_string());
    assert_eq!(verify(&confused, &[es256], &secrets(), &agent(), NOW), Err(BadHostToken::Signature));
}

#[test]
fn tokens_of_another_library_are_read() {
    let keys = [
        HostKey::Es256 { kid: "e1".into(), public: P256_PEM.into() },
        HostKey::Rs256 { kid: "r1".into(), public: RSA_2048_PEM.into() },
    ];
    for token in [ES256_TOKEN, RS256_TOKEN] {
        assert_eq!(verify(token, &keys, &secrets(), &agent(), NOW), Ok(ann()));
        let mut broken = token.to_owned();
        let last = broken.len() - 20;
        broken.replace_range(last..=last, if &token[last..=last] == "A" { "B" } else { "A" });
        assert_eq!(verify(&broken, &keys, &secrets(), &agent(), NOW), Err(BadHostToken::Signature));
    }
}

/// Made with Node's `generateKeyPairSync`; the private half was thrown away.
const P256_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJFijMA5gmQczfcqEPC931pqPumJZ\n\
G8CbAn9wOPe9kY6W+VGlyKN/+gxjpEUOT/f6C9iu6ze2AVUJQNNd5jfEug==\n\
-----END PUBLIC KEY-----";
/// Likewise.
const RSA_2048_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAozAPDr9lsEbo2Qdsyrpa\n\
Bgtw0Ds9shVIRHQwnPRXeD4Tk3OtMSWyMBjdLBBK+1bDV2gkDJGlZSc5Hr+ZHgjG\n\
mQqrVhixChHzH9R7EQgFRNW2en6kqC9C30Ror10fSwbjc78C4PK6/tzxUWGHuAQ0\n\
q+yZSX240DETk7dt3sQj8LbRdjxWHzRKV+IBKFgRa/Qe0PpsaOHnKDR6y6DLQ/ut\n\
iQwGGIc+FwUAKf9lcRgTXNIE9kiuRGGkqoR6IT4gusjhF2ieqL227wUCT7u/cXu7\n\
qHuaVgF6a9tcMpGYXcNGxPB3mjxAyFFxt8yVjctPmCpa3eRrb7QAkUdxOkNXd04X\n\
/QIDAQAB\n\
-----END PUBLIC KEY-----";
/// Likewise.
const RSA_1024_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCiDpEOe+faSQdRbdVS/fpU6GzP\n\
SHjVvU9+WRpUAqzvYLQRq9bEWIo28E1J3y2lzLxJl0kTnPRVRRKmBM5NZnMbgUOs\n\
eLXq3ZfYpDr0DK7BX4H42sISnTELfgjuxwN1WsRgAMCrwrSttvQ9tTeihC65bBdK\n\
sS7bdaS5RJdndnMjewIDAQAB\n\
-----END PUBLIC KEY-----";
/// Signed with `jose`.
const ES256_TOKEN: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImUxIn0.eyJzdWIiOiJ1LTQyIiwiYXVkIjoiYWdfYSIsImlhdCI6MTc5NTI2MjQwMCwiZXhwIjoxNzk1MjYyNzAwLCJqdGkiOiJqLTEifQ.PBIwpglqyT6JM99f4Pd4_ImaHO63gVnCR5MpFmeUfwtLNQD3jwnULtD5LPr2GV67ftVQSDyPPBY_B88L6rds5g";
/// Likewise.
const RS256_TOKEN: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIxIn0.eyJzdWIiOiJ1LTQyIiwiYXVkIjoiYWdfYSIsImlhdCI6MTc5NTI2MjQwMCwiZXhwIjoxNzk1MjYyNzAwLCJqdGkiOiJqLTEifQ.i2XOoIlBRYGLkwkW9E9TOhCNiuvoP-xMGvQs5LJHvnIEORgn-_clHCVpk4WksEhueKE-xdjiTAE_PKHmT6Kguvt6qWQm4-BrYGz4mB6rbOkT8s4gN099wUri6m9u2bevhIGn3nWHucJRXUGGGG1VxHZIcYqC69Tg6iBhqR0Q3rbu3AUJPsB5NjJNHsn3XguYI9egI8Z4kmqOBxVam9ImqtjMHQeX_vA9YwX7uy9aX3DmdV0kPAJxb__5GGTusXMLz69jNLLmUSm221YPFDhgXR4kiffcXJliVPza5zWUqqqv86Tj__DwmVs5IegGqh1Ib-5T3C3iKNVxw-Q068GxQw";
