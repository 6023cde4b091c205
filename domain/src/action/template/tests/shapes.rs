//! R50 by its definition: whatever the values are, the request has the template's shape.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use url::Url;

use super::{World, action, values};
use crate::action::Action;
use crate::action::address::Allowed;
use crate::action::template::{Prepared, prepare};
use crate::action::value::Values;

/// Says what a value broke, by the definition of R50; nothing when it was refused or stands where it should, as it is.
fn broken(action: &Action, world: &World, values: &Values) -> Option<&'static str> {
    // As the checks of values left it: trimmed.
    let value = values.text("street")?;
    // All places at once; where one of them refuses, each by itself, for it must not hide the others.
    for (change, whole) in [("", true), ("url", false), ("headers", false), ("body", false)] {
        let mut part = action.clone();
        if !whole && change != "url" {
            part.url = "https://api.shop.com/".to_owned();
        }
        if !whole && change != "headers" {
            part.headers.clear();
        }
        if !whole && change != "body" {
            part.body = Value::Null;
        }
        let Ok(request) = prepare(&part, values, &world.known(), &Allowed::default()) else {
            if change == "body" {
                return Some("a body refused a value");
            }
            continue;
        };
        let fault = broken_request(&part, &request, &value);
        if whole || fault.is_some() {
            return fault;
        }
    }
    None
}

fn broken_request(part: &Action, request: &Prepared, value: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(&request.url) else { return Some("not a URL") };
    if (url.scheme(), url.host_str(), url.port(), url.username()) != ("https", Some("api.shop.com"), None, "") {
        return Some("another host");
    }
    if url.fragment().is_some() {
        return Some("a fragment");
    }
    if part.url.contains("<order>") {
        let segments: Vec<&str> = url.path_segments().into_iter().flatten().collect();
        if segments.len() != 5 || segments[..4] != ["v1", "customers", "u_1", "orders"] {
            return Some("other segments");
        }
        let raw = segments[4].replace('+', "%2B");
        let decoded =
            url::form_urlencoded::parse(format!("x={raw}").as_bytes()).next().map(|(_, text)| text.into_owned());
        if decoded.as_deref() != Some(value) {
            return Some("another segment");
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let wanted =
            [("note", value), ("fixed", "1"), ("street", value)].map(|(key, value)| (key.to_owned(), value.to_owned()));
        if pairs != wanted {
            return Some("other query pairs");
        }
    }
    if !part.headers.is_empty() {
        let names = request.headers.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "content-type");
        if !names.eq(["Authorization", "X-Key", "X-Note"]) || request.headers[2].1 != value {
            return Some("other headers");
        }
        if request.headers.iter().any(|(_, value)| !value.bytes().all(|b| (b' '..=b'~').contains(&b))) {
            return Some("a header of more than one line");
        }
    }
    if let Some(body) = &request.body {
        let wanted = json!({
            "order": value,
            "customer": { "id": "u_1", "roles": ["a", "b"] },
            "lines": [value, format!("to {value}, {value}!"), { "text": "x" }, 7, null, true],
            "<": "a < b > c", "b": "</b><B> {x} }}",
        });
        if serde_json::from_str::<Value>(body).ok() != Some(wanted) {
            return Some("another body");
        }
    }
    None
}

const NASTY: &[&str] = &[
    "\"",
    "\\",
    "\"}",
    "\",\"admin\":true,\"x\":\"",
    "\\\"",
    "\\u0022",
    "\u{2028}",
    "'",
    "`",
    "}}",
    "{{",
    "<order>",
    "<street>",
    "{{context.token}}",
    "{{secret.api_key}}",
    "{{step.challenge}}",
    "${x}",
    "#{x}",
    "%s",
    "%00",
    "%0d%0a",
    "\r\n",
    "\n",
    "\0",
    "\t",
    "/",
    "//",
    "/../",
    "..",
    ".",
    "%2e%2e%2f",
    "%252e",
    "\\..\\",
    ";",
    "..;",
    "?",
    "&",
    "&admin=1",
    "=",
    "#",
    "@",
    ":",
    "@evil.com",
    "//evil.com",
    "https://evil.com/",
    "+",
    "%",
    "%%",
    "%zz",
    " ",
    "  ",
    "é",
    "😀",
    "\u{202e}",
    "\u{feff}",
    "\u{200b}",
    "\u{ff0e}",
    "\u{ff0f}",
    "\u{0}",
    "null",
    "true",
    "1",
    "-1",
    "1e999",
    "[]",
    "{}",
    "[1,2]",
    "\u{10ffff}",
    "\u{85}",
    "x-evil: 1",
    "Ｎ",
    "ﬁ",
    "%c0%af",
    "a\u{301}",
];

/// Draws a value: nasty pieces, random characters of every plane, and both in a row.
fn draw(random: &mut SmallRng, corpus: &[String]) -> String {
    let mut value = String::new();
    for _ in 0..random.random_range(1..6) {
        match random.random_range(0..4) {
            0 => value.push_str(NASTY[random.random_range(0..NASTY.len())]),
            1 if !corpus.is_empty() => value.push_str(&corpus[random.random_range(0..corpus.len())]),
            2 => value.extend((0..random.random_range(0..8)).map(|_| char::from(random.random_range(0..128_u8)))),
            _ => value.extend(
                (0..random.random_range(0..6)).filter_map(|_| char::from_u32(random.random_range(0..0x11_0000))),
            ),
        }
    }
    value
}

/// The Big List of Naughty Strings, where the shared folder is at hand.
fn corpus() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vendors/security/blns.json");
    std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Of `count` values that were filled in, how many changed a shape; and what else there is to tell. What the checks of
/// values refuse (control characters, blanks) is drawn again, or it would be counted as held.
fn try_values(count: u64) -> (u64, String) {
    let (action, world, corpus) = (action(&json!({})), World::new(), corpus());
    let mut random = SmallRng::seed_from_u64(50);
    let (mut filled, mut broke, mut refused, mut first) = (0, 0, 0, String::new());
    let mut fixed = NASTY.iter().map(|value| (*value).to_owned()).chain(corpus.clone());
    while filled < count {
        let value = fixed.next().unwrap_or_else(|| draw(&mut random, &corpus));
        let arguments = json!({ "order": value, "street": value, "note": value, "header": value });
        let Ok(values) = Values::from_model(&action.parameters, &arguments) else {
            refused += 1;
            continue;
        };
        filled += 1;
        if let Some(fault) = broken(&action, &world, &values) {
            broke += 1;
            if first.is_empty() {
                first = format!("; the first: {fault}: {value:?}");
            }
        }
    }
    let corpus = if corpus.is_empty() { "skipped, not at hand".to_owned() } else { corpus.len().to_string() };
    (broke, format!("{filled} values filled in ({refused} more refused before), naughty strings: {corpus}{first}"))
}

#[test]
fn twenty_thousand_values_change_no_shape() {
    let (broke, detail) = try_values(20_000);
    assert_eq!(broke, 0, "{detail}");
}

/// R50. Prints one line of JSON for `tests/figures/template_values_broken.mjs`.
#[test]
#[ignore = "a million values take minutes in a debug build"]
fn one_million_values_change_no_shape() {
    let (broke, detail) = try_values(1_000_000);
    println!("{}", json!({ "value": broke, "detail": detail }));
    assert_eq!(broke, 0, "{detail}");
}

/// The measure itself must see what it is there for.
#[test]
fn a_broken_shape_would_be_seen() {
    let action = action(&json!({}));
    let world = World::new();
    let values = values(&action, &json!({ "order": "v", "street": "v", "note": "v", "header": "v" }));
    let good = prepare(&action, &values, &world.known(), &Allowed::default()).unwrap();
    assert_eq!(broken_request(&action, &good, "v"), None);
    for change in [
        |it: &mut Prepared| it.url = it.url.replace("api.shop.com", "evil.com"),
        |it: &mut Prepared| it.url = it.url.replace("orders/v", "orders/v/w"),
        |it: &mut Prepared| it.url.push_str("&admin=1"),
        |it: &mut Prepared| it.url.push_str("#x"),
        |it: &mut Prepared| it.headers[2].1.push_str("\r\nX: 1"),
        |it: &mut Prepared| it.headers.insert(0, ("X-Evil".into(), "1".into())),
        |it: &mut Prepared| it.body = it.body.as_ref().map(|body| body.replacen('{', "{\"admin\":true,", 1)),
        |it: &mut Prepared| it.body = it.body.as_ref().map(|body| body.replacen("\"v\"", "\"w\"", 1)),
    ] {
        let mut changed = good.clone();
        change(&mut changed);
        assert!(broken_request(&action, &changed, "v").is_some(), "{changed:?}");
    }
}
