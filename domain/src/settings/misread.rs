//! Where settings are not of their form at all: which part, and what its reader says.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use shared::admin::problem::FieldError;

use super::texts::texts_at;
use super::{add, sentence};
use crate::action::Action;
use crate::agent::{Agent, CustomerAuth, Texts};
use crate::json;

/// What keeps a document from being read as settings, part by part; empty when it can be read. A reader stops at its first
/// fault and does not say where that is, so each part is read by itself.
pub fn misread(settings: &Value) -> Vec<FieldError> {
    let mut found = Vec::new();
    let Some(why) = fault::<Agent>(settings) else { return found };
    let Value::Object(fields) = settings else {
        add(&mut found, "", "Settings are a JSON object.");
        return found;
    };
    let least = json!({"id": "ag_x", "name": "", "origins": []});
    for (name, value) in fields {
        let pointer = format!("/{name}");
        match (name.as_str(), value) {
            ("customer_auth", Value::Object(parts)) => each::<CustomerAuth>(&mut found, &pointer, parts, &json!({})),
            ("languages", Value::Object(languages)) => {
                for (tag, texts) in languages {
                    match (fault::<Texts>(texts), texts) {
                        (None, _) => {}
                        (_, Value::Object(parts)) => {
                            each::<Texts>(&mut found, &texts_at(tag), parts, &json!({}));
                        }
                        (Some(why), _) => add(&mut found, &texts_at(tag), &why),
                    }
                }
            }
            ("actions", Value::Array(actions)) => {
                for (at, action) in actions.iter().enumerate() {
                    of_action(&mut found, &format!("{pointer}/{at}"), action);
                }
            }
            _ => one::<Agent>(&mut found, &pointer, name, value, &least),
        }
    }
    for name in ["id", "name", "origins"].into_iter().filter(|name| !fields.contains_key(*name)) {
        add(&mut found, &format!("/{name}"), "This is missing.");
    }
    if found.is_empty() {
        add(&mut found, "", &why);
    }
    found
}

/// As [`misread`], of one action; the pointers are into it.
pub fn misread_action(action: &Value) -> Vec<FieldError> {
    let mut found = Vec::new();
    of_action(&mut found, "", action);
    found
}

fn of_action(found: &mut Vec<FieldError>, pointer: &str, action: &Value) {
    let Some(why) = fault::<Action>(action) else { return };
    let known = found.len();
    if let Value::Object(parts) = action {
        let least = json!({"name": "", "title": "", "kind": {"is": "public"}, "url": ""});
        each::<Action>(found, pointer, parts, &least);
        for name in ["name", "title", "kind", "url"].into_iter().filter(|name| !parts.contains_key(*name)) {
            add(found, &format!("{pointer}/{name}"), "This is missing.");
        }
    }
    if found.len() == known {
        add(found, pointer, &why);
    }
}

/// Each field by itself, put into the least that can be read.
fn each<T: DeserializeOwned>(found: &mut Vec<FieldError>, at: &str, fields: &Map<String, Value>, least: &Value) {
    for (name, value) in fields {
        one::<T>(found, &format!("{at}/{name}"), name, value, least);
    }
}

fn one<T: DeserializeOwned>(found: &mut Vec<FieldError>, pointer: &str, name: &str, value: &Value, least: &Value) {
    let mut whole = least.clone();
    if let Value::Object(fields) = &mut whole {
        fields.insert(name.to_owned(), value.clone());
    }
    if let Some(why) = fault::<T>(&whole) {
        add(found, pointer, &why);
    }
}

fn fault<T: DeserializeOwned>(value: &Value) -> Option<String> {
    json::of::<T>(value).err().map(|error| sentence(&json::words(&error)))
}
