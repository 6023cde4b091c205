//! What an API answered: whether it succeeded, what may be seen of it, and whom it proves (R52, R53).

mod expiry;
mod login;
mod name;
mod remember;
mod show;
#[cfg(test)]
mod tests;

use core::fmt;

use serde_json::{Map, Value};

pub use self::expiry::expires_at;
pub use self::login::{LoginFault, Proved, prove};
pub use self::name::is_secret_field;
pub(super) use self::name::{is_field, names_a_credential};
pub(super) use self::remember::one as remember_one;
pub use self::remember::{MappingFault, Unkept, remember};
use super::expression::{Expression, ExpressionFault, Scope};
use super::mask::mask;
use super::{Action, Kind};
use crate::text::is_invisible;

/// The most bytes of a body that are read.
pub const MAX_BYTES: usize = 256 * 1024;
/// How deep a body may nest.
const MAX_DEPTH: usize = 32;
/// The most characters of a failure's text.
const MAX_FAILURE_CHARS: usize = 200;

/// An answer that was read. Its `Debug` shows the status alone.
#[derive(Clone, PartialEq)]
pub struct Read {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when it was empty or not JSON.
    pub response: Value,
    /// Whether the body was JSON (RFC 8259), or empty.
    pub json: bool,
}

impl fmt::Debug for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Read {{ status: {}, … }}", self.status)
    }
}

impl Read {
    pub(super) fn is_2xx(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn scope(&self) -> Scope {
        Scope::new(self.status, &self.response)
    }
}

/// Why an answer is not read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFault {
    /// Over 256 KB.
    TooLarge,
    /// Nested over 32 deep.
    TooDeep,
}

impl fmt::Display for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the answer has more than 256 KB",
            Self::TooDeep => "the answer is nested more than 32 deep",
        })
    }
}

impl core::error::Error for AnswerFault {}

/// Reads an answer. What is not JSON is an answer without a value: enough for an action that only does something, never
/// for a login.
///
/// # Errors
/// [`AnswerFault`] for what is too large or too deep to be looked at.
pub fn read(status: u16, body: &[u8]) -> Result<Read, AnswerFault> {
    if body.len() > MAX_BYTES {
        return Err(AnswerFault::TooLarge);
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Ok(Read { status, response: Value::Null, json: true });
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(response) if is_deeper(&response, MAX_DEPTH) => Err(AnswerFault::TooDeep),
        Ok(response) => Ok(Read { status, response, json: true }),
        // serde_json itself stops at 128 levels; its error has no kind for that.
        Err(error) if error.to_string().starts_with("recursion limit") => Err(AnswerFault::TooDeep),
        Err(_) => Ok(Read { status, response: Value::Null, json: false }),
    }
}

fn is_deeper(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left == 0 || items.iter().any(|item| is_deeper(item, left - 1)),
        Value::Object(entries) => left == 0 || entries.values().any(|value| is_deeper(value, left - 1)),
        _ => false,
    }
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the action's condition holds.
    pub succeeded: bool,
    /// What the model may see, by name.
    pub shows: Map<String, Value>,
    /// What went wrong in the API's words: one plain line of at most 200 characters. Text, never markup.
    pub failure: Option<String>,
    /// What of the action's settings gave nothing, or too much; for the site owner.
    pub faults: Vec<String>,
}

/// Judges an answer. `secrets` are the texts that must not be seen: what was submitted as a password, the agent's
/// secrets, tokens of the persistent context.
pub fn judge(action: &Action, read: &Read, secrets: &[String]) -> Verdict {
    let scope = read.scope();
    let condition = holds(action, read, &scope);
    let succeeded = condition == Ok(true);
    let mut faults = Vec::new();
    if let Err(fault) = condition {
        faults.push(format!("success: {fault}"));
    }
    let shows = show::shows(action, &scope, secrets, succeeded, &mut faults);
    let failure = if succeeded { None } else { failure(action, &scope, secrets) };
    Verdict { succeeded, shows, failure, faults }
}

/// Whether the action's condition holds. A login and a refresh need more: an answer of JSON with a 2xx status.
fn holds(action: &Action, read: &Read, scope: &Scope) -> Result<bool, ExpressionFault> {
    let is_strict = matches!(action.kind, Kind::Login { .. } | Kind::Refresh { .. });
    if is_strict && !(read.json && read.is_2xx()) {
        return Ok(false);
    }
    if action.success.trim().is_empty() {
        return Ok(read.is_2xx());
    }
    Expression::compile(&action.success)?.truth(scope)
}

/// The API's words: one line, without secrets and without characters that nobody sees.
fn failure(action: &Action, scope: &Scope, secrets: &[String]) -> Option<String> {
    let value = Expression::compile(&action.failure).ok()?.value(scope).ok()?;
    let text = mask(value.as_str()?, secrets);
    let plain = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    let visible: String = text.chars().map(plain).filter(|c| !is_invisible(*c)).collect();
    let line = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    // Once more: a secret may have been hidden among invisible characters.
    let line: String = mask(&line, secrets).chars().take(MAX_FAILURE_CHARS).collect();
    (!line.is_empty()).then_some(line)
}
