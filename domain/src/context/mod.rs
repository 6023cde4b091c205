//! What is kept about a person: sealed at rest, used by actions, shown to the person, in part visible to the model.

pub mod link;
pub mod login;
pub mod refresh;
pub mod roles;
pub mod seal;
pub mod seen;

use std::collections::BTreeMap;

use serde_json::Value;

/// The persistent context of one person: values by field name.
pub type Context = BTreeMap<String, Value>;

/// A value as a line of text: a text as it is, a number or a truth as JSON writes it, a list of those with commas.
/// Nothing for anything else.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(items) if !items.is_empty() => {
            let texts: Option<Vec<_>> =
                items.iter().map(|item| if item.is_array() { None } else { text(item) }).collect();
            texts.map(|texts| texts.join(", "))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
