//! The conversation as every protocol takes it: each call with its answer, each answer after its call.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{ModelMessage, ToolCall};

/// One step of the conversation.
#[derive(Debug, PartialEq)]
pub(super) enum Said<'a> {
    /// The visitor.
    User(&'a str),
    /// The model's text and the calls that were answered; not both are empty.
    Assistant(&'a str, Vec<Called<'a>>),
    /// The answers to the calls right before, in their order.
    Results(Vec<Called<'a>>),
}

/// A call with its answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Called<'a> {
    /// Unlike any other of the conversation: `[A-Za-z0-9_-]`, 1 to 64.
    pub id: String,
    /// `[A-Za-z0-9_-]`, 1 to 64: what the model called may be no name at all.
    pub name: String,
    /// An object.
    pub arguments: Value,
    /// What it answered.
    pub content: &'a str,
}

/// Calls that nothing answered, left by an interruption, and answers without a call are left out, since the protocols
/// refuse them. So do they refuse ids twice, or with signs that another provider's ids may have: those are renamed.
pub(super) fn tidy(messages: &[ModelMessage]) -> Vec<Said<'_>> {
    let mut out = Vec::new();
    let mut ids = HashSet::new();
    for (at, message) in messages.iter().enumerate() {
        match message {
            ModelMessage::User { text } => out.push(Said::User(text)),
            ModelMessage::Assistant { text, calls } => {
                let mut answers = answers_after(messages, at);
                let called: Vec<Called> =
                    calls.iter().filter_map(|call| answered(call, &mut answers, &mut ids)).collect();
                if !text.is_empty() || !called.is_empty() {
                    out.push(Said::Assistant(text, called.clone()));
                }
                if !called.is_empty() {
                    out.push(Said::Results(called));
                }
            }
            // Taken together with its call.
            ModelMessage::Tool { .. } => {}
        }
    }
    out
}

fn answers_after<'a>(messages: &'a [ModelMessage], at: usize) -> Vec<(&'a str, &'a str)> {
    let answer = |message: &'a ModelMessage| match message {
        ModelMessage::Tool { call_id, content, .. } => Some((call_id.as_str(), content.as_str())),
        ModelMessage::User { .. } | ModelMessage::Assistant { .. } => None,
    };
    messages.iter().skip(at + 1).map_while(answer).collect()
}

fn answered<'a>(call: &ToolCall, answers: &mut Vec<(&str, &'a str)>, ids: &mut HashSet<String>) -> Option<Called<'a>> {
    let position = answers.iter().position(|(id, _)| *id == call.id)?;
    let (_, content) = answers.remove(position);
    let own = Some(plain(&call.id)).filter(|id| !id.is_empty() && !ids.contains(id));
    // Nine letters and digits, which is all that Mistral takes.
    let id =
        own.or_else(|| (1..=ids.len() + 1).map(|number| format!("call{number:05}")).find(|id| !ids.contains(id)))?;
    ids.insert(id.clone());
    let arguments = if call.arguments.is_object() { call.arguments.clone() } else { Value::Object(Map::new()) };
    let name = Some(plain(&call.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned());
    Some(Called { id, name, arguments, content })
}

fn plain(text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    text.chars().take(64).map(allowed).collect()
}
