//! One turn: from the visitor's message over calls and their answers to what is said.

use serde_json::{Value, json};

use super::ask::{self, Reply};
use super::clause::{Act, Clause, Known};
use super::clauses::clauses;
use super::report::report;
use crate::model::{ModelMessage, ModelRequest, ToolCall};
use crate::policy::REQUEST_LOGIN;

/// The most rounds of calls for one message: a login, and what it was needed for.
const MAX_ROUNDS: usize = 2;

/// The most calls of one answer.
const MAX_CALLS: usize = 6;

/// What is said, and called.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
}

impl Answer {
    fn say(text: String) -> Self {
        Self { text, calls: Vec::new() }
    }
}

pub(super) fn decide(request: &ModelRequest) -> Answer {
    let known = Known::new(request);
    let is_user = |message: &ModelMessage| matches!(message, ModelMessage::User { .. });
    let at = request.messages.iter().rposition(is_user);
    let text = match at.and_then(|at| request.messages.get(at)) {
        Some(ModelMessage::User { text }) => text.as_str(),
        _ => "",
    };
    let turn = Turn { request, known: &known, at: at.unwrap_or(0), text };
    match request.messages.last() {
        Some(ModelMessage::Tool { .. }) => turn.after_tools(),
        _ => turn.after_visitor(),
    }
}

struct Turn<'a> {
    request: &'a ModelRequest,
    known: &'a Known<'a>,
    /// The visitor's message, its place and text.
    at: usize,
    text: &'a str,
}

impl<'a> Turn<'a> {
    fn whole(&self) -> Clause<'a> {
        Clause::new(self.known, self.at, self.text, 0, self.text)
    }

    fn after_visitor(&self) -> Answer {
        let whole = self.whole();
        let messages = self.request.messages.get(..=self.at).unwrap_or_default();
        if let Some(open) = ask::open(&whole.chooser, messages) {
            match ask::reply(&open, &whole.question) {
                Reply::Dropped => return Answer::say("All right, I leave that.".to_owned()),
                _ if self.asks_for_something_else(&open) => {}
                Reply::Complete(arguments) => return self.perform(vec![Act::Call(open.candidate, vec![arguments])]),
                Reply::Next(missing) => return self.perform(vec![whole.ask(open.candidate, missing)]),
                Reply::Other => {
                    if let Act::Say { understood: false, .. } = whole.act()
                        && whole.small_talk().is_none()
                        && !self.text.trim_end().ends_with('?')
                    {
                        let question = ask::question(open.candidate, open.parameter, &[]);
                        return Answer::say(format!("I did not find that in your message. {question}"));
                    }
                }
            }
        }
        if let Some(text) = whole.small_talk() {
            return Answer::say(text);
        }
        self.perform(self.plan())
    }

    /// Whether a message that could answer a question is a request of its own instead.
    fn asks_for_something_else(&self, open: &ask::Open<'_>) -> bool {
        let whole = self.whole();
        let requested = whole.chooser.requested(&whole.question);
        let other = requested.is_some_and(|chosen| chosen.candidate.tool.name != open.candidate.tool.name);
        other || (whole.small_talk().is_some() && open.parameter.kind != super::parameters::Kind::Choice)
    }

    /// What the message asks for, part by part where at least two parts are understood and one needs a tool.
    fn plan(&self) -> Vec<Act<'a>> {
        let parts = clauses(self.text);
        if parts.len() > 1 {
            let acts: Vec<Act<'a>> = parts
                .iter()
                .map(|(from, part)| Clause::new(self.known, self.at, self.text, *from, part).act())
                .filter(|act| !matches!(act, Act::Say { understood: false, .. }))
                .collect();
            let needs_tool = acts.iter().any(|act| !matches!(act, Act::Say { .. }));
            if acts.len() > 1 && needs_tool {
                return acts;
            }
        }
        vec![self.whole().act()]
    }

    /// Calls what is to be called; what is to be said waits for the answers, if there are calls.
    fn perform(&self, acts: Vec<Act<'a>>) -> Answer {
        let mut calls = Calls { made: self.made(), new: Vec::new(), next: self.count() + 1 };
        let mut said: Vec<String> = Vec::new();
        for act in acts {
            match act {
                Act::Call(candidate, all) => {
                    for arguments in all {
                        calls.add(&candidate.tool.name, Value::Object(arguments));
                    }
                }
                Act::Login(reason) => calls.add_login(&reason),
                Act::Say { text, .. } | Act::Ask(text) => said.push(text),
            }
        }
        if calls.new.is_empty() {
            Answer::say(said.join("\n\n"))
        } else {
            Answer { text: String::new(), calls: calls.new }
        }
    }

    /// The answers to the last calls are there.
    fn after_tools(&self) -> Answer {
        let since = self.request.messages.get(self.at..).unwrap_or_default();
        let last = since.iter().rposition(|message| matches!(message, ModelMessage::Assistant { .. })).unwrap_or(0);
        let made = self.made();
        let answers: Vec<(&str, &str, &str)> = since
            .iter()
            .skip(last)
            .filter_map(|message| match message {
                ModelMessage::Tool { call_id, name, content } => {
                    Some((call_id.as_str(), name.as_str(), content.as_str()))
                }
                _ => None,
            })
            .collect();
        let others = answers.iter().filter(|(_, name, _)| *name != REQUEST_LOGIN).count();
        let mut said: Vec<String> = Vec::new();
        let mut login = None;
        for (id, name, content) in &answers {
            if *name == REQUEST_LOGIN {
                let answer: Value = serde_json::from_str(content).unwrap_or(Value::Null);
                login = Some(answer.get("status").and_then(Value::as_str).unwrap_or_default() == "authenticated");
                continue;
            }
            let call = made.iter().find(|call| call.id == *id).copied();
            let candidate = self.known.candidates.iter().find(|candidate| candidate.tool.name == *name);
            said.push(report(call, candidate, content, others == 1));
        }
        if login == Some(false) {
            said.push(self.whole().without_login());
            return Answer::say(said.join("\n\n"));
        }
        let acts = self.plan();
        if login == Some(true) {
            return self.signed_in(acts, said, since);
        }
        // Parts that needed no call are answered with the others.
        if acts.len() > 1 {
            said.extend(acts.into_iter().filter_map(|act| match act {
                Act::Say { text, .. } | Act::Ask(text) => Some(text),
                Act::Call(..) | Act::Login(_) => None,
            }));
        }
        Answer::say(said.join("\n\n"))
    }

    /// The visitor signed in for an answer: what they had asked goes on.
    fn signed_in(&self, acts: Vec<Act<'a>>, mut said: Vec<String>, since: &[ModelMessage]) -> Answer {
        let calls_in =
            |message: &&ModelMessage| matches!(message, ModelMessage::Assistant { calls, .. } if !calls.is_empty());
        let rounds = since.iter().filter(calls_in).count();
        let only = acts.len() == 1;
        let mut calls = Calls { made: self.made(), new: Vec::new(), next: self.count() + 1 };
        for act in acts {
            match act {
                Act::Call(candidate, all) if rounds < MAX_ROUNDS => {
                    for arguments in all {
                        calls.add(&candidate.tool.name, Value::Object(arguments));
                    }
                }
                Act::Ask(text) => said.push(text),
                // One question is answered as the login's reason, whatever it reads like now.
                Act::Say { text, .. } if !only => said.push(text),
                _ => {}
            }
        }
        if calls.new.is_empty() && said.is_empty() {
            said.push(self.whole().after_login());
        }
        // What is said before a call stands in a paragraph of its own.
        let mut text = said.join("\n\n");
        if !calls.new.is_empty() && !text.is_empty() {
            text.push_str("\n\n");
        }
        Answer { text, calls: calls.new }
    }

    /// The calls since the visitor's message.
    fn made(&self) -> Vec<&'a ToolCall> {
        let since = self.request.messages.get(self.at..).unwrap_or_default();
        let calls = since.iter().filter_map(|message| match message {
            ModelMessage::Assistant { calls, .. } => Some(calls),
            _ => None,
        });
        calls.flatten().collect()
    }

    /// How many calls the conversation has.
    fn count(&self) -> usize {
        let calls = self.request.messages.iter().map(|message| match message {
            ModelMessage::Assistant { calls, .. } => calls.len(),
            _ => 0,
        });
        calls.sum()
    }
}

/// The calls of one answer: none twice, and none that was made for the same message.
struct Calls<'a> {
    made: Vec<&'a ToolCall>,
    new: Vec<ToolCall>,
    next: usize,
}

impl Calls<'_> {
    fn add(&mut self, name: &str, arguments: Value) {
        let same = |call: &ToolCall| call.name == name && call.arguments == arguments;
        if self.new.len() < MAX_CALLS && !self.new.iter().any(same) && !self.made.iter().any(|call| same(call)) {
            self.new.push(ToolCall { id: format!("call_{}", self.next), name: name.to_owned(), arguments });
            self.next += 1;
        }
    }

    fn add_login(&mut self, reason: &str) {
        if !self.new.iter().any(|call| call.name == REQUEST_LOGIN) {
            self.add(REQUEST_LOGIN, json!({ "reason": reason }));
        }
    }
}
