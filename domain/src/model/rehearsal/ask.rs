//! Asking for what is missing, and knowing one's own question again in the conversation: nothing else remembers it.

use serde_json::{Map, Value};

use super::choice::{Chooser, missing};
use super::clauses::clauses;
use super::fill::answer_to;
use super::parameters::{Kind, Parameter};
use super::question::Question;
use super::tools::Candidate;
use super::value::escape;
use super::words::join;
use crate::model::ModelMessage;

/// The most characters of a description in a question.
const MAX_HINT: usize = 80;

/// The question for one parameter of a tool. No two parameters have the same.
pub(super) fn question(candidate: &Candidate<'_>, parameter: &Parameter, known: &[String]) -> String {
    let label = parameter.in_sentence();
    let bare = ["your ", "the ", "a ", "an "].iter().find_map(|word| label.strip_prefix(word)).unwrap_or(&label);
    let hint = hint(parameter);
    let asked = match parameter.kind {
        Kind::Choice => {
            let meanings: Vec<String> = parameter.choices.iter().map(|(_, meaning)| escape(meaning)).collect();
            format!("Which {bare}? You can choose: {}.", meanings.join(", "))
        }
        Kind::Code => format!("Which {bare} is it{hint}?"),
        _ => format!("What is the {bare}{hint}?"),
    };
    let have = if known.len() > 1 { format!("You have {}. ", join(known)) } else { String::new() };
    format!("{have}{asked} I need it {}.", candidate.purpose())
}

/// What the description adds to the label.
fn hint(parameter: &Parameter) -> String {
    let about = parameter.about.as_str();
    let rest = about.split_once(':').map(|(_, rest)| rest).or_else(|| about.split_once(',').map(|(_, rest)| rest));
    let rest = rest.unwrap_or_default().trim().trim_end_matches('.');
    let short = !rest.is_empty() && rest.chars().count() <= MAX_HINT && !rest.contains(". ");
    if short { format!(" ({})", escape(&super::words::in_sentence(rest))) } else { String::new() }
}

/// A call that waits for an argument.
#[derive(Debug)]
pub(super) struct Open<'a> {
    pub(super) candidate: &'a Candidate<'a>,
    pub(super) parameter: &'a Parameter,
    /// What was given before.
    pub(super) known: Map<String, Value>,
}

/// The call for which the last answer asked something; none when it did not.
pub(super) fn open<'a>(chooser: &Chooser<'a>, messages: &'a [ModelMessage]) -> Option<Open<'a>> {
    let at = messages.iter().rposition(|message| matches!(message, ModelMessage::User { .. }))?;
    let (candidate, parameter) = asked_at(chooser, messages, at.checked_sub(1)?)?;
    let mut replies: Vec<(&Parameter, &str)> = Vec::new();
    let mut until = at - 1;
    let mut asked = parameter;
    let mut known = loop {
        // The visitor's message that led to the question, and what was called in between.
        let from = messages.iter().take(until).rposition(|message| matches!(message, ModelMessage::User { .. }))?;
        if let Some(arguments) = called(messages.get(from..until)?, candidate, asked) {
            break arguments;
        }
        let Some(ModelMessage::User { text }) = messages.get(from) else { return None };
        match from.checked_sub(1).and_then(|before| Some((before, asked_at(chooser, messages, before)?))) {
            Some((before, (other, before_asked))) if other.tool.name == candidate.tool.name => {
                replies.push((before_asked, text));
                until = before;
                asked = before_asked;
            }
            _ => break first_arguments(chooser, messages.get(..from)?, text, candidate),
        }
    };
    for (parameter, text) in replies.into_iter().rev() {
        known.extend(answer_to(parameter, text).map(|value| (parameter.name.clone(), value)));
    }
    Some(Open { candidate, parameter, known })
}

/// What the message that began it gave: the part of it that speaks of the tool.
fn first_arguments<'a>(
    chooser: &Chooser<'a>,
    before: &'a [ModelMessage],
    text: &'a str,
    candidate: &Candidate<'_>,
) -> Map<String, Value> {
    let mut chooser = *chooser;
    chooser.context.messages = before;
    let parts = clauses(text);
    let is_it = |part: &&(usize, &str)| {
        let question = Question::new(part.1);
        let chosen = chooser.requested(&question).or_else(|| chooser.looked_up(&question));
        chosen.is_some_and(|chosen| chosen.candidate.tool.name == candidate.tool.name)
    };
    let part = if parts.len() > 1 { parts.iter().find(is_it).copied() } else { None };
    let (start, part) = part.unwrap_or((0, text));
    chooser.context.earlier = text.get(..start).unwrap_or_default();
    chooser.arguments(candidate, &Question::new(part))
}

/// The arguments of a call that failed for want of what was then asked.
fn called(messages: &[ModelMessage], candidate: &Candidate<'_>, asked: &Parameter) -> Option<Map<String, Value>> {
    let mut calls = messages.iter().rev().filter_map(|message| match message {
        ModelMessage::Assistant { calls, .. } => Some(calls),
        _ => None,
    });
    let call = calls.find_map(|calls| calls.iter().find(|call| call.name == candidate.tool.name))?;
    let mut arguments = call.arguments.as_object()?.clone();
    arguments.remove(&asked.name);
    Some(arguments)
}

fn asked_at<'a>(
    chooser: &Chooser<'a>,
    messages: &[ModelMessage],
    at: usize,
) -> Option<(&'a Candidate<'a>, &'a Parameter)> {
    let ModelMessage::Assistant { text, calls } = messages.get(at)? else { return None };
    if !calls.is_empty() {
        return None;
    }
    chooser.candidates.iter().find_map(|candidate| {
        let asks = |parameter: &&Parameter| text.trim_end().ends_with(&question(candidate, parameter, &[]));
        Some((candidate, candidate.parameters.iter().find(asks)?))
    })
}

/// What became of a question that was open.
#[derive(Debug)]
pub(super) enum Reply {
    /// Everything is there.
    Complete(Map<String, Value>),
    /// The next parameter is missing.
    Next(usize),
    /// The message does not answer it.
    Other,
    /// The visitor no longer wants it.
    Dropped,
}

/// Reads a message as the answer to what was asked.
pub(super) fn reply(open: &Open<'_>, question: &Question<'_>) -> Reply {
    let text = question.text.trim().to_lowercase();
    let plain = text.trim_end_matches(['.', '!']);
    let never = ["no", "nope", "never mind", "nevermind", "forget it", "cancel", "stop", "no thanks", "leave it"];
    if never.contains(&plain) || plain.starts_with("never mind") || plain.starts_with("forget it") {
        return Reply::Dropped;
    }
    let first = question.tokens.first().map_or("", String::as_str);
    let asks = text.ends_with('?')
        || matches!(
            first,
            "what" | "where" | "when" | "who" | "why" | "how" | "which" | "is" | "are" | "do" | "does" | "did" | "can"
        );
    if asks {
        return Reply::Other;
    }
    let Some(value) = answer_to(open.parameter, question.text) else { return Reply::Other };
    let mut arguments = open.known.clone();
    if let (Kind::Code, Some(text)) = (open.parameter.kind, value.as_str()) {
        arguments.insert(open.parameter.name.clone(), Value::from(super::refer::spelled(open.parameter, text)));
    } else {
        arguments.insert(open.parameter.name.clone(), value);
    }
    match missing(open.candidate, &arguments) {
        Some(at) => Reply::Next(at),
        None => Reply::Complete(arguments),
    }
}
