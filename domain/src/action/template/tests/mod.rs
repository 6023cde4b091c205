mod shapes;

use std::collections::BTreeMap;

use proptest::prelude::{any, prop_assert, proptest};
use serde_json::{Value, json};
use url::Url;

use super::{Known, Prepared, Unprepared, prepare, uses};
use crate::action::address::{AddressFault, Allowed};
use crate::action::value::Values;
use crate::action::{Action, Parameter};

fn action(change: &Value) -> Action {
    let mut action = json!({
        "name": "change_address",
        "title": "Change the delivery address",
        "kind": { "is": "private" },
        "method": "POST",
        "url": "https://api.shop.com/v1/customers/{{context.user_id}}/orders/<order>?note=<note>&fixed=1&street=<street>",
        "headers": [
            { "name": "Authorization", "value": "Bearer {{context.token}}" },
            { "name": "X-Key", "value": "{{secret.api_key}}" },
            { "name": "X-Note", "value": "<header>" },
        ],
        "body": {
            "order": "<order>",
            "customer": { "id": "{{context.user_id}}", "roles": "{{context.roles}}" },
            "lines": ["<street>", "to <street>, <note>!", { "amount": "<amount>", "text": "x<amount>" }, 7, null, true],
            "<": "a < b > c", "b": "</b><B> {x} }}",
        },
        "parameters": [
            { "name": "order" }, { "name": "street" }, { "name": "note", "optional": true },
            { "name": "header", "optional": true }, { "name": "amount", "kind": "number", "optional": true },
        ],
    });
    for (key, value) in change.as_object().unwrap() {
        action[key] = value.clone();
    }
    serde_json::from_value(action).unwrap()
}

struct World {
    context: BTreeMap<String, Value>,
    secrets: BTreeMap<String, String>,
    step: BTreeMap<String, Value>,
}

impl World {
    fn new() -> Self {
        let context =
            json!({ "user_id": "u_1", "token": "tok-1", "roles": ["a", "b"], "order": "context's own", "vip": true });
        Self {
            context: serde_json::from_value(context).unwrap(),
            secrets: BTreeMap::from([("api_key".to_owned(), "key-1".to_owned())]),
            step: BTreeMap::from([("challenge".to_owned(), json!("ch/1"))]),
        }
    }

    fn known(&self) -> Known<'_> {
        Known { context: &self.context, secrets: &self.secrets, step: &self.step }
    }
}

fn values(of: &Action, arguments: &Value) -> Values {
    Values::from_model(&of.parameters, arguments).unwrap()
}

fn prepared(change: &Value, arguments: &Value) -> Result<Prepared, Unprepared> {
    let (action, world) = (action(change), World::new());
    prepare(&action, &values(&action, arguments), &world.known(), &Allowed::default())
}

fn body(prepared: &Prepared) -> Value {
    serde_json::from_str(prepared.body.as_ref().unwrap()).unwrap()
}

#[test]
fn a_template_is_filled_where_it_says() {
    let arguments =
        json!({ "order": "NW-1042", "street": "1 High St & co", "note": "ring=2", "header": "h", "amount": "12.5" });
    let request = prepared(&json!({}), &arguments).unwrap();
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(
        request.url,
        "https://api.shop.com/v1/customers/u_1/orders/NW-1042?note=ring%3D2&fixed=1&street=1%20High%20St%20%26%20co"
    );
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        headers,
        [("Authorization", "Bearer tok-1"), ("X-Key", "key-1"), ("X-Note", "h"), ("content-type", "application/json")]
    );
    assert_eq!(
        body(&request),
        json!({
            "order": "NW-1042",
            "customer": { "id": "u_1", "roles": ["a", "b"] },
            "lines": ["1 High St & co", "to 1 High St & co, ring=2!", { "amount": 12.5, "text": "x12.5" }, 7, null, true],
            "<": "a < b > c", "b": "</b><B> {x} }}",
        })
    );
    assert!(!format!("{request:?}").contains("tok-1"), "a request stays out of logs");
}

#[test]
fn what_was_left_out_takes_its_place_with_it() {
    let request = prepared(&json!({}), &json!({ "order": "1", "street": "s" })).unwrap();
    assert!(request.url.ends_with("/orders/1?fixed=1&street=s"), "{}", request.url);
    assert!(!request.headers.iter().any(|(name, _)| name == "X-Note"));
    assert_eq!(body(&request)["lines"], json!(["s", "to s, !", { "text": "x" }, 7, null, true]));
    let none = json!({ "url": "https://a.com/?n=<note>", "body": "<note>" });
    let request = prepared(&none, &json!({ "order": "1", "street": "s" })).unwrap();
    assert_eq!((request.url.as_str(), request.body), ("https://a.com/", None));
}

#[test]
fn a_value_is_never_read_as_a_template() {
    for value in
        ["<street>", "{{context.token}}", "{{secret.api_key}}", "{{step.x}}", "<order><order>", "{{", "}}", "<"]
    {
        let request = prepared(&json!({}), &json!({ "order": value, "street": "s", "header": value })).unwrap();
        assert_eq!(body(&request)["order"], json!(value));
        assert_eq!(request.headers[2].1, value);
        let url = Url::parse(&request.url).unwrap();
        let segment = url.path_segments().unwrap().next_back().unwrap();
        let decoded = url::form_urlencoded::parse(format!("x={segment}").as_bytes()).next().unwrap().1.into_owned();
        assert_eq!(decoded, value);
    }
    // Nor is what the company's own API gave.
    let mut world = World::new();
    world.context.insert("user_id".to_owned(), json!("<order>{{secret.api_key}}"));
    let action = action(&json!({}));
    let values = values(&action, &json!({ "order": "1", "street": "s" }));
    let request = prepare(&action, &values, &world.known(), &Allowed::default()).unwrap();
    assert_eq!(body(&request)["customer"]["id"], json!("<order>{{secret.api_key}}"));
}

#[test]
fn a_parameter_cannot_shadow_a_context_field() {
    let change = json!({
        "body": { "mine": "{{context.order}}", "given": "<order>", "user": "{{context.user_id}}", "said": "<user_id>" },
        "parameters": [{ "name": "order" }, { "name": "street" }, { "name": "user_id" }],
        "url": "https://a.com/{{context.user_id}}", "headers": [],
    });
    let request = prepared(&change, &json!({ "order": "x", "street": "s", "user_id": "u_2" })).unwrap();
    assert_eq!(body(&request), json!({ "mine": "context's own", "given": "x", "user": "u_1", "said": "u_2" }));
    assert_eq!(request.url, "https://a.com/u_1");
}

#[test]
fn what_is_missing_is_named() {
    let nobody = BTreeMap::new();
    let (world, action) = (World::new(), action(&json!({})));
    let values = values(&action, &json!({ "order": "1", "street": "s" }));
    let attempt = |known| prepare(&action, &values, &known, &Allowed::default()).unwrap_err();
    let missing = Unprepared::MissingContext(vec!["roles".into(), "token".into(), "user_id".into()]);
    assert_eq!(attempt(Known { context: &nobody, ..world.known() }), missing);
    let no_secrets = BTreeMap::new();
    assert_eq!(attempt(Known { secrets: &no_secrets, ..world.known() }), Unprepared::MissingSecret("api_key".into()));
    let with_step = json!({ "url": "https://a.com/{{ step.challenge }}/{{step.other}}" });
    assert_eq!(
        prepared(&with_step, &json!({ "order": "1", "street": "s" })),
        Err(Unprepared::MissingStep("other".into()))
    );
    let with_step = json!({ "url": "https://a.com/{{ step.challenge }}" });
    assert_eq!(prepared(&with_step, &json!({ "order": "1", "street": "s" })).unwrap().url, "https://a.com/ch%2F1");
}

#[test]
fn a_placeholder_stands_nowhere_but_in_values() {
    for url in [
        "<order>://a.com/",
        "https://<order>/",
        "https://<order>.a.com/",
        "https://a.com:<order>/",
        "https://<order>@a.com/",
        "https://{{context.user_id}}.a.com/",
        "https://a.com<order>/",
        "https://a.com/#<order>",
        "https://a.com/?<order>=1",
        "https://a.com/?<order>",
        "https://a.com/?a<order>b=1",
        "https://a.com/?a=1&{{context.user_id}}=2",
        "https://a.com/{{secret.api_key}}",
        "https://a.com/?k={{secret.api_key}}",
        "https://a.com/?t={{context.token}}",
        "https://a.com/<nobody>",
        "https://a.com/{{context.User}}",
        "https://a.com/{{contextuser_id}}",
        "https://a.com/{{env.HOME}}",
        "https://a.com/{{context.user_id",
        "https://a.com/{{}}",
        "https://a.com/{{{{context.user_id}}}}",
        "https://a.com/a b",
        "https://a.com/100%",
        "https://a.com/%2<order>",
        "https://a.com/%<order>",
        "https://a.com\\<order>",
        "https://a.com/ü",
        "https://a.com/../<order>",
        "https://a.com/%2e%2e/<order>",
        "https://a.com/./<order>",
        "<order>",
        "/<order>",
        "",
    ] {
        let attempt = prepared(&json!({ "url": url }), &json!({ "order": "1", "street": "s" }));
        assert!(matches!(attempt, Err(Unprepared::Template(_))), "{url}: {attempt:?}");
    }
    for change in [
        json!({ "body": { "<order>": 1 } }),
        json!({ "body": { "a": [{ "{{context.user_id}}": 1 }] } }),
        json!({ "body": { "{{": 1 } }),
        json!({ "body": "<nobody>" }),
        json!({ "body": "{{context.}}" }),
        json!({ "method": "GET" }),
        json!({ "headers": [{ "name": "<order>", "value": "1" }] }),
        json!({ "headers": [{ "name": "X-{{context.user_id}}", "value": "1" }] }),
        json!({ "headers": [{ "name": "X", "value": "<nobody>" }] }),
        json!({ "headers": [{ "name": "X", "value": "a\r\nB: c" }] }),
        json!({ "headers": [{ "name": "X", "value": "ü" }] }),
        json!({ "headers": [{ "name": "X: Y", "value": "1" }] }),
        json!({ "headers": [{ "name": "", "value": "1" }] }),
        json!({ "headers": [{ "name": "X", "value": "1" }, { "name": "x", "value": "2" }] }),
    ] {
        let attempt = prepared(&change, &json!({ "order": "1", "street": "s" }));
        assert!(matches!(attempt, Err(Unprepared::Template(_))), "{change}: {attempt:?}");
    }
}

#[test]
fn headers_that_are_not_an_actions_to_set_are_refused() {
    for name in [
        "Host",
        "Content-Length",
        "Connection",
        "Transfer-Encoding",
        "Upgrade",
        "TE",
        "Trailer",
        "Proxy-Authorization",
        "Cookie",
        "CF-Connecting-IP",
        "cf-worker",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Forwarded",
        "X-Real-IP",
        "Metadata-Flavor",
        "X-aws-ec2-metadata-token",
        "X-aws-ec2-metadata-token-ttl-seconds",
        "X-Google-Metadata-Request",
        "Metadata",
        "Webhook-Id",
        "webhook-signature",
        "Idempotency-Key",
        "Countersign-Signature",
        "X-HTTP-Method-Override",
        "Sec-Fetch-Site",
    ] {
        let change = json!({ "headers": [{ "name": name, "value": "1" }] });
        assert!(prepared(&change, &json!({ "order": "1", "street": "s" })).is_err(), "{name}");
    }
    for name in ["Authorization", "Accept", "Content-Type", "X-Api-Key", "User-Agent", "x_custom.name"] {
        let change = json!({ "headers": [{ "name": name, "value": "1" }] });
        let request = prepared(&change, &json!({ "order": "1", "street": "s" })).unwrap();
        let types = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).count();
        assert_eq!(types, 1, "{name}");
    }
}

#[test]
fn a_path_cannot_be_left() {
    for order in [
        ".",
        "..",
        "../admin",
        "a/../../b",
        "..\\x",
        "a\\..",
        "%2e%2e",
        "%2E.",
        "%252e%252e",
        "..%2f..",
        "..;/admin",
        "..;x",
        "a/./b",
        "%2e",
        "%5c..",
        "..%5cx",
        "%25252e%25252e%25252f",
    ] {
        let attempt = prepared(&json!({}), &json!({ "order": order, "street": "s" }));
        assert!(matches!(attempt, Err(Unprepared::Template(_))), "{order}: {attempt:?}");
    }
    for (order, segment) in [
        ("a/b", "a%2Fb"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("%", "%25"),
        ("@evil.com", "%40evil.com"),
        ("//evil.com", "%2F%2Fevil.com"),
        ("é", "%C3%A9"),
        ("a b+c", "a%20b%2Bc"),
    ] {
        let request = prepared(&json!({}), &json!({ "order": order, "street": "s" })).unwrap();
        assert!(request.url.contains(&format!("/orders/{segment}?")), "{}", request.url);
    }
}

#[test]
fn a_value_that_no_header_may_hold_is_refused() {
    let mut world = World::new();
    let action = action(&json!({}));
    let values = values(&action, &json!({ "order": "1", "street": "s" }));
    for token in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\tb", "é", "\u{7f}", "a\u{2028}b"] {
        world.context.insert("token".to_owned(), json!(token));
        let attempt = prepare(&action, &values, &world.known(), &Allowed::default());
        assert!(matches!(attempt, Err(Unprepared::Template(_))), "{token:?}");
    }
}

#[test]
fn the_address_is_checked_when_it_is_called() {
    for (url, fault) in [
        ("http://a.com/<order>", AddressFault::NotHttps),
        ("https://127.0.0.1/<order>", AddressFault::NotPublic),
        ("https://169.254.169.254/<order>", AddressFault::NotPublic),
        ("https://u:p@a.com/<order>", AddressFault::Credentials),
        ("https://a.com:22/<order>", AddressFault::Port),
    ] {
        let attempt = prepared(&json!({ "url": url }), &json!({ "order": "1", "street": "s" }));
        assert_eq!(attempt, Err(Unprepared::Address(fault)), "{url}");
    }
}

#[test]
fn what_a_template_uses_is_told() {
    let uses = uses(&action(&json!({}))).unwrap();
    let names = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names(&uses.context), "roles token user_id");
    assert_eq!(names(&uses.secrets), "api_key");
    assert_eq!(names(&uses.parameters), "amount header note order street");
    assert_eq!(names(&uses.step), "");
}

#[test]
fn a_request_that_grows_too_large_is_refused() {
    let large = json!({ "body": vec!["<street>"; 40] });
    assert!(prepared(&large, &json!({ "order": "1", "street": "s".repeat(2_000) })).is_err());
    let large = json!({ "url": format!("https://a.com/?{}", ["a=<street>"; 5].join("&")), "body": null });
    assert!(prepared(&large, &json!({ "order": "1", "street": "s".repeat(2_000) })).is_err());
}

proptest! {
    #[test]
    fn no_template_brings_it_down(url in any::<String>(), header in any::<String>(), text in "[<>{}a-z._/?&=%:@# ]{0,40}") {
        let parameter: Parameter = serde_json::from_value(json!({ "name": "a", "optional": true })).unwrap();
        for url in [url, format!("https://a.com/{text}"), text.clone()] {
            let mut action = action(&json!({ "body": [text], "headers": [{ "name": "X", "value": header }] }));
            (action.url, action.parameters) = (url, vec![parameter.clone()]);
            let world = World::new();
            let values = values(&action, &json!({ "a": "../x" }));
            if let Ok(request) = prepare(&action, &values, &world.known(), &Allowed::default()) {
                prop_assert!(Url::parse(&request.url).is_ok_and(|url| url.scheme() == "https"));
            }
        }
    }
}
