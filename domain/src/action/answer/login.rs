//! Whom the answer to a login proves. Fails closed (R52).

use core::fmt;
use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::{Read, holds, remember};
use crate::action::{Action, Kind};
use crate::context::seen;

/// The field that says whom.
const USER_ID: &str = "user_id";
/// The most bytes of it.
const MAX_USER_ID: usize = 256;
/// The largest whole number that a double holds exactly, 2^53: above, two people's ids could be one.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
/// What programs write where they have nobody. All who are nobody would be one person.
const NOBODY: [&str; 10] = ["null", "undefined", "none", "nil", "nan", "true", "false", "0", "-1", "[object object]"];

/// Whom a login proved. Its `Debug` shows the names of fields alone.
#[derive(Clone, PartialEq)]
pub struct Proved {
    /// The account's id at the company: as the API wrote it, never blank.
    pub user_id: String,
    /// What is kept of the answer, `user_id` as text among it.
    pub remembered: BTreeMap<String, Value>,
}

impl fmt::Debug for Proved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proved")?;
        f.debug_set().entries(self.remembered.keys()).finish()
    }
}

/// Why a login proved nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginFault {
    /// The action is no login, or one that a next step follows.
    NotALogin,
    /// The answer is not JSON.
    NotJson,
    /// The status is not 2xx, or the condition does not hold: wrong credentials, or an answer of another kind.
    Refused,
    /// There is no `user_id`, or one that is blank, no scalar, or nobody's.
    NoUserId,
}

impl fmt::Display for LoginFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotALogin => "the action proves nobody",
            Self::NotJson => "the answer is not JSON",
            Self::Refused => "the condition of success does not hold",
            Self::NoUserId => "the answer has no user_id that names a person",
        })
    }
}

impl core::error::Error for LoginFault {}

/// Whom the answer to the last step of a login proves: a 2xx status, JSON, the condition true, and a `user_id` that is a
/// non-empty text or a whole number. Everything else proves nobody.
///
/// # Errors
/// [`LoginFault`], the first that holds.
pub fn prove(action: &Action, read: &Read, submitted: &[String]) -> Result<Proved, LoginFault> {
    let Kind::Login { next: None, remembers, vouches_email, .. } = &action.kind else {
        return Err(LoginFault::NotALogin);
    };
    if !read.json {
        return Err(LoginFault::NotJson);
    }
    if holds(action, read, &read.scope()) != Ok(true) {
        return Err(LoginFault::Refused);
    }
    let (mut remembered, _) = remember(remembers, read, submitted);
    let user_id = remembered.get(USER_ID).and_then(user_id).ok_or(LoginFault::NoUserId)?;
    remembered.insert(USER_ID.to_owned(), Value::from(user_id.as_str()));
    // One word for both ways to say it, and none where neither does: `true` as a text says nothing.
    let is_vouched = *vouches_email || remembered.get(seen::EMAIL_VERIFIED) == Some(&Value::Bool(true));
    remembered.remove(seen::EMAIL_VERIFIED);
    if is_vouched && remembered.contains_key(seen::EMAIL) {
        remembered.insert(seen::EMAIL_VERIFIED.to_owned(), Value::Bool(true));
    }
    Ok(Proved { user_id, remembered })
}

/// The id as text. Nothing is trimmed or folded: that could make two people one.
fn user_id(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => whole(number)?,
        _ => return None,
    };
    let is_blank = text.chars().all(|c| c.is_whitespace() || c.is_control() || crate::text::is_invisible(c));
    let is_nobody = NOBODY.contains(&text.trim().to_lowercase().as_str());
    let is_plain = text.len() <= MAX_USER_ID && !text.chars().any(char::is_control);
    (!is_blank && !is_nobody && is_plain).then_some(text)
}

/// A whole number as its digits; `42.0` is 42.
fn whole(number: &Number) -> Option<String> {
    if number.is_f64() {
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < MAX_EXACT)?;
        return Some((float as i64).to_string());
    }
    Some(number.to_string())
}
