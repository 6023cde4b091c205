use std::collections::BTreeMap;

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{Complaint, Values, schema};
use crate::action::{Action, Parameter};

fn parameters() -> Vec<Parameter> {
    let parameters = json!([
        { "name": "order_number", "label": "Order", "description": "As it stands in the mail." },
        { "name": "street", "optional": true },
        { "name": "count", "kind": "number", "optional": true },
        { "name": "mail", "kind": "email", "optional": true },
        { "name": "phone", "kind": "tel", "optional": true, "label": "Phone" },
        { "name": "speed", "kind": "choice", "optional": true, "choices": [
            { "value": "std", "label": "Standard" }, { "value": "exp", "label": "Express" },
        ] },
        { "name": "password", "kind": "password", "optional": true, "label": "Password" },
    ]);
    serde_json::from_value(parameters).unwrap()
}

fn model(arguments: &Value) -> Result<Values, Vec<Complaint>> {
    Values::from_model(&parameters(), arguments)
}

fn complaints(arguments: &Value) -> Vec<String> {
    model(arguments).unwrap_err().iter().map(ToString::to_string).collect()
}

fn form(fields: &[(&str, &str)]) -> Result<Values, Vec<Complaint>> {
    let mut fields: BTreeMap<String, String> =
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    fields.entry("order_number".to_owned()).or_insert_with(|| "x".to_owned());
    Values::from_form(&parameters(), &fields)
}

#[test]
fn what_a_model_gives_is_taken_as_it_is_meant() {
    let values = model(&json!({
        "order_number": 1042, "street": true, "count": "12", "mail": " Ann@Example.com ", "phone": "+44 20 7946 0958",
        "speed": "exp", "password": null,
    }));
    let values = values.unwrap();
    assert_eq!(
        values.canonical(),
        r#"{"count":12,"mail":"ann@example.com","order_number":"1042","phone":"+44 20 7946 0958","speed":"exp","street":"true"}"#
    );
    assert_eq!((values.text("count").as_deref(), values.text("password")), (Some("12"), None));
    for (given, number) in
        [(json!(1.5), json!(1.5)), (json!("-3"), json!(-3)), (json!(" 7 "), json!(7)), (json!(0), json!(0))]
    {
        let values = model(&json!({ "order_number": "x", "count": given })).unwrap();
        assert_eq!(values.get("count"), Some(&number));
    }
    assert!(model(&json!({ "order_number": "x".repeat(2_000) })).is_ok());
}

#[test]
fn each_complaint_names_its_parameter_and_quotes_nothing() {
    for (arguments, complaint) in [
        (json!({}), "order_number is missing"),
        (json!(null), "order_number is missing"),
        (json!({ "order_number": null }), "order_number is missing"),
        (json!({ "order_number": "" }), "order_number is missing"),
        (json!({ "order_number": " \n" }), "order_number is missing"),
        (json!([]), "the arguments must be a JSON object"),
        (json!("canary"), "the arguments must be a JSON object"),
        (json!({ "order_number": ["canary"] }), "order_number must be a text"),
        (json!({ "order_number": { "canary": 1 } }), "order_number must be a text"),
        (json!({ "order_number": "ca\nnary" }), "order_number must not have control characters"),
        (json!({ "order_number": "ca\u{0}nary" }), "order_number must not have control characters"),
        (json!({ "order_number": "x".repeat(2_001) }), "order_number must have at most 2000 characters"),
        (json!({ "order_number": "x", "count": "canary" }), "count must be a number"),
        (json!({ "order_number": "x", "count": "1e999" }), "count must be a number"),
        (json!({ "order_number": "x", "count": "0x1" }), "count must be a number"),
        (json!({ "order_number": "x", "count": "NaN" }), "count must be a number"),
        (json!({ "order_number": "x", "count": true }), "count must be a number"),
        (json!({ "order_number": "x", "mail": "canary" }), "mail must be an email address"),
        (json!({ "order_number": "x", "mail": "a@b.com,c@d.com" }), "mail must be an email address"),
        (json!({ "order_number": "x", "speed": "canary" }), "speed must be one of: std, exp"),
        (json!({ "order_number": "x", "speed": "Standard" }), "speed must be one of: std, exp"),
        (json!({ "order_number": "x", "user_id": "canary" }), "user_id is not a parameter"),
        (
            json!({ "order_number": "x", "password": "canary" }),
            "password is never asked for in a conversation: it is typed into a login form alone",
        ),
        (json!({ "order_number": "x", "a\r\nb": "canary" }), "ab is not a parameter"),
    ] {
        let found = complaints(&arguments);
        assert_eq!(found, [complaint], "{arguments}");
        assert!(!found[0].contains("canary"));
    }
    for phone in [
        "123",
        "+",
        "12345678901234567890a",
        "123456789012345678901",
        "call me",
        "12-345-678",
        "++12345",
        "1 2 3 4",
        "１２３４５６",
    ] {
        assert!(
            complaints(&json!({ "order_number": "x", "phone": phone }))[0].starts_with("phone must be a phone number")
        );
    }
    assert_eq!(complaints(&json!({ "count": "x", "b": 1, "a": 1 })).len(), 4, "all of them at once");
}

#[test]
fn a_password_is_never_changed() {
    for password in
        [" hunter2 ", "p\u{e4}ss wörd", "\u{1F511}", "tab\there", "\r\n", &"x".repeat(1_000), "<order_number>", "\""]
    {
        let values = form(&[("password", password), ("street", "  High St ")]).unwrap();
        assert_eq!(values.secrets(&parameters()), [password]);
        assert_eq!(values.text("street").as_deref(), Some("High St"));
    }
    assert_eq!(
        form(&[("password", &"x".repeat(1_001))]).unwrap_err()[0].to_string(),
        "password must have at most 1000 characters"
    );
    assert!(form(&[("password", "")]).unwrap().secrets(&parameters()).is_empty());
}

#[test]
fn a_password_is_on_no_card_and_in_no_log() {
    let values = form(&[("password", "hunter2"), ("phone", "020 7946"), ("order_number", "NW-1")]).unwrap();
    let details = values.details(&parameters());
    let details: Vec<(&str, &str)> = details.iter().map(|it| (it.label.as_str(), it.value.as_str())).collect();
    assert_eq!(details, [("Order", "NW-1"), ("Phone", "020 7946")]);
    assert_eq!(format!("{values:?}"), r#"Values{"order_number", "password", "phone"}"#);
}

#[test]
fn a_confirmation_says_what_a_choice_means() {
    let values = model(&json!({ "order_number": "x", "speed": "exp" })).unwrap();
    assert_eq!(values.details(&parameters())[1].value, "Express");
}

#[test]
fn the_schema_describes_every_parameter_and_no_other() {
    let parameters: Vec<Parameter> = parameters().into_iter().filter(|it| it.name != "password").collect();
    let schema = schema(&parameters);
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!((&schema["additionalProperties"], &schema["required"]), (&json!(false), &json!(["order_number"])));
    assert_eq!(
        schema["properties"]["order_number"],
        json!({ "type": "string", "description": "Order: As it stands in the mail." })
    );
    assert_eq!(schema["properties"]["speed"]["enum"], json!(["std", "exp"]));
    assert_eq!(schema["properties"]["speed"]["description"], "speed (std is Standard, exp is Express)");
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json!({ "order_number": "x", "count": 1, "speed": "std" })));
    assert!(!validator.is_valid(&json!({ "order_number": "x", "user_id": "u" })) && !validator.is_valid(&json!({})));
}

#[test]
fn nothing_that_is_not_seen_stands_in_a_value_but_in_a_password() {
    let disguised = "invisible characters, nor such that turn the direction of the text";
    for c in "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200B}\u{200C}\u{200D}\u{200E}\
              \u{200F}\u{2060}\u{2064}\u{FEFF}\u{AD}\u{61C}\u{180E}\u{3164}\u{E0041}\u{FE0F}\u{E0100}"
        .chars()
    {
        for street in [format!("High{c} St"), format!("{c}High St"), format!("High St{c}x")] {
            assert!(complaints(&json!({ "order_number": "x", "street": street }))[0].ends_with(disguised), "{c:?}");
            assert!(form(&[("street", &street)]).unwrap_err()[0].to_string().ends_with(disguised), "{c:?}");
        }
        let password = format!("hunter2{c}");
        assert_eq!(form(&[("password", &password)]).unwrap().secrets(&parameters()), [password]);
    }
    // Written with joiners and selectors of variants: Persian, Hindi, an emoji of two, a Japanese name.
    for text in
        ["می\u{200C}خواهم", "क\u{94D}\u{200D}ष", "\u{1F469}\u{200D}\u{1F4BB}", "\u{2764}\u{FE0F}", "葛\u{E0100}城"]
    {
        let values = model(&json!({ "order_number": "x", "street": text })).unwrap();
        assert_eq!(values.text("street").as_deref(), Some(text), "nothing is taken out");
    }
}

#[test]
fn a_secret_is_told_by_kind_name_and_what_browsers_fill_in() {
    let parameters: Vec<Parameter> = serde_json::from_value(json!([
        { "name": "user_name", "autocomplete": "username" },
        { "name": "password", "kind": "password" },
        { "name": "pin", "kind": "number" },
        { "name": "answer", "autocomplete": "one-time-code" },
        { "name": "again", "autocomplete": "section-a new-password" },
        { "name": "shipping" },
    ]))
    .unwrap();
    let names = ["user_name", "password", "pin", "answer", "again", "shipping"];
    let given = names.iter().map(|name| ((*name).to_owned(), "1234".to_owned())).collect();
    let values = Values::from_form(&parameters, &given).unwrap();
    assert_eq!(values.secrets(&parameters), ["1234"; 4]);
    let shown: Vec<String> = values.details(&parameters).into_iter().map(|detail| detail.label).collect();
    assert_eq!(shown, ["user_name", "shipping"]);
    assert_eq!(
        values.without_secrets(&parameters, "*").canonical(),
        r#"{"again":"*","answer":"*","password":"*","pin":"*","shipping":"1234","user_name":"1234"}"#
    );
    let secret = Values::from_model(&parameters, &json!({ "user_name": "a", "shipping": "b" })).unwrap_err();
    assert_eq!(secret.len(), 4, "a secret is not even asked for: {secret:?}");
}

#[test]
fn a_login_is_tried_with_its_secrets_and_nothing_else_is() {
    let action = |kind: Value| -> Action {
        serde_json::from_value(json!({
            "name": "a", "title": "A", "url": "https://api.example.com/a", "kind": kind,
            "parameters": [{ "name": "password", "kind": "password" }],
        }))
        .unwrap()
    };
    let given = json!({ "password": "hunter2" });
    assert!(Values::from_trial(&action(json!({ "is": "login", "remembers": [] })), &given).is_ok());
    let public = action(json!({ "is": "public" }));
    assert!(Values::from_trial(&public, &given).is_err());
    assert!(public.asks_for_a_secret() && !public.is_tool());
}

proptest! {
    #[test]
    fn whatever_is_given_is_a_known_scalar_or_a_complaint(name in "[a-z_]{0,12}", text in any::<String>(), number: f64) {
        for value in [json!(text), json!(number), json!([text]), json!({ "a": text })] {
            if let Ok(values) = model(&json!({ "order_number": value, "count": value })) {
                prop_assert!(values.get("order_number").is_some_and(Value::is_string));
                prop_assert!(values.get("count").is_none_or(Value::is_number));
            }
            let arguments = json!({ "order_number": "x", (name.clone()): value });
            let is_known = parameters().iter().any(|parameter| parameter.name == name);
            prop_assert!(is_known || model(&arguments).is_err());
        }
    }

    #[test]
    fn equal_values_have_equal_texts_and_survive_storage(text in "\\PC{1,40}") {
        if let Ok(values) = model(&json!({ "street": text, "order_number": "x" })) {
            let stored = serde_json::to_string(&values).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Values>(&stored).unwrap(), &values);
            prop_assert_eq!(stored, values.canonical());
        }
    }
}
