//! What a new action begins with, and what a change of its kind makes of it.

use serde_json::{Value, json};

/// The kinds of actions: value, words, and what each is for.
pub(super) const KINDS: [(&str, &str, &str); 4] = [
    ("public", "Public", "For anybody, called by the AI: find a shop, check a stock."),
    ("private", "Private", "For people who are signed in, called by the AI with their own data: track my order."),
    ("login", "Login", "Your own log-in: the card shows its form, and your API says who somebody is."),
    ("refresh", "Refresh", "Replaces a token before it ends, without anybody noticing."),
];

/// What a kind is called.
pub(super) fn kind_words(kind: &str) -> &'static str {
    KINDS.iter().find(|(name, ..)| *name == kind).map_or("Unknown", |(_, words, _)| words)
}

/// What a kind needs besides the call.
pub(super) fn kind(name: &str) -> Value {
    match name {
        "private" => json!({"is": "private", "assurance": "claimed", "max_age_s": null, "roles": [], "confirm": false}),
        "login" => {
            json!({"is": "login", "proves": "email_code", "next": null, "vouches_email": false, "remembers": []})
        }
        "refresh" => json!({"is": "refresh", "remembers": []}),
        _ => json!({"is": "public", "confirm": false}),
    }
}

/// A new action of a kind, with a name that no other has.
pub(super) fn action(kind_name: &str, taken: &[Value]) -> Value {
    let base = match kind_name {
        "login" => "sign_in",
        "refresh" => "refresh_token",
        _ => "new_action",
    };
    let method = if matches!(kind_name, "login" | "refresh") { "POST" } else { "GET" };
    json!({
        "name": free(base, taken), "title": "", "description": "", "kind": kind(kind_name), "method": method,
        "url": "https://", "headers": [], "body": null, "parameters": [], "timeout_ms": 8000, "success": "",
        "shows": [], "failure": "", "idempotent": false,
    })
}

/// A name that begins so and that no action has.
pub(super) fn free(base: &str, taken: &[Value]) -> String {
    let is_free = |name: &str| taken.iter().all(|action| action.get("name").and_then(Value::as_str) != Some(name));
    (1..=taken.len() + 1)
        .map(|number| if number == 1 { base.to_owned() } else { format!("{base}_{number}") })
        .find(|name| is_free(name))
        .unwrap_or_default()
}

/// A new parameter.
pub(super) fn parameter() -> Value {
    json!({
        "name": "", "label": "", "description": "", "kind": "text", "optional": false, "choices": [], "autocomplete": null,
    })
}

/// The names of the secrets that an action's headers and body use.
pub(super) fn secrets(action: &Value) -> Vec<String> {
    let parts = [action.get("headers"), action.get("body")];
    let text: String = parts.into_iter().flatten().map(Value::to_string).collect();
    let mut names: Vec<String> = text
        .split("{{secret.")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim().to_owned()))
        .filter(|name| !name.is_empty() && name.len() <= 64)
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_action_has_a_name_of_its_own() {
        let taken = [json!({"name": "new_action"}), json!({"name": "new_action_2"})];
        assert_eq!(action("public", &taken)["name"], "new_action_3");
        assert_eq!(action("login", &taken)["name"], "sign_in");
        assert_eq!(action("login", &[])["method"], "POST");
    }

    #[test]
    fn the_secrets_of_an_action_are_found_in_its_headers_and_its_body() {
        let action = json!({
            "headers": [{"name": "X", "value": "Bearer {{secret.shop_key}}"}, {"name": "Y", "value": "{{context.token}}"}],
            "body": {"deep": [{"k": "{{secret.other}} {{secret.shop_key}}"}]}, "url": "{{secret.never}}",
        });
        assert_eq!(secrets(&action), ["other", "shop_key"]);
        assert!(secrets(&json!({"body": "{{secret."})).is_empty());
    }
}
