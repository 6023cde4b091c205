//! The tools that there are, and what a login would open.

use super::parameters::{Parameter, parameters};
use super::question::Question;
use super::relevance::Relevance;
use super::value::escape;
use super::verbs::{Doing, doing, is_reading};
use super::words::{in_sentence, stem, stems, tokens};
use crate::model::Tool;
use crate::policy::REQUEST_LOGIN;

/// The most of a login's subjects that are read.
const MAX_SUBJECTS: usize = 40;

/// What stands before the actions that a login opens.
const ACTIONS: &str = "After it you can also: ";

/// What a login opens, by the login tool's own description: what follows its first colon, `name (what it answers)`
/// separated by semicolons, and what follows `ACTIONS`.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) stems: Vec<String>,
    /// Stems of the name alone.
    pub(super) strong: Vec<String>,
    /// It is an action, not data.
    pub(super) is_action: bool,
    /// What the action does; none for one that reads.
    pub(super) doing: Option<Doing>,
}

/// What signing in would open; empty when the tool is not offered or does not say.
pub(super) fn subjects(tools: &[Tool]) -> Vec<Subject> {
    let Some(login) = tools.iter().find(|tool| tool.name == REQUEST_LOGIN) else { return Vec::new() };
    let (data, actions) = login.description.split_once(ACTIONS).unwrap_or((&login.description, ""));
    let data = data.split_once(": ").map_or("", |(_, scope)| scope);
    let read = |part: &str, is_action: bool| {
        let name = part.split('(').next().unwrap_or_default().trim().trim_end_matches('.').to_owned();
        Subject {
            doing: is_action.then(|| doing("", &name)).flatten(),
            stems: stems(part),
            strong: stems(&name),
            name,
            is_action,
        }
    };
    let data = split_outside_brackets(data).into_iter().map(|part| read(part, false));
    let actions = split_outside_brackets(actions).into_iter().map(|part| read(part, true));
    data.chain(actions)
        .filter(|subject| !subject.name.is_empty() && subject.name.chars().count() <= 60)
        .take(MAX_SUBJECTS)
        .collect()
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ';' && depth <= 0
    })
    .collect()
}

/// The data that the question is about, the first where none is.
pub(super) fn subject_of<'a>(subjects: &'a [Subject], question: &Question<'_>) -> Option<&'a Subject> {
    let hits = |subject: &Subject| subject.stems.iter().filter(|stem| question.stems.contains(stem)).count();
    let best = subjects.iter().map(hits).max()?;
    subjects.iter().find(|subject| hits(subject) == best)
}

/// How well what a login opens to be seen covers the question, 0 to 1. The rest of the description speaks of signing
/// in.
pub(super) fn login_score(relevance: &Relevance, question: &Question<'_>, subjects: &[Subject]) -> f64 {
    let of_data = |stem: &str| {
        let mut data = subjects.iter().filter(|subject| !subject.is_action);
        data.any(|subject| subject.stems.iter().any(|word| word == stem))
    };
    relevance.coverage(&question.stems, |stem| if of_data(stem) { 1.0 } else { 0.0 })
}

/// Whether the visitor asks to sign in, in so many words.
pub(super) fn asks_to_sign_in(question: &Question<'_>) -> bool {
    let text = question.tokens.join(" ");
    ["sign in", "sign me in", "signin", "log in", "log me in", "login"].iter().any(|words| {
        text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            || text.contains(&format!(" {words}"))
    }) && !question.has(&["cannot", "can", "why", "how"])
}

/// A tool other than the login, read.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) tool: &'a Tool,
    /// The first sentence of its description, or its name.
    pub(super) title: String,
    pub(super) parameters: Vec<Parameter>,
    /// What it does; none when it only reads.
    pub(super) doing: Option<Doing>,
    /// Stems of its name, its title and its parameters' names.
    strong: Vec<String>,
    /// Stems of the rest of what is said of it.
    weak: Vec<String>,
}

pub(super) fn candidates(tools: &[Tool]) -> Vec<Candidate<'_>> {
    tools.iter().filter(|tool| tool.name != REQUEST_LOGIN).map(Candidate::new).collect()
}

impl<'a> Candidate<'a> {
    fn new(tool: &'a Tool) -> Self {
        let first = tool.description.split(". ").next().unwrap_or_default().trim().trim_end_matches('.');
        let name = tool.name.replace('_', " ");
        let title = if first.is_empty() { name.clone() } else { first.to_owned() };
        let parameters = parameters(tool);
        let mut strong = stems(&format!("{name} {title}"));
        strong.extend(parameters.iter().flat_map(|parameter| parameter.own.iter().cloned()));
        let mut weak = stems(&tool.description);
        weak.extend(parameters.iter().flat_map(Parameter::stems));
        Self { doing: doing(&tool.name, first), tool, title, parameters, strong, weak }
    }

    /// How good a find a stem is in what is said of the tool.
    pub(super) fn strength(&self, stem: &str) -> f64 {
        if self.strong.iter().any(|word| word == stem) {
            1.0
        } else if self.weak.iter().any(|word| word == stem) {
            0.7
        } else {
            0.0
        }
    }

    /// Whether a word is one of the tool's own, which are no values.
    pub(super) fn is_own(&self, word: &str) -> bool {
        let wanted = stem(word);
        self.strong.contains(&wanted) || self.doing.as_ref().is_some_and(|doing| doing.is_verb(word))
    }

    /// `to change the delivery address`, `for: order status`.
    pub(super) fn purpose(&self) -> String {
        purpose(&self.title, self.doing.as_ref())
    }
}

/// What an action is for, to stand after "I need it" or "I can't".
pub(super) fn purpose(title: &str, doing: Option<&Doing>) -> String {
    let first = tokens(title).into_iter().next().unwrap_or_default();
    let is_verb = is_reading(&first) || doing.is_some_and(|doing| doing.is_plain(&first));
    let title = in_sentence(&escape(title));
    if is_verb { format!("to {title}") } else { format!("for this: {title}") }
}
