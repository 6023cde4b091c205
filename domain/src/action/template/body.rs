//! The body of a template: a tree that is parsed first and whose text leaves are filled afterwards.

use serde_json::{Map, Value};

use super::part::{Parts, Placeholder};

/// How deep a body may nest.
const MAX_DEPTH: usize = 16;

/// A JSON tree with its text leaves in pieces.
#[derive(Debug)]
pub(super) enum BodyTemplate {
    Fixed(Value),
    Text(Parts),
    List(Vec<BodyTemplate>),
    Object(Vec<(String, BodyTemplate)>),
}

impl BodyTemplate {
    pub(super) fn parse(body: &Value) -> Result<Self, String> {
        Self::parse_at(body, 0)
    }

    fn parse_at(body: &Value, depth: usize) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err("the body is nested too deeply".to_owned());
        }
        Ok(match body {
            Value::String(text) => Self::Text(Parts::parse(text)?),
            Value::Array(items) => {
                Self::List(items.iter().map(|item| Self::parse_at(item, depth + 1)).collect::<Result<_, _>>()?)
            }
            Value::Object(entries) => {
                let mut parsed = Vec::new();
                for (key, value) in entries {
                    if Parts::parse(key).map_or(true, |parts| parts.placeholders().next().is_some()) {
                        return Err("a placeholder must not stand in the name of a key".to_owned());
                    }
                    parsed.push((key.clone(), Self::parse_at(value, depth + 1)?));
                }
                Self::Object(parsed)
            }
            fixed => Self::Fixed(fixed.clone()),
        })
    }

    pub(super) fn placeholders(&self) -> Vec<&Placeholder> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Text(parts) => parts.placeholders().collect(),
            Self::List(items) => items.iter().flat_map(Self::placeholders).collect(),
            Self::Object(entries) => entries.iter().flat_map(|(_, value)| value.placeholders()).collect(),
        }
    }

    /// The tree with its leaves filled. A leaf that is all of one placeholder takes the value with its type, and is
    /// left out, with its key, where the value was left out.
    pub(super) fn fill(&self, give: &mut dyn FnMut(&Placeholder) -> Option<Value>) -> Option<Value> {
        match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Text(parts) => match parts.only() {
                Some(only) => give(only),
                None => parts
                    .fill(|placeholder| {
                        Ok::<_, core::convert::Infallible>(give(placeholder).map(super::as_text).unwrap_or_default())
                    })
                    .ok()
                    .map(Value::String),
            },
            Self::List(items) => Some(items.iter().filter_map(|item| item.fill(give)).collect()),
            Self::Object(entries) => {
                let filled = entries.iter().filter_map(|(key, value)| Some((key.clone(), value.fill(give)?)));
                Some(Value::Object(filled.collect::<Map<_, _>>()))
            }
        }
    }
}
