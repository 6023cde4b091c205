//! Filling an action's template: values change, shapes do not (R50).

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::address::{AddressFault, Allowed};
use super::value::Values;
use super::{Action, Verb};

/// What is known when a template is filled, besides the parameters.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The persistent context of who asks, for `{{context.field}}`.
    pub context: &'a BTreeMap<String, Value>,
    /// The agent's secrets, for `{{secret.name}}`.
    pub secrets: &'a BTreeMap<String, String>,
    /// What the step before gave, for `{{step.name}}`.
    pub step: &'a BTreeMap<String, Value>,
}

/// A request that is ready to be sent. Its `Debug` shows no values.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The method.
    pub method: Verb,
    /// The address, proved to be a public one.
    pub url: String,
    /// The headers, names as the site owner wrote them.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: Option<String>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} …)", self.method.as_str())
    }
}

/// What is wrong with a template, or with a value in its place. Carries no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// Where: `url`, `headers.X-Key`, `body`.
    pub field: String,
    /// What, as a sentence.
    pub sentence: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.sentence)
    }
}

impl core::error::Error for TemplateFault {}

/// Why there is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unprepared {
    /// Fields of the persistent context that the person has not got.
    MissingContext(Vec<String>),
    /// A secret that the agent has not got.
    MissingSecret(String),
    /// What the step before did not give.
    MissingStep(String),
    /// The template, or a value that cannot stand where it should.
    Template(TemplateFault),
    /// The address.
    Address(AddressFault),
}

impl fmt::Display for Unprepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request cannot be made")
    }
}

impl core::error::Error for Unprepared {}

/// Fills the action's template.
pub fn prepare(
    _action: &Action,
    _values: &Values,
    _known: &Known<'_>,
    _allowed: &Allowed,
) -> Result<Prepared, Unprepared> {
    Err(Unprepared::Address(AddressFault::NotAUrl))
}

/// The names that a template uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uses {
    /// Fields of the persistent context.
    pub context: BTreeSet<String>,
    /// The agent's secrets.
    pub secrets: BTreeSet<String>,
    /// What the step before gives.
    pub step: BTreeSet<String>,
    /// Parameters.
    pub parameters: BTreeSet<String>,
}

/// The names that the action's template uses.
pub fn uses(_action: &Action) -> Result<Uses, TemplateFault> {
    Ok(Uses::default())
}
