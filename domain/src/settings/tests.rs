use serde_json::json;

use super::{Allowed, faults, is_origin, misread, unknown};

#[test]
fn origins_are_hosts_with_a_scheme() {
    for origin in [
        "https://shop.example",
        "http://localhost:3000",
        "https://*.shop.example",
        "http://127.0.0.1:8788",
        "https://shop.test:*",
    ] {
        assert!(is_origin(origin), "{origin}");
    }
    for origin in [
        "",
        "shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/x",
        "https://*",
        "https://*shop.example",
        "https://a.*.example",
        "https://shop.example:0",
        "https://shop.example:x",
        "javascript:alert(1)",
        "https://a b",
        "https://shop.example;",
        "https://-a.example",
        "https://shop..example",
        "https://us@er",
    ] {
        assert!(!is_origin(origin), "{origin}");
    }
}

#[test]
fn what_the_settings_do_not_have_is_named() {
    let canonical = json!({"name": "N", "customer_auth": {"title": "T"}, "list": [{"a": 1}]});
    let given = json!({"name": "N", "customer_auth": {"titel": "T"}, "list": [{"b": 1}], "x/y": 1});
    let pointers: Vec<_> = unknown(&given, &canonical).into_iter().map(|error| error.pointer).collect();
    assert_eq!(pointers, ["/customer_auth/titel", "/list/0/b", "/x~1y"]);
}

/// The pointers of the faults of settings that are sound but for this.
fn pointers(changed: &serde_json::Value) -> Vec<String> {
    let mut settings = json!({"id": "ag_x", "name": "N", "origins": ["https://shop.com"]});
    crate::merge_patch::apply(&mut settings, changed.clone());
    let agent = serde_json::from_value(settings).unwrap();
    let found = faults(&agent, &Allowed::default());
    assert!(found.iter().all(|fault| fault.detail.ends_with('.') && fault.detail.len() > 15), "{found:?}");
    found.into_iter().map(|fault| fault.pointer).collect()
}

fn auth(changed: &serde_json::Value) -> Vec<String> {
    let found = pointers(&json!({"customer_auth": changed}));
    found.into_iter().map(|pointer| pointer.strip_prefix("/customer_auth/").unwrap_or("?").to_owned()).collect()
}

#[test]
fn phone_settings_name_countries_channels_and_accounts() {
    let sid = |kind: &str| format!("{kind}{}", "0a".repeat(16));
    let twilio = json!({"account_sid": sid("AC"), "from": "+14155550100"});
    let good =
        json!({"methods": ["phone_code"], "phone": {"countries": ["US", "DE"], "channels": ["sms"], "twilio": twilio}});
    assert!(auth(&good).is_empty());
    for (changed, expected) in [
        (json!({"countries": []}), &["phone/countries"][..]),
        (json!({"countries": ["us", "XX", "USA"]}), &["phone/countries/0", "phone/countries/1", "phone/countries/2"]),
        (json!({"countries": ["US", "US"]}), &["phone/countries/1"]),
        (json!({"channels": []}), &["phone/channels"]),
        (json!({"channels": ["email", "whatsapp"]}), &["phone/channels/0", "phone/channels/1"]),
        (json!({"twilio": null}), &["phone/channels/0"]),
        (json!({"twilio": {"account_sid": "AC1"}}), &["phone/twilio/account_sid"]),
        (json!({"twilio": {"from": "0711 123"}}), &["phone/twilio/from"]),
        (json!({"twilio": {"from": sid("MG"), "whatsapp_content_sid": sid("HX")}, "channels": ["whatsapp"]}), &[]),
        (
            json!({"twilio": {"whatsapp_content_sid": "HX", "whatsapp_from": "x"}}),
            &["phone/twilio/whatsapp_content_sid", "phone/twilio/whatsapp_from"],
        ),
        (
            json!({"meta": {"phone_number_id": "10 1", "template": "Login Code", "language": "english"}}),
            &["phone/meta/phone_number_id", "phone/meta/template", "phone/meta/language"],
        ),
        (
            json!({"meta": {"phone_number_id": "106540352242922", "template": "login_code", "language": "en_US"}, "channels": ["whatsapp"]}),
            &[],
        ),
        (json!({"day_messages": 0}), &["phone/day_messages"]),
    ] {
        let mut settings = good.clone();
        crate::merge_patch::apply(&mut settings, json!({"phone": changed}));
        assert_eq!(auth(&settings), expected, "{changed}");
    }
}

#[test]
fn a_method_without_its_settings_says_so() {
    let methods = ["phone_code", "google", "collection_lookup", "host_token", "email_code", "email_code"];
    let expected = ["methods/0", "methods/1", "methods/2", "methods/3", "methods/5"];
    assert_eq!(auth(&json!({"methods": methods})), expected);
    assert_eq!(auth(&json!({"google": {"client_id": "my client"}})), ["google/client_id"]);
    assert!(auth(&json!({"google": {"client_id": "1-a.apps.googleusercontent.com"}})).is_empty());
    assert_eq!(auth(&json!({"strength": {"login_action": "passkey"}})), ["strength/login_action"]);
}

#[test]
fn a_look_up_says_where_its_code_goes() {
    let lookup = |changed: serde_json::Value| {
        let mut lookup = json!({"collection": "staff", "field": "number", "label": "Number", "email_field": "email"});
        crate::merge_patch::apply(&mut lookup, changed);
        auth(&json!({"lookup": lookup}))
    };
    assert!(lookup(json!({})).is_empty());
    assert_eq!(lookup(json!({"email_field": null})), ["lookup/require_code"]);
    assert!(lookup(json!({"email_field": null, "require_code": false})).is_empty());
    assert_eq!(
        lookup(json!({"collection": "the staff", "field": "", "label": "", "roles_field": "\u{1}"})),
        ["lookup/collection", "lookup/field", "lookup/label", "lookup/roles_field",]
    );
}

#[test]
fn the_keys_of_a_page_are_keys_and_told_apart() {
    let good = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n-----END PUBLIC KEY-----";
    let keys = json!([
        {"alg": "ES256", "kid": "a", "public": good}, {"alg": "ES256", "kid": "a", "public": "pem"},
        {"alg": "RS256", "kid": "", "public": good}, {"alg": "HS256", "kid": "h", "secret": "Page Key"},
        {"alg": "HS256", "kid": "i", "secret": "model_key"}, {"alg": "HS256", "kid": "j", "secret": "page_key"},
    ]);
    let expected = ["1/kid", "1/public", "2/kid", "2/public", "3/secret", "4/secret"];
    assert_eq!(auth(&json!({"host_token": {"keys": keys}})), expected.map(|it| format!("host_token/keys/{it}")));
    assert_eq!(auth(&json!({"host_token": {"keys": []}})), ["host_token/keys"]);
}

#[test]
fn what_is_fetched_and_shown_is_named_and_bounded() {
    let rule = |name: &str, fields: &[&str], limit: u32| json!({"name": name, "source": {"kind": "collection", "collection": "orders", "email_field": "email"}, "limit": limit, "fields": fields});
    assert!(auth(&json!({"autofetch": [rule("orders", &["number"], 5)]})).is_empty());
    let rules = json!([rule("orders", &[], 0), rule("orders", &["number", "number", "api_token"], 51)]);
    let expected = ["0/limit", "0/fields", "1/name", "1/limit", "1/fields/1", "1/fields/2"];
    assert_eq!(auth(&json!({"autofetch": rules})), expected.map(|it| format!("autofetch/{it}")));
    assert_eq!(auth(&json!({"visible_fields": ["name", "token"]})), ["visible_fields/1"]);
    assert_eq!(
        auth(&json!({"roles": {"collection": "", "email_field": "email", "field": ""}})),
        ["roles/collection", "roles/field",]
    );
}

#[test]
fn a_model_is_asked_at_a_public_address() {
    for url in [
        "http://api.openai.com/v1",
        "https://127.0.0.1/v1",
        "https://169.254.169.254/",
        "https://u:p@x.com",
        "https://api.openai.com/v1/chat/completions",
        "https://x.com/?v=1",
    ] {
        assert_eq!(
            pointers(&json!({"model": {"provider": "open_ai", "base_url": url, "model": "m"}})),
            ["/model/base_url"],
            "{url}"
        );
    }
    assert!(
        pointers(&json!({"model": {"provider": "open_ai", "base_url": "https://api.openai.com/v1", "model": "gpt-5"}}))
            .is_empty()
    );
    assert_eq!(pointers(&json!({"model": {"provider": "workers_ai", "model": "llama"}})), ["/model/model"]);
    assert_eq!(pointers(&json!({"limits": {"turn_tokens": 10}})), ["/limits/turn_tokens"]);
}

#[test]
fn a_fault_of_an_action_points_at_its_very_field() {
    let action = json!({
        "name": "ask", "title": "Ask", "kind": {"is": "public"}, "url": "https://api.shop.com/", "success": "a ==",
        "headers": [{"name": "X-A", "value": "a"}, {"name": "X-B", "value": "<nobody>"}],
        "parameters": [{"name": "fine"}, {"name": "Bad"}], "shows": [{"name": "a", "from": "a"}, {"name": "b", "from": "b."}],
    });
    let login = json!({
        "name": "enter", "title": "Enter", "method": "POST", "url": "https://169.254.169.254/", "parameters": [{"name": "user"}],
        "body": {"u": "<user>"},
        "kind": {"is": "login", "remembers": [{"name": "user_id", "from": "id"}, {"name": "password", "from": "p"}]},
    });
    let found = pointers(&json!({"customer_auth": {"persistent_context": true}, "actions": [action, login, action]}));
    for pointer in [
        "/actions/0/success",
        "/actions/0/headers",
        "/actions/0/parameters/1",
        "/actions/0/shows/1",
        "/actions/1/url",
        "/actions/1/kind/remembers/1",
        "/actions/2/name",
    ] {
        assert!(found.iter().any(|it| it == pointer), "{pointer} in {found:?}");
    }
    assert_eq!(auth(&json!({"methods": ["login_action"]})), ["methods"]);
}

#[test]
fn settings_that_cannot_be_read_say_which_part() {
    let good = json!({"id": "ag_x", "name": "N", "origins": []});
    assert!(misread(&good).is_empty());
    let bad = json!({"id": "ag_x", "name": 1, "theme": {"radius": 300}, "customer_auth": {"title": [], "code_digits": 6},
        "actions": [{"name": "a", "title": "A", "kind": {"is": "public"}, "url": "u"}, {"title": "A", "kind": {"is": "odd"}, "url": "u"}, 5]});
    let found: Vec<_> = misread(&bad).into_iter().map(|error| error.pointer).collect();
    assert_eq!(
        found,
        ["/actions/1/kind", "/actions/1/name", "/actions/2", "/customer_auth/title", "/name", "/theme", "/origins"]
    );
    assert_eq!(misread(&json!(1)).len(), 1);
}

#[test]
fn texts_in_another_language_follow_the_rules_of_the_own_ones() {
    let sound = json!({"languages": {
        "de": {"name": "N", "greeting": "", "suggested": ["Wo ist meine Bestellung?"], "customer_auth": {"title": "Anmelden"}},
        "zh-Hant-TW": {}, "ar": {"customer_auth": {"subtitle": "رمز عبر البريد"}},
    }});
    assert!(pointers(&sound).is_empty());
    let long = "x".repeat(161);
    for (changed, at) in [
        (json!({"languages": {"german": {}}}), "/languages/german"),
        (json!({"languages": {"de/at~": {}}}), "/languages/de~1at~0"),
        (json!({"languages": {"DE": {}}}), "/languages/DE"),
        (json!({"languages": {"en": {}}}), "/languages/en"),
        (json!({"language": "de", "languages": {"de": {}}}), "/languages/de"),
        (json!({"language": ""}), "/language"),
        (json!({"language": "en-us"}), "/language"),
        (json!({"languages": {"de": {"name": " "}}}), "/languages/de/name"),
        (json!({"languages": {"de": {"greeting": "a\u{0}b"}}}), "/languages/de/greeting"),
        (json!({"languages": {"de": {"suggested": ["a", ""]}}}), "/languages/de/suggested/1"),
        (json!({"languages": {"de": {"suggested": vec!["a"; 9]}}}), "/languages/de/suggested"),
        (json!({"languages": {"de": {"customer_auth": {"title": ""}}}}), "/languages/de/customer_auth/title"),
        (json!({"languages": {"de": {"customer_auth": {"subtitle": long}}}}), "/languages/de/customer_auth/subtitle"),
    ] {
        assert_eq!(pointers(&changed), [at], "{changed}");
    }
    let tag = |number: u8| format!("{}a", char::from(b'a' + number));
    let many =
        |count: u8| json!({"languages": (0..count).map(|n| (tag(n), json!({}))).collect::<serde_json::Map<_, _>>()});
    assert!(pointers(&many(20)).is_empty());
    assert_eq!(pointers(&many(21)), ["/languages"]);
}

#[test]
fn a_language_that_cannot_be_read_is_named() {
    let settings = json!({"id": "ag_x", "name": "N", "origins": [],
        "languages": {"de": "Hallo", "fr": {"greeting": 1, "name": "N"}, "es": {"customer_auth": "x"}, "it": {}}});
    let mut found: Vec<_> = misread(&settings).into_iter().map(|error| error.pointer).collect();
    found.sort();
    assert_eq!(found, ["/languages/de", "/languages/es/customer_auth", "/languages/fr/greeting"]);
}
