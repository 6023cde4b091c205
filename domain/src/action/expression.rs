//! Conditions and mappings over an answer: the Common Expression Language, bounded.

use core::fmt;

use serde_json::Value;

/// What an expression can see.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The variables, by name.
    _variables: Vec<(String, Value)>,
}

impl Scope {
    /// `status_code`, `response`, and each of the response's own keys that is a name and shadows neither.
    pub fn new(_status_code: u16, _response: &Value) -> Self {
        Self { _variables: Vec::new() }
    }
}

/// Why an expression cannot be used or gives nothing. Carries nothing of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpressionFault {
    /// Longer than 500 characters.
    TooLong,
    /// More nested than is read.
    TooDeep,
    /// Not the language, in its parser's words.
    Unreadable(String),
    /// Something of the language that is not offered here, by name.
    NotOffered(String),
    /// It gives nothing here: a missing path, a type that does not fit, an overflow.
    NoValue,
    /// It gives more than 64 KB.
    TooLarge,
    /// A condition that gives something else than true or false.
    NotACondition,
}

impl fmt::Display for ExpressionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the expression cannot be used")
    }
}

impl core::error::Error for ExpressionFault {}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression;

impl Expression {
    /// Compiles it.
    pub fn compile(_text: &str) -> Result<Self, ExpressionFault> {
        Ok(Self)
    }

    /// What it gives, as JSON.
    pub fn value(&self, _scope: &Scope) -> Result<Value, ExpressionFault> {
        Err(ExpressionFault::NoValue)
    }

    /// Whether it holds. Only a real boolean does.
    pub fn truth(&self, scope: &Scope) -> Result<bool, ExpressionFault> {
        self.value(scope)?.as_bool().ok_or(ExpressionFault::NotACondition)
    }
}
