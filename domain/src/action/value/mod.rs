//! What the model, or a form, gives an action: checked against its parameters.

mod name;
mod schema;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value, json};
use shared::card::FieldKind;
use shared::confirm::Detail;

pub use self::schema::schema;
use super::{Action, Kind, Parameter};
use crate::address::EmailAddress;
use crate::text::{is_blank, is_invisible};

/// The most characters of a value.
const MAX_CHARS: usize = 2_000;
/// The most characters of a password (R54: 64 and more are taken).
const MAX_PASSWORD_CHARS: usize = 1_000;

/// What an action is called with: scalars by parameter name, each of which was checked. `Debug` shows the names alone.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(BTreeMap<String, Value>);

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What is wrong with one value. Names the parameter, never quotes what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Which parameter; empty when it is about all of them.
    pub parameter: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What can be wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The arguments are no JSON object.
    NotAnObject,
    /// There is no such parameter.
    Unknown,
    /// It has to be given and was not.
    Missing,
    /// Not a text.
    NotText,
    /// Not a number.
    NotANumber,
    /// Not an email address.
    NotAnEmail,
    /// Not a phone number.
    NotAPhone,
    /// Not one of these.
    NotOneOf(Vec<String>),
    /// More characters than this.
    TooLong(usize),
    /// Control characters in it.
    Control,
    /// Characters in it that nobody sees, or that turn the direction of the text.
    Disguised,
    /// It is a secret, which only the form of a login takes.
    Secret,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The name of an unknown parameter comes from the model: as much of it as a name can have.
        let name: String = self.parameter.chars().filter(|c| !c.is_control()).take(64).collect();
        match &self.wrong {
            Wrong::NotAnObject => f.write_str("the arguments must be a JSON object"),
            Wrong::Unknown => write!(f, "{name} is not a parameter"),
            Wrong::Missing => write!(f, "{name} is missing"),
            Wrong::NotText => write!(f, "{name} must be a text"),
            Wrong::NotANumber => write!(f, "{name} must be a number"),
            Wrong::NotAnEmail => write!(f, "{name} must be an email address"),
            Wrong::NotAPhone => {
                write!(f, "{name} must be a phone number: 5 to 20 digits and spaces, with or without a + in front")
            }
            Wrong::NotOneOf(choices) => write!(f, "{name} must be one of: {}", choices.join(", ")),
            Wrong::TooLong(most) => write!(f, "{name} must have at most {most} characters"),
            Wrong::Control => write!(f, "{name} must not have control characters"),
            Wrong::Disguised => {
                write!(f, "{name} must not have invisible characters, nor such that turn the direction of the text")
            }
            Wrong::Secret => {
                write!(f, "{name} is never asked for in a conversation: it is typed into a login form alone")
            }
        }
    }
}

impl core::error::Error for Complaint {}

impl Values {
    /// Checks what the model gave. `null` counts as left out; numbers and booleans become texts where a text is asked
    /// for, because models do that; numbers may come as numeric texts. A secret is refused, given or asked for (R54).
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the parameters, unknown names last.
    pub fn from_model(parameters: &[Parameter], arguments: &Value) -> Result<Self, Vec<Complaint>> {
        Self::from_json_by(parameters, arguments, |parameter, value| match value {
            Some(value) if parameter.is_secret() && !value.is_null() => Err(Wrong::Secret),
            None if parameter.is_secret() && !parameter.optional => Err(Wrong::Secret),
            value => value.map_or(Ok(None), |value| from_json(parameter, value)),
        })
    }

    /// Checks what the site owner tries an action with: as [`Values::from_model`], but a login takes its secrets.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the parameters, unknown names last.
    pub fn from_trial(action: &Action, arguments: &Value) -> Result<Self, Vec<Complaint>> {
        match action.kind {
            Kind::Login { .. } => Self::from_json_by(&action.parameters, arguments, |parameter, value| {
                value.map_or(Ok(None), |value| from_json(parameter, value))
            }),
            _ => Self::from_model(&action.parameters, arguments),
        }
    }

    fn from_json_by(
        parameters: &[Parameter],
        arguments: &Value,
        read: fn(&Parameter, Option<Value>) -> Result<Option<Value>, Wrong>,
    ) -> Result<Self, Vec<Complaint>> {
        let empty = Map::new();
        let given = match arguments {
            Value::Object(given) => given,
            Value::Null => &empty,
            _ => return Err(vec![Complaint { parameter: String::new(), wrong: Wrong::NotAnObject }]),
        };
        let given = given.iter().map(|(name, value)| (name.as_str(), value.clone()));
        Self::checked(parameters, given.collect(), read)
    }

    /// Checks what a form gave. An empty field counts as left out. A password stays as it was typed; everything else
    /// loses the white space around it.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the parameters, unknown names last.
    pub fn from_form(parameters: &[Parameter], fields: &BTreeMap<String, String>) -> Result<Self, Vec<Complaint>> {
        let given = fields.iter().filter(|(_, text)| !text.is_empty());
        let given = given.map(|(name, text)| (name.as_str(), Value::String(text.clone())));
        Self::checked(parameters, given.collect(), |parameter, value| {
            value.map_or(Ok(None), |value| from_json(parameter, value))
        })
    }

    fn checked(
        parameters: &[Parameter],
        mut given: BTreeMap<&str, Value>,
        read: fn(&Parameter, Option<Value>) -> Result<Option<Value>, Wrong>,
    ) -> Result<Self, Vec<Complaint>> {
        let (mut values, mut complaints) = (BTreeMap::new(), Vec::new());
        for parameter in parameters {
            match read(parameter, given.remove(parameter.name.as_str())) {
                Ok(Some(value)) => drop(values.insert(parameter.name.clone(), value)),
                Ok(None) if parameter.optional => {}
                Ok(None) => complaints.push(Complaint { parameter: parameter.name.clone(), wrong: Wrong::Missing }),
                Err(wrong) => complaints.push(Complaint { parameter: parameter.name.clone(), wrong }),
            }
        }
        let unknown = given.into_keys().map(|name| Complaint { parameter: name.to_owned(), wrong: Wrong::Unknown });
        complaints.extend(unknown);
        if complaints.is_empty() { Ok(Self(values)) } else { Err(complaints) }
    }

    /// A value as JSON has it: a text or a number.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A value as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(as_text)
    }

    /// For a confirmation: labels and texts in the order of the parameters; of a choice, its label. Never a secret.
    pub fn details(&self, parameters: &[Parameter]) -> Vec<Detail> {
        let shown = parameters.iter().filter(|parameter| !parameter.is_secret());
        shown
            .filter_map(|parameter| {
                let value = self.text(&parameter.name)?;
                let chosen = parameter.choices.iter().find(|choice| choice.value == value && !choice.label.is_empty());
                let value = chosen.map_or(value, |choice| choice.label.clone());
                Some(Detail { label: parameter.shown().to_owned(), value })
            })
            .collect()
    }

    /// The values of the secret parameters: what must appear nowhere (R54).
    pub fn secrets(&self, parameters: &[Parameter]) -> Vec<String> {
        let secret = parameters.iter().filter(|parameter| parameter.is_secret());
        secret.filter_map(|parameter| self.text(&parameter.name)).collect()
    }

    /// The values with `mask` in the place of the secret ones.
    #[must_use]
    pub fn without_secrets(&self, parameters: &[Parameter], mask: &str) -> Self {
        let mut values = self.0.clone();
        for parameter in parameters.iter().filter(|parameter| parameter.is_secret()) {
            if let Some(value) = values.get_mut(&parameter.name) {
                *value = Value::from(mask);
            }
        }
        Self(values)
    }

    /// The values as JSON with sorted names and no white space: equal values, equal texts.
    pub fn canonical(&self) -> String {
        json!(self.0).to_string()
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn from_json(parameter: &Parameter, value: Value) -> Result<Option<Value>, Wrong> {
    let text = match (parameter.kind, value) {
        (_, Value::Null) => return Ok(None),
        (_, Value::String(text)) => text,
        (FieldKind::Number, Value::Number(number)) => return Ok(Some(Value::Number(number))),
        (FieldKind::Number, _) => return Err(Wrong::NotANumber),
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::Bool(truth)) => truth.to_string(),
        (_, Value::Array(_) | Value::Object(_)) => return Err(Wrong::NotText),
    };
    if parameter.kind == FieldKind::Password {
        let fits = text.chars().count() <= MAX_PASSWORD_CHARS;
        let given = (!text.is_empty()).then_some(Value::String(text));
        return if fits { Ok(given) } else { Err(Wrong::TooLong(MAX_PASSWORD_CHARS)) };
    }
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > MAX_CHARS {
        return Err(Wrong::TooLong(MAX_CHARS));
    }
    if text.chars().any(char::is_control) {
        return Err(Wrong::Control);
    }
    if is_disguised(text) {
        return Err(Wrong::Disguised);
    }
    let value = match parameter.kind {
        FieldKind::Text | FieldKind::Password => Value::String(text.to_owned()),
        FieldKind::Email => {
            let address = EmailAddress::parse(text).map_err(|_| Wrong::NotAnEmail)?;
            Value::String(address.into())
        }
        FieldKind::Tel if is_phone(text) => Value::String(text.to_owned()),
        FieldKind::Tel => return Err(Wrong::NotAPhone),
        FieldKind::Number => Value::Number(number(text).ok_or(Wrong::NotANumber)?),
        FieldKind::Choice if parameter.choices.iter().any(|choice| choice.value == text) => {
            Value::String(text.to_owned())
        }
        FieldKind::Choice => {
            return Err(Wrong::NotOneOf(parameter.choices.iter().map(|choice| choice.value.clone()).collect()));
        }
    };
    Ok(Some(value))
}

/// Whether a text has characters by which it is another one than the one that is seen: what the visitor confirms and what
/// the API gets must be the same. The two joiners stay between characters of the scripts, and the emoji, that are written
/// with them (RFC 5892, appendix A, in short): none of those is below U+0600.
fn is_disguised(text: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c >= '\u{600}' && !is_joiner(c));
    let (mut before, mut rest) = (None, text.chars().peekable());
    while let Some(c) = rest.next() {
        let is_plain = match c {
            _ if is_joiner(c) => joins(before) && joins(rest.peek().copied()),
            // Selectors of variants, of emoji and of the signs in East Asian names.
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => joins(before),
            _ => !is_invisible(c) && !is_blank(c),
        };
        if !is_plain {
            return true;
        }
        before = Some(c);
    }
    false
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    (5..=20).contains(&text.len())
        && rest.bytes().all(|b| b.is_ascii_digit() || b == b' ')
        && rest.bytes().filter(u8::is_ascii_digit).count() >= 5
}

/// A number as JSON writes it (RFC 8259, section 6).
fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}
