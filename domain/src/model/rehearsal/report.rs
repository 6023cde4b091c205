//! What a tool answered, in plain sentences. It is data: what it says is told and never followed.

use serde_json::{Map, Value};

use super::ask;
use super::parameters::{Kind, Parameter};
use super::tools::Candidate;
use super::value::{escape, humanised, shown};
use super::words::{sentence, tokens};
use crate::model::ToolCall;

/// The most entries of a list and fields of a result.
const MAX_LIST: usize = 10;
const MAX_FIELDS: usize = 12;

/// What is said about one answer. `candidate` is the tool where it is still known, `alone` whether it is the only one.
pub(super) fn report(call: Option<&ToolCall>, candidate: Option<&Candidate<'_>>, content: &str, alone: bool) -> String {
    let parsed: Value = serde_json::from_str(content).unwrap_or(Value::Null);
    let error = parsed.get("error").and_then(Value::as_str);
    let text = match (error, parsed.get("status").and_then(Value::as_str), parsed.get("result")) {
        (Some(error), ..) => failed(error, candidate),
        (None, Some("done"), result) => done(result.unwrap_or(&Value::Null), candidate),
        (None, Some("pending"), _) => "That waits for you: please answer what is open above.".to_owned(),
        (None, Some("declined" | "cancelled"), None) => "All right, I have not done that.".to_owned(),
        _ if parsed.is_null() => shown(&Value::from(content)).unwrap_or_else(|| "That is done.".to_owned()),
        _ => done(&parsed, None),
    };
    if alone {
        return text;
    }
    match about(call, candidate) {
        Some(about) => format!("{about}: {text}"),
        None => text,
    }
}

/// Which of several answers it is: `Order status, NW-1042`.
fn about(call: Option<&ToolCall>, candidate: Option<&Candidate<'_>>) -> Option<String> {
    let candidate = candidate?;
    let arguments = call.and_then(|call| call.arguments.as_object());
    let mut named = candidate.parameters.iter().filter(|one| matches!(one.kind, Kind::Code | Kind::Choice));
    let value = named.find_map(|one| shown(arguments?.get(&one.name)?));
    let title = sentence(&escape(&candidate.title));
    Some(value.map_or_else(|| format!("**{title}**"), |value| format!("**{title}, {value}**")))
}

fn done(result: &Value, candidate: Option<&Candidate<'_>>) -> String {
    let does = candidate.is_some_and(|candidate| candidate.doing.is_some());
    let told = match result {
        Value::Object(fields) => self::fields(fields, does),
        Value::Array(entries) if !entries.is_empty() => Some(format!("Here is what I found:\n\n{}", list(entries))),
        Value::Null => None,
        other => shown(other).map(|value| format!("The answer is **{value}**.")),
    };
    match told {
        Some(told) if does => format!("That is done. {told}"),
        Some(told) => told,
        None if does => "That is done.".to_owned(),
        None => "I found nothing.".to_owned(),
    }
}

fn fields(fields: &Map<String, Value>, does: bool) -> Option<String> {
    let is_list = |value: &Value| value.as_array().is_some_and(|entries| !entries.is_empty());
    let mut single = Vec::new();
    let mut lists = Vec::new();
    for (name, value) in fields.iter().take(MAX_FIELDS) {
        if is_list(value) {
            lists.push(format!(
                "{}:\n\n{}",
                sentence(&humanised(name)),
                list(value.as_array().map_or(&[], Vec::as_slice))
            ));
        } else if value.is_array() {
            lists.push(format!("There are no {}.", humanised(name)));
        } else {
            single.extend(shown(value).map(|value| (humanised(name), value)));
        }
    }
    let mut parts = Vec::new();
    match single.as_slice() {
        [] => {}
        [(name, value)]
            if value.contains(' ')
                && tokens(name).iter().any(|word| matches!(word.as_str(), "message" | "note" | "text" | "answer")) =>
        {
            parts.push(value.clone());
        }
        [(name, value)] => parts.push(format!("The {name} is **{value}**.")),
        several => {
            let lines: Vec<String> =
                several.iter().map(|(name, value)| format!("- {}: {value}", sentence(name))).collect();
            let head = if does { "" } else { "Here is what I found:" };
            parts.push(format!("{head}\n\n{}", lines.join("\n")));
        }
    }
    parts.extend(lists);
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn list(entries: &[Value]) -> String {
    let mut lines: Vec<String> =
        entries.iter().take(MAX_LIST).filter_map(entry).map(|line| format!("- {line}")).collect();
    if entries.len() > MAX_LIST {
        lines.push(format!("- …and {} more", entries.len() - MAX_LIST));
    }
    lines.join("\n")
}

/// Words of the fields that name an entry, best first.
const NAMES: [&str; 9] = ["name", "title", "label", "number", "id", "code", "reference", "date", "time"];

/// One entry on one line, by the field that names it.
fn entry(entry: &Value) -> Option<String> {
    let Value::Object(fields) = entry else { return shown(entry) };
    let of = |wanted: &str| fields.iter().find(|(name, _)| name.split('_').any(|word| word == wanted));
    let named = NAMES.iter().find_map(|wanted| of(wanted)).or_else(|| fields.iter().next());
    let (key, name) = named.and_then(|(key, value)| Some((key, shown(value)?)))?;
    let rest = fields.iter().filter(|(other, _)| *other != key);
    let rest: Vec<String> = rest
        .filter_map(|(name, value)| Some(format!("{} {}", humanised(name), shown(value)?)))
        .take(MAX_FIELDS)
        .collect();
    Some(if rest.is_empty() { format!("**{name}**") } else { format!("**{name}**: {}", rest.join(", ")) })
}

/// What went wrong, and what the visitor can do.
fn failed(error: &str, candidate: Option<&Candidate<'_>>) -> String {
    let lower = error.to_lowercase();
    if lower.contains("visitor said no") || lower.contains("visitor declined") || lower.contains("did not agree") {
        return "All right, I have not done that.".to_owned();
    }
    if lower.contains("not known whether") || lower.contains("unknown whether") {
        return "I could not find out whether that was done. Please check before you ask for it again.".to_owned();
    }
    let wrong = candidate.and_then(|candidate| Some((candidate, at_fault(candidate, &lower)?)));
    if let Some((candidate, parameter)) = wrong {
        let asked = ask::question(candidate, parameter, &[]);
        let why = if lower.contains("missing") || lower.contains("required") {
            String::new()
        } else {
            said(error, candidate)
        };
        return if why.is_empty() { asked } else { format!("That did not work: {why} {asked}") };
    }
    let why = candidate.map_or_else(|| for_visitor(error), |candidate| said(error, candidate));
    let api = error
        .strip_prefix("The API answered ")
        .and_then(|rest| rest.get(..3))
        .and_then(|code| code.parse::<u16>().ok());
    let later = api.is_some_and(|code| code >= 500 || code == 429)
        || ["timed out", "in time", "try again", "unavailable", "could not be reached", "busy"]
            .iter()
            .any(|word| lower.contains(word));
    let advice = match (later, api) {
        (true, _) if why.to_lowercase().contains("try again") => "",
        (true, _) => "Please try again in a moment.",
        (false, Some(400 | 404 | 409 | 410 | 422)) => "Please check what you gave me and try again.",
        (false, _) => "",
    };
    if why.is_empty() {
        return format!(
            "I'm sorry, that did not work. {}",
            if advice.is_empty() { "Please try again in a moment." } else { advice }
        );
    }
    format!("I'm sorry, that did not work: {why} {advice}").trim_end().to_owned()
}

/// The parameter that an error names as missing or wrong.
fn at_fault<'a>(candidate: &'a Candidate<'_>, error: &str) -> Option<&'a Parameter> {
    let complains = ["missing", "invalid", "required", " must ", "not valid", "not a valid", "malformed", "is empty"];
    if !complains.iter().any(|word| error.contains(word)) {
        return None;
    }
    let names = |name: &str| {
        let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        error.match_indices(name).any(|(at, name)| {
            is_edge(error.get(..at).and_then(|before| before.chars().next_back()))
                && is_edge(error.get(at + name.len()..).and_then(|after| after.chars().next()))
        })
    };
    let asked = candidate.parameters.iter().filter(|parameter| parameter.kind != Kind::Secret);
    asked
        .filter(|parameter| {
            names(&parameter.name) || names(&parameter.label.to_lowercase()) || names(&parameter.name.replace('_', " "))
        })
        .max_by_key(|parameter| parameter.name.len())
}

/// The error with the names that people know instead of those of parameters.
fn said(error: &str, candidate: &Candidate<'_>) -> String {
    let mut text = error.to_owned();
    for parameter in candidate.parameters.iter().filter(|parameter| parameter.name.contains('_')) {
        text = text.replace(&parameter.name, &format!("the {}", parameter.label.to_lowercase()));
    }
    for_visitor(&text)
}

/// An error as the visitor reads it: without how the API was called and without what only the model was to do.
fn for_visitor(error: &str) -> String {
    let text = match error.strip_prefix("The API answered ") {
        Some(rest) => rest.split_once(": ").map_or("", |(_, words)| words),
        None => error,
    };
    let is_for_model = |part: &str| {
        let lower = part.trim().to_lowercase();
        ["do not call", "don't call", "tell the visitor", "ask the visitor", "ask them", "call "]
            .iter()
            .any(|begin| lower.starts_with(begin))
    };
    let mut kept: Vec<String> = Vec::new();
    for part in text.replace("; ", ". ").split_inclusive(['.', '!', '?']) {
        if is_for_model(part) {
            continue;
        }
        match kept.last_mut() {
            // A full stop inside a word or a number ends nothing.
            Some(last) if !part.starts_with(char::is_whitespace) => last.push_str(part),
            _ => kept.push(part.trim().to_owned()),
        }
    }
    let text = kept.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let text = [
        ("The visitor's", "Your"),
        ("the visitor's", "your"),
        ("The visitor has", "You have"),
        ("the visitor has", "you have"),
        ("The visitor is", "You are"),
        ("The visitor cannot", "You cannot"),
        ("the visitor", "you"),
        ("The visitor", "You"),
    ]
    .iter()
    .fold(text, |text, (from, to)| text.replace(from, to));
    let text = shown(&Value::from(text)).unwrap_or_default();
    match text.chars().next_back() {
        None => text,
        Some('.' | '!' | '?' | '…') => sentence(&text),
        Some(_) => format!("{}.", sentence(&text)),
    }
}
