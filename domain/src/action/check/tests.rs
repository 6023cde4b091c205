use serde_json::{Value, json};

use super::faults;
use crate::action::address::Allowed;
use crate::agent::Agent;

fn login() -> Value {
    json!({
        "name": "shop_login", "title": "Sign in", "method": "POST", "url": "https://api.shop.com/login",
        "kind": { "is": "login", "remembers": [{ "name": "user_id", "from": "data.user_id" }, { "name": "token", "from": "data.token" }] },
        "body": { "u": "<user>", "p": "<password>" },
        "parameters": [{ "name": "user", "autocomplete": "username" }, { "name": "password", "kind": "password", "autocomplete": "current-password" }],
        "success": "response.success == true", "failure": "response.message",
    })
}

fn order() -> Value {
    json!({
        "name": "order_status", "title": "Look up an order", "url": "https://api.shop.com/{{context.user_id}}/orders/<order>?f=<field>",
        "kind": { "is": "private" }, "headers": [{ "name": "Authorization", "value": "Bearer {{context.token}}" }],
        "parameters": [{ "name": "order" }, { "name": "field", "kind": "choice", "optional": true, "choices": [{ "value": "a", "label": "A" }] }],
        "shows": [{ "name": "status", "from": "data.status" }],
    })
}

fn found_in(actions: &[Value], auth: &Value) -> Vec<String> {
    let agent = json!({ "id": "ag_x", "name": "X", "origins": [], "customer_auth": auth, "actions": actions });
    let agent: Agent = serde_json::from_value(agent).unwrap();
    let faults = faults(&agent, &Allowed::default());
    assert!(faults.iter().all(|fault| fault.sentence.ends_with('.') && fault.sentence.len() > 20), "{faults:?}");
    faults.into_iter().map(|fault| format!("{}/{}", fault.action, fault.field)).collect()
}

fn found(base: Value, pointer: &str, value: Value) -> Vec<String> {
    let mut changed = base;
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match changed.pointer_mut(parent).unwrap() {
        Value::Array(items) if key == "-" => items.push(value),
        parent => parent[key] = value,
    }
    found_in(&[changed], &json!({ "persistent_context": true }))
}

#[test]
fn actions_as_they_should_be_have_no_faults() {
    let refresh = json!({
        "name": "refresh", "title": "Refresh", "method": "POST", "url": "https://api.shop.com/refresh",
        "kind": { "is": "refresh", "remembers": [{ "name": "token", "from": "token" }, { "name": "expired_at", "from": "expires" }] },
        "body": { "refresh": "{{context.refresh_token}}", "key": "{{secret.client}}" },
    });
    let phone = json!({
        "name": "phone", "title": "Sign in by phone", "method": "POST", "url": "https://api.shop.com/send", "body": { "to": "<phone>" },
        "kind": { "is": "login", "next": "code", "remembers": [{ "name": "challenge", "from": "id" }] },
        "parameters": [{ "name": "phone", "kind": "tel" }],
    });
    let code = json!({
        "name": "code", "title": "Your code", "method": "POST", "url": "https://api.shop.com/codes/{{step.challenge}}", "body": { "code": "<code>" },
        "kind": { "is": "login", "remembers": [{ "name": "user_id", "from": "user.id" }] }, "parameters": [{ "name": "code" }],
    });
    let public = json!({ "name": "shops", "title": "Find a shop", "url": "https://api.shop.com/shops", "kind": { "is": "public" } });
    let auth = json!({ "persistent_context": true, "methods": ["login_action", "email_code"] });
    assert_eq!(found_in(&[login(), order(), refresh, phone, code, public], &auth), Vec::<String>::new());
    assert_eq!(found_in(&[], &json!({})), Vec::<String>::new());
}

#[test]
fn each_fault_names_its_action_and_field() {
    for (pointer, value, field) in [
        ("/name", json!("Order"), "name"),
        ("/name", json!(""), "name"),
        ("/name", json!("a".repeat(65)), "name"),
        ("/name", json!("request_login"), "name"),
        ("/title", json!(" "), "title"),
        ("/title", json!("a\nb"), "title"),
        ("/timeout_ms", json!(99), "timeout_ms"),
        ("/timeout_ms", json!(10_001), "timeout_ms"),
        ("/url", json!("http://api.shop.com/<order>"), "url"),
        ("/url", json!("https://127.0.0.1/<order>"), "url"),
        ("/url", json!("https://<order>.shop.com/"), "url"),
        ("/url", json!("https://api.shop.com/<nobody>"), "url"),
        ("/url", json!("https://api.shop.com/?t={{context.token}}"), "url"),
        ("/url", json!("https://api.shop.com/?t={{secret.key}}"), "url"),
        ("/url", json!("https://api.shop.com/{{step.challenge}}"), "url"),
        ("/body", json!({ "a": 1 }), "body"),
        ("/headers/0/name", json!("Host"), "headers.Host"),
        ("/headers/0/value", json!("<nobody>"), "headers"),
        ("/headers/0/value", json!("{{nobody}}"), "headers.Authorization"),
        ("/parameters/0/name", json!("Order"), "url"),
        ("/parameters/0/optional", json!(true), "parameters.order"),
        ("/parameters/0/kind", json!("password"), "parameters.order"),
        ("/parameters/0/autocomplete", json!("username"), "parameters.order"),
        ("/parameters/0/choices", json!([{ "value": "a", "label": "A" }]), "parameters.order"),
        ("/parameters/1/choices", json!([]), "parameters.field"),
        ("/parameters/-", json!({ "name": "order" }), "parameters.order"),
        ("/shows/0/name", json!("token"), "shows.token"),
        ("/shows/0/name", json!("a-b"), "shows.a-b"),
        ("/shows/0/from", json!("("), "shows.status"),
        ("/shows/-", json!({ "name": "status", "from": "a" }), "shows.status"),
        ("/success", json!("response.success = true"), "success"),
        ("/failure", json!("message.matches(\"a\")"), "failure"),
        ("/kind", json!({ "is": "private", "roles": [""] }), "kind.roles"),
        ("/kind", json!({ "is": "public" }), "url"),
    ] {
        let found = found(order(), pointer, value.clone());
        assert!(found.iter().any(|it| it.ends_with(&format!("/{field}"))), "{pointer} {value}: {found:?}");
    }
    assert_eq!(found_in(&[order(), order()], &json!({})), ["order_status/name"]);
}

#[test]
fn a_login_that_would_prove_nobody_or_anybody_is_not_saved() {
    for (pointer, value, field) in [
        ("/kind/remembers", json!([{ "name": "token", "from": "data.token" }]), "kind.remembers"),
        ("/kind/remembers/-", json!({ "name": "password", "from": "data.p" }), "kind.remembers.password"),
        ("/kind/remembers/-", json!({ "name": "pin_code", "from": "data.p" }), "kind.remembers.pin_code"),
        ("/kind/remembers/0/from", json!("data."), "kind.remembers.user_id"),
        ("/kind/next", json!("nobody"), "kind.next"),
        ("/kind/next", json!("shop_login"), "kind.next"),
        ("/body", json!({ "fixed": "x" }), "parameters"),
        ("/url", json!("https://api.shop.com/{{context.user_id}}"), "url"),
        ("/url", json!("https://api.shop.com/?p=<password>"), "url"),
        ("/url", json!("https://api.shop.com/{{step.challenge}}"), "url"),
        (
            "/kind",
            json!({ "is": "refresh", "remembers": [{ "name": "user_id", "from": "data.user_id" }] }),
            "kind.remembers.user_id",
        ),
    ] {
        let found = found(login(), pointer, value.clone());
        assert!(found.iter().any(|it| it.ends_with(&format!("/{field}"))), "{pointer} {value}: {found:?}");
    }
    assert_eq!(found_in(&[login()], &json!({})), ["shop_login/kind"], "without a persistent context");
    assert_eq!(found_in(&[], &json!({ "methods": ["login_action"] })), ["/customer_auth.methods"]);
    let (mut one, mut other) = (login(), login());
    one["kind"]["next"] = json!("other");
    other["kind"]["next"] = json!("shop_login");
    other["name"] = json!("other");
    assert_eq!(
        found_in(&[one, other], &json!({ "persistent_context": true })),
        ["shop_login/kind.next", "other/kind.next"]
    );
}
