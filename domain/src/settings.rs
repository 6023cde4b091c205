//! What is wrong with an agent's settings, told when they are saved, so that nobody meets it in a conversation.

mod auth;
mod misread;
mod model;
mod phone;
#[cfg(test)]
mod tests;
mod texts;

use core::fmt::{self, Write as _};

use serde_json::Value;
use shared::admin::problem::{FieldError, escape};

use crate::action::address::Allowed;
use crate::action::check;
use crate::agent::Agent;

pub use self::misread::{misread, misread_action};

/// The most origins: all of them stand in a header of the frame.
const MAX_ORIGINS: usize = 100;

/// Everything that keeps these settings from being saved; empty when they can be. `allowed` is what the deployment lets
/// actions call.
pub fn faults(agent: &Agent, allowed: &Allowed) -> Vec<FieldError> {
    let mut found = Vec::new();
    texts::check(&mut found, agent);
    text(&mut found, "/instructions", &agent.instructions, 0..=20_000);
    text(&mut found, "/knowledge", &agent.knowledge, 0..=200_000);
    if agent.origins.len() > MAX_ORIGINS {
        add(
            &mut found,
            "/origins",
            &format!("There are at most {MAX_ORIGINS} origins. A first label may be *: https://*.shop.example."),
        );
    }
    for (at, origin) in agent.origins.iter().enumerate() {
        if !is_origin(origin) {
            let words =
                "An origin has a scheme and a host and nothing else: https://shop.example. A first label may be *.";
            add(&mut found, &format!("/origins/{at}"), words);
        }
    }
    let accent = agent.theme.accent.strip_prefix('#');
    if !accent.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        add(&mut found, "/theme/accent", "A colour is # and six hexadecimal digits: #1f6f5c.");
    }
    if agent.theme.radius > 28 {
        add(&mut found, "/theme/radius", "The radius is at most 28 pixels.");
    }
    let auth = &agent.customer_auth;
    if auth.enabled && auth.methods.is_empty() {
        add(&mut found, "/customer_auth/methods", "Choose at least one way to sign in, or switch customer auth off.");
    }
    between(&mut found, "/customer_auth/code_digits", auth.code_digits.into(), 6..=10);
    between(&mut found, "/customer_auth/code_minutes", auth.code_minutes.into(), 1..=10);
    between(&mut found, "/customer_auth/session/inactivity_minutes", auth.session.inactivity_minutes, 5..=43_200);
    between(&mut found, "/customer_auth/session/absolute_hours", auth.session.absolute_hours, 1..=9_600);
    auth::check(&mut found, agent, allowed);
    model::check(&mut found, agent, allowed);
    for fault in check::faults(agent, allowed) {
        found.push(FieldError { pointer: fault.pointer(agent), detail: fault.sentence });
    }
    found
}

/// Fields of `given` that the settings do not have: what they become does not hold them.
pub fn unknown(given: &Value, canonical: &Value) -> Vec<FieldError> {
    let mut found = Vec::new();
    missing(given, canonical, &mut String::new(), &mut found);
    found
}

fn missing(given: &Value, canonical: &Value, at: &mut String, found: &mut Vec<FieldError>) {
    match (given, canonical) {
        (Value::Object(given), Value::Object(canonical)) => {
            for (name, value) in given {
                let length = at.len();
                at.push('/');
                at.push_str(&escape(name));
                match canonical.get(name) {
                    Some(kept) => missing(value, kept, at, found),
                    None => add(found, at, "There is no such setting."),
                }
                at.truncate(length);
            }
        }
        (Value::Array(given), Value::Array(canonical)) => {
            for (index, (value, kept)) in given.iter().zip(canonical).enumerate() {
                let length = at.len();
                let _ = write!(at, "/{index}");
                missing(value, kept, at, found);
                at.truncate(length);
            }
        }
        _ => {}
    }
}

fn add(found: &mut Vec<FieldError>, pointer: &str, detail: &str) {
    found.push(FieldError { pointer: pointer.to_owned(), detail: detail.to_owned() });
}

/// An error as a sentence.
fn sentence(fault: &impl fmt::Display) -> String {
    let text = fault.to_string();
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// A text of one line.
fn line(found: &mut Vec<FieldError>, pointer: &str, value: &str, chars: core::ops::RangeInclusive<usize>) {
    text(found, pointer, value, chars);
    if value.contains(['\n', '\t']) {
        add(found, pointer, "This is one line; take the line ends and tabs out.");
    }
}

fn text(found: &mut Vec<FieldError>, pointer: &str, text: &str, chars: core::ops::RangeInclusive<usize>) {
    let count = text.trim().chars().count();
    if count < *chars.start() {
        add(found, pointer, "This must not be empty.");
    } else if text.chars().count() > *chars.end() {
        add(found, pointer, &format!("This has more than {} characters; shorten it.", chars.end()));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        add(found, pointer, "This holds a character that cannot be shown; take it out.");
    }
}

fn between(found: &mut Vec<FieldError>, pointer: &str, value: u32, range: core::ops::RangeInclusive<u32>) {
    if !range.contains(&value) {
        add(found, pointer, &format!("This is from {} to {}.", range.start(), range.end()));
    }
}

/// `https://shop.example`, `http://localhost:3000`, with one wildcard for a whole first label.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else { return false };
    let (host, port) = rest.rsplit_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let is_port = |port: &str| port == "*" || port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (first, others) = host.split_once('.').map_or((host, ""), |(first, others)| (first, others));
    let rest_fits = if others.is_empty() { first != "*" } else { others.split('.').all(is_label) };
    host.len() <= 253 && (first == "*" || is_label(first)) && rest_fits && port.is_none_or(is_port)
}
