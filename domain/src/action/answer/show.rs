//! What the model may see of an answer.

use serde_json::{Map, Value};

use super::{is_secret_field, names_a_credential};
use crate::action::Action;
use crate::action::expression::{Expression, Scope};
use crate::action::mask::{HIDDEN, Spelled};

/// The most bytes of all that is shown, as JSON.
const MAX_SHOWN_BYTES: usize = 16 * 1024;

/// Evaluates what the action shows. Of a failed call, what is not there is no fault.
pub(super) fn shows(
    action: &Action,
    scope: &Scope,
    secrets: &[String],
    succeeded: bool,
    faults: &mut Vec<String>,
) -> Map<String, Value> {
    let (mut shown, mut left, secrets) = (Map::new(), MAX_SHOWN_BYTES, Spelled::of(secrets));
    for mapped in &action.shows {
        if is_secret_field(&mapped.name) {
            faults.push(format!("shows.{}: a name like this is never shown", mapped.name));
            continue;
        }
        match Expression::compile(&mapped.from).and_then(|expression| expression.value(scope)) {
            Ok(value) => {
                let value = hidden(value, &secrets);
                left = left.saturating_sub(mapped.name.len() + 4);
                let (value, is_whole) = fitted(value, &mut left);
                if !is_whole {
                    faults.push(format!("shows.{}: cut, because all of it is more than 16 KB", mapped.name));
                }
                if let Some(value) = value {
                    shown.insert(mapped.name.clone(), value);
                }
            }
            Err(fault) if succeeded => faults.push(format!("shows.{}: {fault}", mapped.name)),
            Err(_) => {}
        }
    }
    shown
}

/// A value without secrets: every text and number that is one or has one in it, however it is written, and everything that a credential's name or a token's
/// stands over.
fn hidden(value: Value, secrets: &Spelled<'_>) -> Value {
    match value {
        Value::String(text) if secrets.are_in(&text) => Value::from(HIDDEN),
        Value::Number(number) if secrets.are_in(&number.to_string()) => Value::from(HIDDEN),
        Value::Array(items) => items.into_iter().map(|item| hidden(item, secrets)).collect(),
        Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let value = if is_telling(&key) { Value::from(HIDDEN) } else { hidden(value, secrets) };
                (if secrets.are_in(&key) { HIDDEN.to_owned() } else { key }, value)
            });
            Value::Object(entries.collect())
        }
        value => value,
    }
}

/// Narrower than [`is_secret_field`]: a product may have `keywords` and a trip a `session`.
fn is_telling(key: &str) -> bool {
    let lower = key.to_lowercase();
    let ends = ["token", "apikey", "api_key", "api-key", "private_key", "jwt", "credentials"];
    names_a_credential(key) || ends.iter().any(|end| lower.ends_with(end))
}

/// As much of a value as fits, and whether that is all of it: the front of a list or of a text, else all or nothing.
fn fitted(value: Value, left: &mut usize) -> (Option<Value>, bool) {
    let size = value.to_string().len();
    if size <= *left {
        *left -= size;
        return (Some(value), true);
    }
    match value {
        Value::Array(items) => {
            let mut kept = Vec::new();
            *left = left.saturating_sub(2);
            for item in items {
                *left = left.saturating_sub(1);
                let size = item.to_string().len();
                if size > *left {
                    break;
                }
                *left -= size;
                kept.push(item);
            }
            (Some(Value::Array(kept)), false)
        }
        Value::String(text) => {
            // A character takes at most six bytes in JSON: `\u0000`.
            let kept: String = text.chars().take(left.saturating_sub(2) / 6).collect();
            *left = left.saturating_sub(Value::from(kept.as_str()).to_string().len());
            (Some(Value::String(kept)), false)
        }
        _ => (None, false),
    }
}
