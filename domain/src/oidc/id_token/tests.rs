use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::super::samples::{jwk, key_set, modulus, provider, signed, stranger};
use super::{Expected, Millis, Provider, TokenRefused, Vouched, judge, kid};

const NOW: u64 = 1_795_262_400;
const CLIENT: &str = "1234.apps.googleusercontent.com";
const NONCE: &str = "nonce-of-43-characters-nonce-of-43-characte";

fn claims() -> Value {
    json!({
        "iss": "https://accounts.google.com", "azp": CLIENT, "aud": CLIENT, "sub": "10769150350006150715113082367",
        "email": "ann@example.com", "email_verified": true, "hd": "example.com", "name": "Ann Lee", "picture": "https://example.com/a.png",
        "nonce": NONCE, "iat": NOW, "exp": NOW + 3600, "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "locale": "en",
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut claims = claims();
    for (name, value) in changes {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
            value => claims[*name] = value.clone(),
        }
    }
    claims
}

fn judged(token: &str, now: u64) -> Result<Vouched, TokenRefused> {
    let google = Provider::google();
    let expected = Expected { provider: &google, client_id: CLIENT, nonce: NONCE };
    let keys = key_set();
    let key = keys.get(&kid(token)?).ok_or(TokenRefused::Signature)?.clone();
    judge(token, &key, &expected, Millis(now * 1000))
}

fn of(changes: &[(&str, Value)]) -> Result<Vouched, TokenRefused> {
    judged(&signed(&with(changes)), NOW)
}

/// A token with any header and any signature.
fn raw(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> String) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{signature}")
}

fn rs256(key: &EncodingKey) -> impl Fn(&[u8]) -> String {
    |message| jsonwebtoken::crypto::sign(message, key, Algorithm::RS256).unwrap()
}

#[test]
fn a_token_of_googles_says_who_somebody_is() {
    let ann = Vouched {
        subject: "10769150350006150715113082367".to_owned(),
        email: Some(super::EmailAddress::parse("ann@example.com").unwrap()),
        name: Some("Ann Lee".to_owned()),
    };
    assert_eq!(judged(&signed(&claims()), NOW), Ok(ann.clone()));
    for changes in [
        vec![("iss", json!("accounts.google.com"))],
        vec![("aud", json!([CLIENT]))],
        vec![("aud", json!([CLIENT, "another"]))],
        vec![("azp", Value::Null)],
        vec![("nbf", json!(NOW))],
    ] {
        assert_eq!(of(&changes), Ok(ann.clone()), "{changes:?}");
    }
    assert_eq!(
        ann.remembered().into_iter().collect::<Vec<_>>(),
        [("email".to_owned(), json!("ann@example.com")), ("name".to_owned(), json!("Ann Lee"))]
    );
}

#[test]
fn a_claim_that_is_not_as_it_must_be_is_refused_by_its_reason() {
    use TokenRefused::{Audience, Claims, Issuer, Nonce, Time};
    for (changes, why) in [
        (vec![("iss", json!("https://accounts.google.com.evil.example"))], Issuer),
        (vec![("iss", json!("https://accounts.google.com/"))], Issuer),
        (vec![("iss", json!("http://accounts.google.com"))], Issuer),
        (vec![("iss", json!(["https://accounts.google.com"]))], Claims),
        (vec![("iss", Value::Null)], Claims),
        (vec![("aud", json!("another"))], Audience),
        (vec![("aud", json!(""))], Audience),
        (vec![("aud", json!([]))], Audience),
        (vec![("aud", json!(["another"]))], Audience),
        (vec![("aud", json!([CLIENT, "another"])), ("azp", Value::Null)], Audience),
        (vec![("aud", json!([CLIENT, "another"])), ("azp", json!("another"))], Audience),
        (vec![("azp", json!("another"))], Audience),
        (vec![("azp", json!(1))], Claims),
        (vec![("aud", json!(7))], Claims),
        (vec![("aud", Value::Null)], Claims),
        (vec![("nonce", json!("another"))], Nonce),
        (vec![("nonce", json!(""))], Nonce),
        (vec![("nonce", json!(NONCE.to_uppercase()))], Nonce),
        (vec![("nonce", Value::Null)], Claims),
        (vec![("nonce", json!([NONCE]))], Claims),
        (vec![("exp", json!(NOW - 300))], Time),
        (vec![("exp", json!(0))], Time),
        (vec![("exp", json!(NOW)), ("iat", json!(NOW + 10))], Time),
        (vec![("exp", json!("9999999999"))], Claims),
        (vec![("exp", json!(-1))], Claims),
        (vec![("exp", json!(9.9e9))], Claims),
        (vec![("exp", Value::Null)], Claims),
        (vec![("iat", json!(NOW + 300))], Time),
        (vec![("iat", json!(NOW + 61)), ("exp", json!(NOW + 7200))], Time),
        (vec![("iat", Value::Null)], Claims),
        (vec![("nbf", json!(NOW + 300))], Time),
        (vec![("sub", json!(""))], Claims),
        (vec![("sub", json!(10_769_150))], Claims),
        (vec![("sub", json!(["1"]))], Claims),
        (vec![("sub", json!({"$gt": ""}))], Claims),
        (vec![("sub", json!("x".repeat(256)))], Claims),
        (vec![("sub", json!("1\u{0}2"))], Claims),
        (vec![("sub", json!("ünï"))], Claims),
        (vec![("sub", Value::Null)], Claims),
    ] {
        assert_eq!(of(&changes), Err(why), "{changes:?}");
    }
}

#[test]
fn a_clock_may_be_a_minute_off_and_not_five() {
    for (now, is_taken) in
        [(NOW - 60, true), (NOW - 61, false), (NOW + 3660, true), (NOW + 3661, false), (NOW - 300, false)]
    {
        assert_eq!(judged(&signed(&claims()), now).is_ok(), is_taken, "{now}");
    }
}

#[test]
fn only_the_providers_own_signature_counts() {
    let header = json!({"alg": "RS256", "kid": "k1", "typ": "JWT"});
    let good = raw(&header, &claims(), rs256(&provider()));
    assert!(judged(&good, NOW).is_ok(), "the forgeries below differ from a good token by one thing each");
    let hmac = |secret: Vec<u8>| {
        move |message: &[u8]| {
            jsonwebtoken::crypto::sign(message, &EncodingKey::from_secret(&secret), Algorithm::HS256).unwrap()
        }
    };
    let public = URL_SAFE_NO_PAD.decode(modulus()).unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let other = json!({"sub": "1"});
    let mut forged = vec![
        ("another key".to_owned(), raw(&header, &claims(), rs256(&stranger()))),
        ("unsigned".to_owned(), raw(&header, &claims(), |_| String::new())),
        ("two parts".to_owned(), format!("{}.{}", parts[0], parts[1])),
        ("five parts, as a JWE has".to_owned(), format!("{good}.AAAA.AAAA")),
        ("other claims".to_owned(), raw(&header, &other, |_| parts[2].to_owned())),
        ("a padded signature".to_owned(), format!("{good}=")),
        ("white space".to_owned(), format!(" {good}")),
        ("a cut signature".to_owned(), good[..good.len() - 2].to_owned()),
        ("another kid".to_owned(), raw(&json!({"alg": "RS256", "kid": "k2"}), &claims(), rs256(&provider()))),
        ("no kid".to_owned(), raw(&json!({"alg": "RS256"}), &claims(), rs256(&provider()))),
        ("an empty kid".to_owned(), raw(&json!({"alg": "RS256", "kid": ""}), &claims(), rs256(&provider()))),
        ("a list of kids".to_owned(), raw(&json!({"alg": "RS256", "kid": ["k1"]}), &claims(), rs256(&provider()))),
        ("huge".to_owned(), signed(&with(&[("x", json!("x".repeat(20_000)))]))),
        ("nothing".to_owned(), String::new()),
        ("not text".to_owned(), "a.b.c".to_owned()),
    ];
    for alg in ["none", "None", "NONE", "", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256"] {
        let header = json!({"alg": alg, "kid": "k1"});
        forged.push((format!("{alg}, unsigned"), raw(&header, &claims(), |_| String::new())));
        forged.push((format!("{alg}, by the right key"), raw(&header, &claims(), rs256(&provider()))));
    }
    let hs = json!({"alg": "HS256", "kid": "k1"});
    forged.push(("HMAC by the public key".to_owned(), raw(&hs, &claims(), hmac(public.clone()))));
    forged.push(("HMAC by its text".to_owned(), raw(&hs, &claims(), hmac(modulus().as_bytes().to_vec()))));
    forged.push(("RS256 over an HMAC".to_owned(), raw(&header, &claims(), hmac(public))));
    for (member, value) in [
        ("jku", json!("https://evil.example/jwks")),
        ("jwk", jwk()),
        ("x5u", json!("https://evil.example/x")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("enc", json!("A256GCM")),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
        ("typ", json!("at+jwt")),
    ] {
        let mut header = header.clone();
        header[member] = value;
        forged.push((member.to_owned(), raw(&header, &claims(), rs256(&provider()))));
    }
    assert!(forged.len() >= 25);
    for (what, token) in forged {
        assert!(judged(&token, NOW).is_err(), "{what}");
    }
}

#[test]
fn an_address_counts_only_where_the_provider_says_true() {
    for verified in [json!("true"), json!(false), json!(1), json!("yes"), json!([true]), json!({}), Value::Null] {
        let ann = of(&[("email_verified", verified.clone())]).unwrap();
        assert_eq!(ann.email, None, "{verified}");
        assert_eq!(ann.remembered().keys().collect::<Vec<_>>(), ["name"]);
    }
    for email in
        [json!("nonsense"), json!(["ann@example.com"]), json!("a@x.example, b@x.example"), json!(1), Value::Null]
    {
        assert_eq!(of(&[("email", email.clone())]).unwrap().email, None, "{email}");
    }
    for (name, kept) in [
        (json!("Ann\u{0}\nLee"), Some("Ann  Lee".to_owned())),
        (json!("  "), None),
        (json!(7), None),
        (json!("x".repeat(500)), Some("x".repeat(120))),
    ] {
        assert_eq!(of(&[("name", name.clone())]).unwrap().name, kept, "{name}");
    }
}

/// Whoever left a company keeps the account that they made with its address.
#[test]
fn google_answers_for_its_own_addresses_and_those_of_a_workspace() {
    for (email, hd, is_theirs) in [
        ("ann@gmail.com", json!(null), true),
        ("ann@example.com", json!("example.com"), true),
        ("ann@example.com", json!(null), false),
        ("ann@example.com", json!(""), false),
        ("ann@example.com", json!(true), false),
        ("ann@gmail.com.example.com", json!(null), false),
    ] {
        let ann = of(&[("email", json!(email)), ("hd", hd.clone())]).unwrap();
        assert_eq!(ann.email.is_some(), is_theirs, "{email} {hd}");
    }
}
