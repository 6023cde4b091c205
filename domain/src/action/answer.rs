//! What an API answered: whether it succeeded, what may be seen of it, and whom it proves (R52, R53).

use core::fmt;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Action, Mapped};
use crate::time::Millis;

/// An answer that was read.
#[derive(Clone, PartialEq)]
pub struct Read {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when it was empty or not JSON.
    pub response: Value,
    /// Whether the body was JSON, or empty.
    pub json: bool,
}

impl fmt::Debug for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Read {{ status: {}, … }}", self.status)
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
        f.write_str("the answer cannot be read")
    }
}

impl core::error::Error for AnswerFault {}

/// Reads an answer.
pub fn read(_status: u16, _body: &[u8]) -> Result<Read, AnswerFault> {
    Err(AnswerFault::TooLarge)
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the action's condition holds.
    pub succeeded: bool,
    /// What the model may see, by name.
    pub shows: Map<String, Value>,
    /// What went wrong in the API's words: one plain line of at most 200 characters.
    pub failure: Option<String>,
    /// What of the action's settings did not work, for the site owner.
    pub faults: Vec<String>,
}

/// Judges an answer.
pub fn judge(_action: &Action, _read: &Read, _secrets: &[String]) -> Verdict {
    Verdict { succeeded: false, shows: Map::new(), failure: None, faults: Vec::new() }
}

/// A mapping that gave nothing that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFault {
    /// Which one.
    pub name: String,
    /// Why.
    pub why: String,
}

impl fmt::Display for MappingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}

/// What of an answer is kept in the persistent context.
pub fn remember(
    _mapped: &[Mapped],
    _read: &Read,
    _submitted: &[String],
) -> (BTreeMap<String, Value>, Vec<MappingFault>) {
    (BTreeMap::new(), Vec::new())
}

/// Whom a login proved.
#[derive(Clone, PartialEq)]
pub struct Proved {
    /// The account's id at the company; never blank.
    pub user_id: String,
    /// What else is kept.
    pub remembered: BTreeMap<String, Value>,
}

/// Why a login proved nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginFault {
    /// The action is no login, or one that a next step follows.
    NotALogin,
    /// The answer is not JSON.
    NotJson,
    /// The condition does not hold: wrong credentials, or an answer of another kind.
    Refused,
    /// There is no `user_id`, or one that is blank or no scalar.
    NoUserId,
}

impl fmt::Display for LoginFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the login proved nobody")
    }
}

impl core::error::Error for LoginFault {}

/// Whom the answer to a login action proves. Fails closed.
pub fn prove(_action: &Action, _read: &Read, _submitted: &[String]) -> Result<Proved, LoginFault> {
    Err(LoginFault::NotALogin)
}

/// Whether a field of the persistent context is a secret by its name.
pub fn is_secret_field(name: &str) -> bool {
    !name.is_empty()
}

/// When a token ends.
pub fn expires_at(_value: &Value) -> Option<Millis> {
    None
}
