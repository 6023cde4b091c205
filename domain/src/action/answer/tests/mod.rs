mod login;

use std::collections::BTreeMap;

use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};

use super::{Read, expires_at, is_secret_field, judge, names_a_credential, prove, read, remember};
use crate::action::{Action, Mapped};
use crate::time::Millis;

fn action(change: &Value) -> Action {
    let mut action = json!({
        "name": "shop_login", "title": "Sign in", "url": "https://api.shop.com/login", "method": "POST",
        "kind": { "is": "login", "remembers": [
            { "name": "user_id", "from": "data.user_id" },
            { "name": "token", "from": "data.token" },
            { "name": "roles", "from": "data.roles" },
        ] },
        "success": "response.success == true && status_code == 200",
        "failure": "response.message",
    });
    for (key, value) in change.as_object().unwrap() {
        action[key] = value.clone();
    }
    serde_json::from_value(action).unwrap()
}

fn shown(change: &Value, status: u16, body: &Value, secrets: &[&str]) -> super::Verdict {
    let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    let mut of = json!({ "kind": { "is": "private" } });
    for (key, value) in change.as_object().unwrap() {
        of[key] = value.clone();
    }
    judge(&action(&of), &read(status, body.to_string().as_bytes()).unwrap(), &secrets)
}

#[test]
fn the_model_sees_what_the_action_shows_and_nothing_else() {
    let shows = json!({ "shows": [{ "name": "title", "from": "data.title" }, { "name": "lines", "from": "data.lines.map(l, l.sku)" }] });
    let body =
        json!({ "success": true, "data": { "title": "Boot", "lines": [{ "sku": "a", "cost": 1 }], "internal": "x" } });
    let verdict = shown(&shows, 200, &body, &[]);
    assert!(verdict.succeeded && verdict.faults.is_empty() && verdict.failure.is_none());
    assert_eq!(json!(verdict.shows), json!({ "title": "Boot", "lines": ["a"] }));
    let verdict =
        shown(&shows, 404, &json!({ "success": false, "message": "No such order", "data": { "title": "T" } }), &[]);
    assert!(!verdict.succeeded && verdict.faults.is_empty(), "what a failure has not got is no fault: {verdict:?}");
    assert_eq!((json!(verdict.shows), verdict.failure.as_deref()), (json!({ "title": "T" }), Some("No such order")));
    let verdict = shown(&shows, 200, &json!({ "success": true, "data": { "title": "T" } }), &[]);
    assert_eq!(verdict.faults.len(), 1, "what a success has not got is one: {verdict:?}");
}

#[test]
fn a_secret_is_hidden_wherever_the_answer_repeats_it() {
    let shows = json!({ "shows": [{ "name": "all", "from": "response" }, { "name": "token", "from": "data.token" }] });
    let body = json!({
        "success": true, "echo": "hunter2!", "inside": "you sent hunter2!", "hunter2!": "a key", "pin": 7_654_321, "number": 1_234_567,
        "short": "abc", "has_short": "xabcx", "data": { "token": "tok-77", "access_token": "x", "password": "y", "keywords": ["k"] },
    });
    let verdict = shown(&shows, 200, &body, &["hunter2!", "1234567", "abc", "tok-77"]);
    assert_eq!(
        json!(verdict.shows),
        json!({ "all": {
            "success": true, "echo": "[hidden]", "inside": "[hidden]", "[hidden]": "a key", "pin": "[hidden]", "number": "[hidden]",
            "short": "[hidden]", "has_short": "xabcx",
            "data": { "token": "[hidden]", "access_token": "[hidden]", "password": "[hidden]", "keywords": ["k"] },
        } })
    );
    assert!(verdict.faults[0].starts_with("shows.token"), "{:?}", verdict.faults);
}

#[test]
fn what_is_shown_ends_at_sixteen_kilobytes() {
    let body = json!({ "success": true, "a": vec!["x".repeat(99); 400], "b": "y".repeat(30_000), "c": { "d": "z".repeat(20_000) } });
    for (from, kept) in [("response.a", 1), ("response.b", 1), ("response.c", 0)] {
        let verdict = shown(&json!({ "shows": [{ "name": "v", "from": from }] }), 200, &body, &[]);
        assert!(json!(verdict.shows).to_string().len() <= 16 * 1024, "{from}");
        assert_eq!((verdict.shows.len(), verdict.faults.len()), (kept, 1), "{from}: {:?}", verdict.faults);
        assert!(verdict.shows.values().all(|value| value.to_string().len() > 1_000), "{from}");
    }
}

#[test]
fn a_failure_is_one_plain_line() {
    let failure = |message: Value| {
        shown(&json!({}), 400, &json!({ "success": false, "message": message }), &["hunter2!"]).failure
    };
    assert_eq!(failure(json!("Wrong\r\n password\t hunter2! ")).as_deref(), Some("Wrong password [hidden]"));
    assert_eq!(failure(json!("hun\u{200b}ter2! is wrong")).as_deref(), Some("[hidden] is wrong"));
    assert_eq!(failure(json!("a\u{202e}b\u{0}c")).as_deref(), Some("ab c"));
    assert_eq!(
        failure(json!("<b>no</b> [x](https://evil.com)")).as_deref(),
        Some("<b>no</b> [x](https://evil.com)"),
        "text, as it is"
    );
    assert_eq!(failure(json!("x".repeat(500))).map(|text| text.len()), Some(200));
    for message in [json!(""), json!(" \n"), json!(null), json!(1), json!({}), json!(["no"])] {
        assert_eq!(failure(message.clone()), None, "{message}");
    }
}

fn kept(mapped: &[(&str, &str)], body: &Value, submitted: &[&str]) -> (BTreeMap<String, Value>, Vec<String>) {
    let mapped: Vec<Mapped> =
        mapped.iter().map(|(name, from)| Mapped { name: (*name).to_owned(), from: (*from).to_owned() }).collect();
    let submitted: Vec<String> = submitted.iter().map(|secret| (*secret).to_owned()).collect();
    let (kept, faults) = remember(&mapped, &read(200, body.to_string().as_bytes()).unwrap(), &submitted);
    (kept, faults.into_iter().map(|fault| fault.name).collect())
}

#[test]
fn a_credential_is_not_kept_by_name_nor_by_value() {
    let body = json!({ "v": "x", "echo": "hunter2!", "inside": "a:hunter2!:b", "pin": 1234, "short": "x1234x", "roles": ["a", "hunter2!"] });
    for name in [
        "password",
        "user_password",
        "passwd",
        "pwd",
        "pin",
        "pin_code",
        "otp",
        "otp_code",
        "secret",
        "client_secret",
        "cvv",
        "card_cvc",
        "passcode",
        "passphrase",
        "password2",
        "oldpassword",
    ] {
        assert_eq!(kept(&[(name, "v")], &body, &[]), (BTreeMap::new(), vec![name.to_owned()]), "{name}");
    }
    for name in ["", "A", "1a", "a-b", "a.b", "ü", "__proto__", "a b", &"a".repeat(65)] {
        assert_eq!(kept(&[(name, "v")], &body, &[]).1, vec![name.to_owned()], "{name}");
    }
    for from in ["echo", "inside", "pin", "string(pin)", "echo + \"x\"", "v + echo"] {
        let (kept, faults) = kept(&[("a", from), ("b", "v")], &body, &["hunter2!", "1234"]);
        assert_eq!((kept, faults), (BTreeMap::from([("b".to_owned(), json!("x"))]), vec!["a".to_owned()]), "{from}");
    }
    assert!(kept(&[("roles", "response.roles")], &body, &["hunter2!"]).0.is_empty());
    assert_eq!(kept(&[("a", "short")], &body, &["1234"]).0.len(), 1, "four characters are in many a text");
    for name in ["shipping", "token", "refresh_token", "name", "spinner", "opinion", "compass"] {
        assert_eq!(kept(&[(name, "v")], &body, &[]).0.len(), 1, "{name}");
    }
}

#[test]
fn only_scalars_are_kept_and_lists_of_texts_as_roles() {
    let body = json!({ "t": "x", "n": 1.5, "b": true, "z": null, "o": {}, "l": ["a"], "m": ["a", 1], "big": "x".repeat(4_095) });
    let (all, faults) = kept(
        &[
            ("t", "t"),
            ("n", "n"),
            ("b", "b"),
            ("z", "z"),
            ("o", "o"),
            ("l", "l"),
            ("roles", "l"),
            ("big", "big"),
            ("gone", "gone"),
        ],
        &body,
        &[],
    );
    assert_eq!(json!(all), json!({ "t": "x", "n": 1.5, "b": true, "roles": ["a"] }));
    assert_eq!(faults, ["o", "l", "big", "gone"]);
    assert_eq!(kept(&[("roles", "m")], &body, &[]).1, ["roles"]);
}

#[test]
fn a_name_tells_what_is_in_a_field() {
    for name in [
        "token",
        "refresh_token",
        "accessToken",
        "api_key",
        "key",
        "secret",
        "client_secret",
        "password",
        "pin",
        "jwt",
        "session_id",
        "cookie",
    ] {
        assert!(is_secret_field(name), "{name}");
    }
    for name in ["email", "name", "user_id", "roles", "plan", "expired_at", "shipping", "city"] {
        assert!(!is_secret_field(name), "{name}");
    }
    assert!(names_a_credential("cardPin") && names_a_credential("OTP") && !names_a_credential("pineapple"));
}

#[test]
fn the_end_of_a_token_is_read_in_every_spelling() {
    let end = Some(Millis(1_795_262_400_000));
    for value in [
        json!(1_795_262_400),
        json!(1_795_262_400_000_u64),
        json!("1795262400"),
        json!("1795262400000"),
        json!(1_795_262_400.0),
        json!("2026-11-21T12:00:00Z"),
        json!("2026-11-21t12:00:00.000z"),
        json!("2026-11-21 12:00:00+00:00"),
        json!("2026-11-21T13:00:00.0+01:00"),
        json!("2026-11-21T06:30:00-05:30"),
        json!(" 2026-11-21T12:00:00Z "),
        json!("2026-11-22T02:00:00+14:00"),
    ] {
        assert_eq!(expires_at(&value), end, "{value}");
    }
    for value in [
        json!(null),
        json!(true),
        json!(""),
        json!("soon"),
        json!(3600),
        json!("3600"),
        json!(0),
        json!(-1),
        json!(1e300),
        json!([1_795_262_400]),
        json!("2026-11-21"),
        json!("2026-11-21T12:00Z"),
        json!("2026-11-21T12:00:00"),
        json!("2026-13-01T00:00:00Z"),
        json!("2026-02-29T00:00:00Z"),
        json!("2026-11-31T00:00:00Z"),
        json!("2026-11-21T24:00:00Z"),
        json!("2026-11-21T12:60:00Z"),
        json!("2026-11-21T12:00:00.Z"),
        json!("2026-11-21T12:00:00+1:00"),
        json!("1969-12-31T23:59:59Z"),
        json!("+026-11-21T12:00:00Z"),
        json!("2026-11-21T12:00:00Zx"),
        json!("99999999999999999999"),
        json!("2026-11-21T12:00:00+"),
        json!("ééééééééééé"),
        json!("1.2.3"),
    ] {
        assert_eq!(expires_at(&value), None, "{value}");
    }
    assert_eq!(
        expires_at(&json!("2028-02-29T00:00:00Z")).map(Millis::rfc3339).as_deref(),
        Some("2028-02-29T00:00:00.000Z")
    );
}

proptest! {
    #[test]
    fn every_instant_is_read_as_it_is_written(ms in 0_u64..253_402_300_799_999) {
        prop_assert!(expires_at(&json!(Millis(ms).rfc3339())) == Some(Millis(ms)));
    }

    #[test]
    fn no_answer_brings_it_down(status: u16, body in any::<Vec<u8>>(), text in any::<String>()) {
        for body in [body, text.clone().into_bytes(), json!({ "success": text, "message": text, "data": { "user_id": text } }).to_string().into_bytes()] {
            if let Ok(read) = read(status, &body) {
                let _ = judge(&action(&json!({})), &read, std::slice::from_ref(&text));
                let _ = expires_at(&read.response);
                let proved = prove(&action(&json!({})), &read, &[]);
                prop_assert!(proved.is_err());
            }
        }
        let _ = expires_at(&json!(text));
    }

    /// The id is the API's own: two ids are one person only where they are one text.
    #[test]
    fn an_id_is_never_changed(id in "\\PC{1,40}") {
        let response = json!({ "success": true, "data": { "user_id": id } });
        if let Ok(proved) = prove(&action(&json!({})), &Read { status: 200, response, json: true }, &[]) {
            prop_assert!(proved.user_id == id);
        }
    }
}
