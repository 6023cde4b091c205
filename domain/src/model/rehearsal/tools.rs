//! Which tool a question asks for, and with what arguments.

use serde_json::{Map, Value};

use super::question::Question;
use super::relevance::Relevance;
use super::words::stems;
use crate::model::Tool;
use crate::policy::REQUEST_LOGIN;

/// The most of a login's subjects that are spoken of.
const MAX_SUBJECTS: usize = 5;

/// What a login opens, by the login tool's own description: what follows its first colon, `name (what it answers)`
/// separated by semicolons.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: String,
    stems: Vec<String>,
}

/// What signing in would open; empty when the tool is not offered or does not say.
pub(super) fn subjects(tools: &[Tool]) -> Vec<Subject> {
    let login = tools.iter().find(|tool| tool.name == REQUEST_LOGIN);
    let scope = login.and_then(|tool| tool.description.split_once(": ")).map_or("", |(_, scope)| scope);
    split_outside_brackets(scope)
        .into_iter()
        .map(|part| Subject {
            name: part.split('(').next().unwrap_or_default().trim().trim_end_matches('.').to_owned(),
            stems: stems(part),
        })
        .filter(|subject| !subject.name.is_empty() && subject.name.chars().count() <= 60)
        .take(MAX_SUBJECTS)
        .collect()
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ';' && depth <= 0
    })
    .collect()
}

/// The subject that the question is about, the first where none is.
pub(super) fn subject_of<'a>(subjects: &'a [Subject], question: &Question<'_>) -> Option<&'a Subject> {
    let hits = |subject: &Subject| subject.stems.iter().filter(|stem| question.stems.contains(stem)).count();
    let best = subjects.iter().map(hits).max()?;
    subjects.iter().find(|subject| hits(subject) == best)
}

/// How well a tool covers the question, 0 to 1. Of the login tool only what it opens counts: the rest of its
/// description speaks of signing in.
pub(super) fn score(tool: &Tool, relevance: &Relevance, question: &Question<'_>, subjects: &[Subject]) -> f64 {
    let own;
    let words: Vec<&String> = if tool.name == REQUEST_LOGIN {
        subjects.iter().flat_map(|subject| &subject.stems).collect()
    } else {
        own = stems(&format!("{} {}", tool.name, tool.description));
        own.iter().collect()
    };
    relevance.coverage(&question.stems, |stem| if words.iter().any(|word| *word == stem) { 1.0 } else { 0.0 })
}

/// Whether the visitor asks to sign in, in so many words.
pub(super) fn asks_to_sign_in(question: &Question<'_>) -> bool {
    let text = question.tokens.join(" ");
    ["sign in", "sign me in", "signin", "log in", "log me in", "login"].iter().any(|words| {
        text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            || text.contains(&format!(" {words}"))
    }) && !question.has(&["cannot", "can", "why", "how"])
}

/// The arguments that the text holds; none when a required one is not there.
pub(super) fn arguments(tool: &Tool, question: &Question<'_>, reason: &str) -> Option<Value> {
    let empty = Map::new();
    let properties = tool.parameters.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let mut found = Map::new();
    for (name, schema) in properties {
        let value = if tool.name == REQUEST_LOGIN && name == "reason" {
            Some(Value::from(reason))
        } else {
            argument(name, schema, question)
        };
        found.extend(value.map(|value| (name.clone(), value)));
    }
    let required = tool.parameters.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let complete = required.iter().filter_map(Value::as_str).all(|name| found.contains_key(name));
    complete.then_some(Value::Object(found))
}

fn argument(name: &str, schema: &Value, question: &Question<'_>) -> Option<Value> {
    let words = || question.text.split_whitespace().map(|word| word.trim_matches(|c: char| "?!.,;:()\"'".contains(c)));
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choices.iter().find(|choice| choice.as_str().is_some_and(|choice| mentions(question, choice))).cloned();
    }
    match schema.get("type").and_then(Value::as_str).unwrap_or("string") {
        "integer" => words().find_map(|word| word.parse::<i64>().ok()).map(Value::from),
        "number" => words().find_map(|word| word.parse::<f64>().ok()).map(Value::from),
        "string" => {
            let email = name.contains("email") || schema.get("format").and_then(Value::as_str) == Some("email");
            let fits = |word: &&str| {
                if email { word.contains('@') } else { word.chars().any(|c| c.is_ascii_digit()) && word.len() >= 3 }
            };
            let word = words().find(fits)?;
            Some(Value::from(word.trim_start_matches('#')))
        }
        _ => None,
    }
}

fn mentions(question: &Question<'_>, choice: &str) -> bool {
    let wanted = stems(choice);
    !wanted.is_empty() && wanted.iter().all(|stem| question.stems.contains(stem))
}
