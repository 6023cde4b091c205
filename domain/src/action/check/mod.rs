//! What is wrong with an agent's actions, told when they are saved, so that nobody meets it in a conversation.

mod login;
mod parameter;
#[cfg(test)]
mod tests;

use core::fmt;
use std::collections::BTreeSet;

use serde::Serialize;

use super::address::{self, Allowed};
use super::answer::{is_field, is_secret_field};
use super::expression::Expression;
use super::template::{self, TemplateFault, is_name};
use super::{Action, Kind, Mapped};
use crate::agent::Agent;
use crate::policy::REQUEST_LOGIN;
use crate::secrets;

/// The most actions of an agent, and the most parts of one.
const MAX_ACTIONS: usize = 64;
const MAX_PARTS: usize = 32;
const MAX_TITLE_CHARS: usize = 100;
const MAX_DESCRIPTION_CHARS: usize = 2_000;
/// Milliseconds.
const TIMEOUTS: core::ops::RangeInclusive<u32> = 100..=10_000;

/// Something that keeps an action from being saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Which of the agent's actions, counted from 0; none for what concerns no single one.
    pub at: Option<usize>,
    /// The action's name, as it was given; empty for what concerns no single one.
    pub action: String,
    /// Which of its fields: `url`, `headers.X-Key`, `parameters.order_number`, `kind.remembers.user_id`.
    pub field: String,
    /// What is wrong and how it is mended, one sentence or two.
    pub sentence: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.action, self.field, self.sentence)
    }
}

impl Fault {
    /// Where it is, as a JSON pointer into the settings (RFC 6901). What has a name and is not there is told of its list.
    pub fn pointer(&self, agent: &Agent) -> String {
        let Some((at, action)) = self.at.and_then(|at| Some((at, agent.actions.get(at)?))) else {
            return format!("/{}", self.field.replace('.', "/"));
        };
        let remembers = match &action.kind {
            Kind::Login { remembers, .. } | Kind::Refresh { remembers } => remembers.as_slice(),
            Kind::Public { .. } | Kind::Private { .. } => &[],
        };
        let lists: [(&str, Vec<&String>); 4] = [
            ("headers", action.headers.iter().map(|header| &header.name).collect()),
            ("parameters", action.parameters.iter().map(|parameter| &parameter.name).collect()),
            ("shows", action.shows.iter().map(|mapped| &mapped.name).collect()),
            ("kind.remembers", remembers.iter().map(|mapped| &mapped.name).collect()),
        ];
        let found = lists.iter().find_map(|(list, names)| {
            let name = self.field.strip_prefix(list)?.strip_prefix('.')?;
            Some((*list, names.iter().rposition(|own| *own == name)))
        });
        let field = match found {
            Some((list, Some(index))) => format!("{}/{index}", list.replace('.', "/")),
            Some((list, None)) => list.replace('.', "/"),
            None => self.field.replace('.', "/"),
        };
        format!("/actions/{at}/{field}")
    }
}

/// Faults of one action while they are found.
struct Found<'a> {
    at: Option<usize>,
    action: &'a str,
    faults: Vec<Fault>,
}

impl Found<'_> {
    fn add(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        let (action, field, sentence) = (self.action.to_owned(), field.into(), sentence.into());
        self.faults.push(Fault { at: self.at, action, field, sentence });
    }

    fn add_if(&mut self, is_wrong: bool, field: &str, sentence: &str) {
        if is_wrong {
            self.add(field, sentence);
        }
    }
}

/// Everything that is wrong with the agent's actions; empty when they can be saved. `allowed` is what the deployment
/// lets actions call.
pub fn faults(agent: &Agent, allowed: &Allowed) -> Vec<Fault> {
    let mut of_all = Found { at: None, action: "", faults: Vec::new() };
    of_all.add_if(agent.actions.len() > MAX_ACTIONS, "actions", "There are more than 64 actions; remove some.");
    login::check_agent(agent, &mut of_all);
    let mut names = BTreeSet::new();
    let of_each = agent.actions.iter().enumerate().flat_map(|(at, action)| {
        let mut found = Found { at: Some(at), action: &action.name, faults: Vec::new() };
        check_name(action, names.insert(action.name.as_str()), &mut found);
        check_parts(action, &mut found);
        check_template(action, allowed, &mut found);
        parameter::check(action, &mut found);
        login::check(agent, action, &mut found);
        found.faults
    });
    let of_each: Vec<Fault> = of_each.collect();
    of_all.faults.into_iter().chain(of_each).collect()
}

fn check_name(action: &Action, is_new: bool, found: &mut Found<'_>) {
    let shape = "A name begins with a small letter and has small letters, digits and _ alone, at most 64 of them.";
    found.add_if(!is_name(&action.name), "name", shape);
    let reserved = "This name belongs to a tool that the agent has already; choose another.";
    found.add_if(action.name == REQUEST_LOGIN, "name", reserved);
    found.add_if(!is_new, "name", "Another action has this name; give each its own.");
    let title = "Give it a title of at most 100 characters: the visitor reads it.";
    let is_title = !action.title.trim().is_empty() && action.title.chars().count() <= MAX_TITLE_CHARS;
    found.add_if(!is_title || action.title.chars().any(char::is_control), "title", title);
    let is_long = action.description.chars().count() > MAX_DESCRIPTION_CHARS;
    found.add_if(is_long, "description", "The description has more than 2,000 characters; shorten it.");
}

fn check_parts(action: &Action, found: &mut Found<'_>) {
    let range = "The timeout is in milliseconds, from 100 to 10,000.";
    found.add_if(!TIMEOUTS.contains(&action.timeout_ms), "timeout_ms", range);
    if let Kind::Private { roles, .. } = &action.kind {
        let blank = roles.iter().any(|role| role.trim().is_empty());
        found.add_if(blank, "kind.roles", "A role is blank; name it or take it out.");
    }
    for (field, text) in [("success", &action.success), ("failure", &action.failure)] {
        if !text.trim().is_empty()
            && let Err(fault) = Expression::compile(text)
        {
            found.add(field, sentence(&fault));
        }
    }
    check_mapped("shows", &action.shows, found);
    for mapped in action.shows.iter().filter(|mapped| is_secret_field(&mapped.name)) {
        let sentence = "A field with the name of a secret is never shown to the model; choose another name for what is \
                        none, and take out what is one.";
        found.add(format!("shows.{}", mapped.name), sentence);
    }
}

/// Names and expressions of mappings.
fn check_mapped(field: &str, mapped: &[Mapped], found: &mut Found<'_>) {
    found.add_if(mapped.len() > MAX_PARTS, field, "There are more than 32 fields; take some out.");
    let mut names = BTreeSet::new();
    for Mapped { name, from } in mapped {
        let field = format!("{field}.{name}");
        if !is_field(name) {
            found.add(&field, "A field's name begins with a small letter and has small letters, digits and _ alone.");
        }
        if !names.insert(name) {
            found.add(&field, "Two fields have this name; give each its own.");
        }
        if let Err(fault) = Expression::compile(from) {
            found.add(&field, sentence(&fault));
        }
    }
}

fn check_template(action: &Action, allowed: &Allowed, found: &mut Found<'_>) {
    match template::probe(action) {
        Ok(probe) => {
            if let Err(fault) = address::check(&probe, allowed) {
                found.add("url", sentence(&fault));
            }
        }
        Err(TemplateFault { field, sentence: why }) => return found.add(field, sentence(&why)),
    }
    let uses = match template::uses(action) {
        Ok(uses) => uses,
        Err(TemplateFault { field, sentence: why }) => return found.add(field, sentence(&why)),
    };
    let is_public = matches!(action.kind, Kind::Public { .. } | Kind::Login { .. });
    for name in uses.context.iter().filter(|_| is_public) {
        let why =
            "is somebody's, and this action runs before anybody is known; make it a private action, or take it out.";
        found.add("url", format!("{{{{context.{name}}}}} {why}"));
    }
    for name in uses.secrets.iter().filter(|name| secrets::is_own(name)) {
        let why = "goes to the service whose it is alone; give the API a secret of its own.";
        found.add("url", format!("{{{{secret.{name}}}}} {why}"));
    }
    let is_login = matches!(action.kind, Kind::Login { .. });
    for name in uses.step.iter().filter(|_| !is_login) {
        found.add("url", format!("{{{{step.{name}}}}} is there in the steps of a login alone; take it out."));
    }
}

/// An error as a sentence.
fn sentence(fault: &impl fmt::Display) -> String {
    let text = fault.to_string();
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}
