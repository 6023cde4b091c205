//! Conditions and mappings over an answer: the Common Expression Language (CEL), bounded.
//!
//! CEL has no loops but over lists, and no I/O. What is left to bound is size: text, nesting, what a loop may look at,
//! and the result. `matches` (regular expressions), dates and optional values are not offered.

mod offered;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cel::objects::{Key, Map};
use cel::parser::PrattParser;
use cel::{Context, Env, IdedExpr};
use serde_json::{Number, Value};

/// The most characters of an expression.
const MAX_CHARS: usize = 500;
/// How deep brackets may nest.
const MAX_BRACKETS: usize = 16;
/// How deep the grammar's own rules may nest.
const MAX_RECURSION: u16 = 48;
/// The most bytes of a result, as JSON writes it.
const MAX_RESULT_BYTES: usize = 64 * 1024;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib().with_optional_support(false)));

/// What an expression can see.
pub struct Scope(Context<'static, 'static>);

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope(…)")
    }
}

impl Scope {
    /// `status_code`, `response`, and each of the response's own keys that is a name and shadows neither of the two.
    pub fn new(status_code: u16, response: &Value) -> Self {
        let mut context = Context::with_env(Arc::clone(&ENV));
        if let Value::Object(keys) = response {
            for (key, value) in keys.iter().filter(|(key, _)| is_identifier(key)) {
                context.add_variable_from_value(key.as_str(), to_cel(value));
            }
        }
        context.add_variable_from_value("response", to_cel(response));
        context.add_variable_from_value("status_code", i64::from(status_code));
        Self(context)
    }
}

/// `IDENT` of the language's grammar. A key with a dot in it would otherwise answer for a path.
fn is_identifier(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whole numbers become integers, as whoever writes `count == 1` expects; the rest become doubles.
fn to_cel(value: &Value) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(truth) => cel::Value::Bool(*truth),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(int), _, _) => cel::Value::Int(int),
            (_, Some(uint), _) => cel::Value::UInt(uint),
            (_, _, float) => cel::Value::Float(float.unwrap_or(f64::NAN)),
        },
        Value::String(text) => cel::Value::String(Arc::new(text.clone())),
        Value::Array(items) => cel::Value::List(Arc::new(items.iter().map(to_cel).collect())),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| (Key::String(Arc::new(key.clone())), to_cel(value)));
            cel::Value::Map(Map { map: Arc::new(entries.collect::<HashMap<_, _>>()) })
        }
    }
}

/// A result as JSON; nothing for what JSON does not have, and no more than `left` bytes.
fn to_json(value: &cel::Value, left: &mut usize) -> Result<Value, ExpressionFault> {
    let mut take = |bytes: usize| {
        *left = left.checked_sub(bytes).ok_or(ExpressionFault::TooLarge)?;
        Ok(())
    };
    match value {
        cel::Value::Null => take(4).map(|()| Value::Null),
        cel::Value::Bool(truth) => take(5).map(|()| Value::Bool(*truth)),
        cel::Value::Int(int) => take(8).map(|()| Value::from(*int)),
        cel::Value::UInt(uint) => take(8).map(|()| Value::from(*uint)),
        cel::Value::Float(float) => {
            take(8)?;
            Number::from_f64(*float).map(Value::Number).ok_or(ExpressionFault::NoValue)
        }
        cel::Value::String(text) => take(text.len().saturating_add(2)).map(|()| Value::String(text.to_string())),
        cel::Value::List(items) => {
            take(2)?;
            items.iter().map(|item| to_json(item, left)).collect()
        }
        cel::Value::Map(entries) => {
            take(2)?;
            // Sorted: a hash map gives another order every time.
            let mut sorted: Vec<(String, &cel::Value)> =
                entries.map.iter().map(|(key, value)| (key.to_string(), value)).collect();
            sorted.sort_by(|one, other| one.0.cmp(&other.0));
            let mut object = serde_json::Map::new();
            for (key, value) in sorted {
                *left = left.checked_sub(key.len().saturating_add(3)).ok_or(ExpressionFault::TooLarge)?;
                object.insert(key, to_json(value, left)?);
            }
            Ok(Value::Object(object))
        }
        _ => Err(ExpressionFault::NoValue),
    }
}

/// Why an expression cannot be used or gives nothing. Carries nothing of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpressionFault {
    /// Nothing in it.
    Empty,
    /// Longer than 500 characters.
    TooLong,
    /// More nested than is read.
    TooDeep,
    /// Not the language, in its parser's words.
    Unreadable {
        /// Its words.
        why: String,
        /// Where, counted in characters from 0.
        at: u32,
    },
    /// Something of the language that is not offered here, named.
    NotOffered(String),
    /// It gives nothing here: a missing path, types that do not fit, an overflow.
    NoValue,
    /// It gives more than 64 KB.
    TooLarge,
    /// A condition that gives something else than true or false.
    NotACondition,
}

impl fmt::Display for ExpressionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the expression is empty"),
            Self::TooLong => write!(f, "the expression has more than {MAX_CHARS} characters"),
            Self::TooDeep => f.write_str("the expression is nested too deeply"),
            Self::Unreadable { why, .. } => write!(f, "the expression cannot be read: {why}"),
            Self::NotOffered(what) => write!(f, "{what} cannot be used here"),
            Self::NoValue => f.write_str("the answer has nothing where the expression looks, or something else"),
            Self::TooLarge => write!(f, "the expression gives more than {} KB", MAX_RESULT_BYTES / 1024),
            Self::NotACondition => f.write_str("the condition gives something else than true or false"),
        }
    }
}

impl core::error::Error for ExpressionFault {}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression(IdedExpr);

impl Expression {
    /// Compiles an expression and proves that whatever it is evaluated over, it ends soon.
    ///
    /// # Errors
    /// [`ExpressionFault`] for what is not the language, too long, too nested, or of a part that is not offered.
    pub fn compile(text: &str) -> Result<Self, ExpressionFault> {
        if text.trim().is_empty() {
            return Err(ExpressionFault::Empty);
        }
        if text.chars().count() > MAX_CHARS {
            return Err(ExpressionFault::TooLong);
        }
        if brackets(text) > MAX_BRACKETS {
            return Err(ExpressionFault::TooDeep);
        }
        // The other parser of the crate overflows a stack of 2 MB within these bounds (decision 0008).
        let parser = PrattParser::new().max_recursion_depth(MAX_RECURSION).error_recovery_limit(4);
        let parsed = parser.parse(text).map_err(|errors| unreadable(text, &errors))?;
        offered::check(&parsed)?;
        Ok(Self(parsed))
    }

    /// What it gives, as JSON.
    ///
    /// # Errors
    /// [`ExpressionFault::NoValue`] where the answer has nothing, or nothing that fits; [`ExpressionFault::TooLarge`].
    pub fn value(&self, scope: &Scope) -> Result<Value, ExpressionFault> {
        let value = cel::Value::resolve(&self.0, &scope.0).map_err(|_| ExpressionFault::NoValue)?;
        let mut left = MAX_RESULT_BYTES;
        to_json(&value, &mut left)
    }

    /// Whether it holds. Only a real boolean does: `"true"` and 1 are none.
    ///
    /// # Errors
    /// As [`Expression::value`], and [`ExpressionFault::NotACondition`] for every other result.
    pub fn truth(&self, scope: &Scope) -> Result<bool, ExpressionFault> {
        self.value(scope)?.as_bool().ok_or(ExpressionFault::NotACondition)
    }
}

/// How deep brackets nest. Those in quotes count too: it is a bound, not a parser.
fn brackets(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for b in text.bytes() {
        match b {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn unreadable(text: &str, errors: &cel::ParseErrors) -> ExpressionFault {
    let Some(first) = errors.errors.first() else { return ExpressionFault::Unreadable { why: String::new(), at: 0 } };
    let why = first.msg.lines().next().unwrap_or_default().chars().take(200).collect();
    // The parser counts lines and bytes from 1.
    let (line, column) = first.pos;
    let (lines, bytes) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let before: usize = text.split_inclusive('\n').take(lines.saturating_sub(1)).map(str::len).sum();
    let end = before.saturating_add(bytes.saturating_sub(1));
    let at = text.char_indices().take_while(|(start, _)| *start < end).count();
    ExpressionFault::Unreadable { why, at: at as u32 }
}
