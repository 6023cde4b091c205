//! What of an answer is kept in the persistent context (R53).

use core::fmt;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Read, is_field, names_a_credential};
use crate::action::Mapped;
use crate::action::expression::{Expression, ExpressionFault, Scope};
use crate::action::mask::Spelled;

/// The most bytes of a field.
const MAX_FIELD_BYTES: usize = 4 * 1024;

/// A mapping that gave nothing that may be kept. Carries no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingFault {
    /// Which one.
    pub name: String,
    /// Why.
    pub why: Unkept,
}

/// Why a field is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unkept {
    /// Its name is none, or one of a credential.
    Name,
    /// Its expression cannot be used, or gives nothing.
    Expression(ExpressionFault),
    /// It is no text, number or boolean, nor a list of texts named `roles`.
    Shape,
    /// Over 4 KB.
    TooLarge,
    /// It holds what was submitted as a password.
    Submitted,
}

impl fmt::Display for MappingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: String = self.name.chars().filter(|c| !c.is_control()).take(64).collect();
        write!(f, "{name}: {}", self.why)
    }
}

impl fmt::Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("a field with this name is never kept"),
            Self::Expression(fault) => fault.fmt(f),
            Self::Shape => f.write_str("only a text, a number or a boolean is kept, and a list of texts as roles"),
            Self::TooLarge => f.write_str("a field keeps at most 4 KB"),
            Self::Submitted => f.write_str("it holds what was typed as a password"),
        }
    }
}

/// What of an answer is kept. `submitted` are the passwords that were sent: nothing that holds one is kept, whatever its
/// name. Null is nothing, and no fault.
pub fn remember(mapped: &[Mapped], read: &Read, submitted: &[String]) -> (BTreeMap<String, Value>, Vec<MappingFault>) {
    let (scope, mut kept, mut faults) = (read.scope(), BTreeMap::new(), Vec::new());
    let submitted = Spelled::of(submitted);
    for mapped in mapped {
        let name = mapped.name.clone();
        match one(mapped, &scope, &submitted) {
            Ok(Value::Null) => {}
            Ok(value) => drop(kept.insert(name, value)),
            Err(why) => faults.push(MappingFault { name, why }),
        }
    }
    (kept, faults)
}

/// What one mapping gives; null is nothing.
pub(in crate::action) fn one(mapped: &Mapped, scope: &Scope, submitted: &Spelled<'_>) -> Result<Value, Unkept> {
    let Mapped { name, from } = mapped;
    if !is_field(name) || names_a_credential(name) {
        return Err(Unkept::Name);
    }
    let value = Expression::compile(from).and_then(|from| from.value(scope)).map_err(Unkept::Expression)?;
    checked(name, value, submitted)
}

fn checked(name: &str, value: Value, submitted: &Spelled<'_>) -> Result<Value, Unkept> {
    let texts: Vec<String> = match &value {
        Value::Null => return Ok(value),
        Value::String(text) => vec![text.clone()],
        Value::Number(_) | Value::Bool(_) => vec![value.to_string()],
        Value::Array(items) if name == "roles" => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(Unkept::Shape)?
        }
        Value::Array(_) | Value::Object(_) => return Err(Unkept::Shape),
    };
    if value.to_string().len() > MAX_FIELD_BYTES {
        return Err(Unkept::TooLarge);
    }
    if texts.iter().any(|text| submitted.are_in(text)) {
        return Err(Unkept::Submitted);
    }
    Ok(value)
}
