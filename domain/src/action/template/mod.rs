//! Filling an action's template: values change, shapes do not (R50).
//!
//! The template is taken to pieces first, by the grammar of the place each piece stands in: path segments and query
//! values, header values, text leaves of the JSON body. Values are put into the pieces and never read again.

mod address;
mod body;
mod header;
mod part;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::address::UrlTemplate;
pub(super) use self::address::encoded;
use self::body::BodyTemplate;
use self::header::HeadersTemplate;
use self::part::Placeholder;
pub(crate) use self::part::is_name;
use super::address::{AddressFault, Allowed, check};
use super::answer::is_secret_field;
use super::value::Values;
use super::{Action, Verb};

/// The most bytes of a filled address, and of a filled body.
const MAX_URL: usize = 8 * 1024;
const MAX_BODY: usize = 64 * 1024;

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
        match self {
            Self::MissingContext(fields) => write!(f, "nothing is known of the person's {}", fields.join(", ")),
            Self::MissingSecret(name) => write!(f, "the agent has no secret named {name}"),
            Self::MissingStep(name) => write!(f, "the step before gave no {name}"),
            Self::Template(fault) => fault.fmt(f),
            Self::Address(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for Unprepared {}

/// An action's template in pieces.
struct Template {
    url: UrlTemplate,
    headers: HeadersTemplate,
    body: Option<BodyTemplate>,
}

fn fault(field: &str, sentence: impl Into<String>) -> TemplateFault {
    TemplateFault { field: field.to_owned(), sentence: sentence.into() }
}

fn in_header((name, sentence): (String, String)) -> TemplateFault {
    fault(&format!("headers.{name}"), sentence)
}

impl Template {
    fn parse(action: &Action) -> Result<Self, TemplateFault> {
        let url = UrlTemplate::parse(&action.url).map_err(|sentence| fault("url", sentence))?;
        let headers = HeadersTemplate::parse(&action.headers).map_err(in_header)?;
        let body = (!action.body.is_null()).then(|| BodyTemplate::parse(&action.body)).transpose();
        let body = body.map_err(|sentence| fault("body", sentence))?;
        if body.is_some() && action.method == Verb::Get {
            return Err(fault("body", "a GET has no body: choose another method, or leave the body out"));
        }
        let template = Self { url, headers, body };
        for (field, placeholder) in template.placeholders() {
            if let Placeholder::Parameter(name) = placeholder
                && !action.parameters.iter().any(|parameter| parameter.name == *name)
            {
                return Err(fault(field, format!("<{name}> is not one of the action's parameters")));
            }
        }
        let is_secret = |placeholder: &Placeholder| match placeholder {
            Placeholder::Parameter(name) => action.parameters.iter().any(|it| it.name == *name && it.is_secret()),
            Placeholder::Context(name) | Placeholder::Step(name) => is_secret_field(name),
            Placeholder::Secret(_) => true,
        };
        if template.url.placeholders().any(is_secret) {
            let sentence = "a password, a token or a key must not stand in the address, where it would be logged: use a \
                            header or the body";
            return Err(fault("url", sentence));
        }
        Ok(template)
    }

    fn placeholders(&self) -> impl Iterator<Item = (&'static str, &Placeholder)> {
        let url = self.url.placeholders().map(|it| ("url", it));
        let headers = self.headers.placeholders().map(|it| ("headers", it));
        url.chain(headers).chain(self.body.iter().flat_map(BodyTemplate::placeholders).map(|it| ("body", it)))
    }

    fn uses(&self) -> Uses {
        let mut uses = Uses { host: self.url.host(), ..Uses::default() };
        for (_, placeholder) in self.placeholders() {
            match placeholder.clone() {
                Placeholder::Parameter(name) => uses.parameters.insert(name),
                Placeholder::Context(name) => uses.context.insert(name),
                Placeholder::Secret(name) => uses.secrets.insert(name),
                Placeholder::Step(name) => uses.step.insert(name),
            };
        }
        uses
    }
}

/// Fills the action's template with checked values and what is known, and proves that it calls what the template calls.
///
/// A parameter that was left out takes with it the query pair, the header or the key of the body whose value is nothing
/// but its placeholder; anywhere else it is the empty text.
///
/// # Errors
/// [`Unprepared`]: what is missing, in full for the context; else the first fault.
pub fn prepare(action: &Action, values: &Values, known: &Known<'_>, allowed: &Allowed) -> Result<Prepared, Unprepared> {
    let template = Template::parse(action).map_err(Unprepared::Template)?;
    template.uses().all_in(known)?;
    let typed = |placeholder: &Placeholder| -> Option<Value> {
        match placeholder {
            Placeholder::Parameter(name) => values.get(name).cloned(),
            Placeholder::Context(name) => known.context.get(name).cloned(),
            Placeholder::Secret(name) => known.secrets.get(name).cloned().map(Value::String),
            Placeholder::Step(name) => known.step.get(name).cloned(),
        }
    };
    let mut text = |placeholder: &Placeholder| typed(placeholder).map(as_text);
    let url = template.url.fill(&mut text).map_err(|sentence| Unprepared::Template(fault("url", sentence)))?;
    let url = check(&url, allowed).map_err(Unprepared::Address)?;
    let mut headers = template.headers.fill(&mut text).map_err(|why| Unprepared::Template(in_header(why)))?;
    let body = template.body.as_ref().and_then(|body| body.fill(&mut |placeholder| typed(placeholder)));
    let body = body.map(|body| body.to_string());
    if url.as_str().len() > MAX_URL || body.as_ref().is_some_and(|body| body.len() > MAX_BODY) {
        return Err(Unprepared::Template(fault("body", "the filled request is too large")));
    }
    if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(Prepared { method: action.method, url: url.into(), headers, body })
}

/// A value as it stands in a text: lists of texts with commas between.
fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(items) => items.into_iter().map(as_text).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
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
    /// Where it all goes: the address's host, which no value changes.
    pub host: String,
}

impl Uses {
    /// Whether everything is there. Null and objects, which nothing remembers, count as absent.
    fn all_in(&self, known: &Known<'_>) -> Result<(), Unprepared> {
        let lacks = |of: &BTreeMap<String, Value>, name: &&String| {
            !of.get(*name).is_some_and(|value| !value.is_null() && !value.is_object())
        };
        let context: Vec<String> = self.context.iter().filter(|name| lacks(known.context, name)).cloned().collect();
        if !context.is_empty() {
            return Err(Unprepared::MissingContext(context));
        }
        if let Some(name) = self.secrets.iter().find(|name| !known.secrets.contains_key(*name)) {
            return Err(Unprepared::MissingSecret(name.clone()));
        }
        self.step
            .iter()
            .find(|name| lacks(known.step, name))
            .map_or(Ok(()), |name| Err(Unprepared::MissingStep(name.clone())))
    }
}

/// The names that the action's template uses.
///
/// # Errors
/// [`TemplateFault`] for a template that cannot be read.
pub fn uses(action: &Action) -> Result<Uses, TemplateFault> {
    Template::parse(action).map(|template| template.uses())
}

/// The action's address with `x` in place of every placeholder, to be checked when it is saved.
///
/// # Errors
/// [`TemplateFault`] for a template that cannot be read.
pub(super) fn probe(action: &Action) -> Result<String, TemplateFault> {
    UrlTemplate::parse(&action.url).map(|url| url.probe()).map_err(|sentence| fault("url", sentence))
}

/// The parameters that stand in the path of the action's address.
pub(super) fn in_path(action: &Action) -> BTreeSet<String> {
    let Ok(url) = UrlTemplate::parse(&action.url) else { return BTreeSet::new() };
    let parameter = |placeholder: &Placeholder| match placeholder {
        Placeholder::Parameter(name) => Some(name.clone()),
        _ => None,
    };
    url.in_path().filter_map(parameter).collect()
}
