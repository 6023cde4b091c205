//! One thing that a visitor asks, and what becomes of it: a tool, their data, the owner's text, or an excuse.

use serde_json::{Map, Value};

use super::ask;
use super::choice::{Chooser, Chosen, after_login};
use super::question::{Asks, Question};
use super::records::{self, Pick};
use super::refer::Context;
use super::relevance::{Relevance, best};
use super::tools::{self, Candidate, Subject, candidates, purpose};
use super::topics::{Topic, topics};
use super::verbs::Asked;
use super::words::sentence;
use super::{speak, value, words};
use crate::model::{DataSet, ModelMessage, ModelRequest};
use crate::policy::REQUEST_LOGIN;

/// Below this nothing was understood.
const THRESHOLD: f64 = 0.35;

/// How much more a tool has to know than data that is there, to be asked in its place.
const FRESHER: f64 = 0.3;

/// What one request gives, read once.
pub(super) struct Known<'a> {
    pub(super) request: &'a ModelRequest,
    pub(super) candidates: Vec<Candidate<'a>>,
    topics: Vec<Topic>,
    subjects: Vec<Subject>,
    relevance: Relevance,
}

impl<'a> Known<'a> {
    pub(super) fn new(request: &'a ModelRequest) -> Self {
        let topics = topics(&request.knowledge);
        Self {
            candidates: candidates(&request.tools),
            subjects: tools::subjects(&request.tools),
            relevance: Relevance::new(&topics, &request.data, &request.tools),
            topics,
            request,
        }
    }
}

/// What is to be done about a part of a message.
#[derive(Debug)]
pub(super) enum Act<'a> {
    /// Something is said. `understood` is false for an excuse.
    Say { text: String, understood: bool },
    /// One tool is called, once for each set of arguments.
    Call(&'a Candidate<'a>, Vec<Map<String, Value>>),
    /// Something is missing: the question for it.
    Ask(String),
    /// The visitor has to sign in, with the reason.
    Login(String),
}

/// A part of a message.
pub(super) struct Clause<'a> {
    pub(super) known: &'a Known<'a>,
    pub(super) request: &'a ModelRequest,
    pub(super) question: Question<'a>,
    pub(super) chooser: Chooser<'a>,
    /// The last thing that was answered.
    before: Option<&'a str>,
}

impl<'a> Clause<'a> {
    /// `at` is the place of the message, `from` of the part in its text.
    pub(super) fn new(known: &'a Known<'a>, at: usize, text: &'a str, from: usize, part: &'a str) -> Self {
        let request = known.request;
        let messages = request.messages.get(..at).unwrap_or_default();
        let before = messages.iter().rev().find_map(|message| match message {
            ModelMessage::Assistant { text, .. } if !text.is_empty() => Some(text.as_str()),
            _ => None,
        });
        let context = Context {
            messages,
            earlier: text.get(..from).unwrap_or_default(),
            data: &request.data,
            person: &request.person,
        };
        let chooser = Chooser { candidates: &known.candidates, relevance: &known.relevance, context };
        Self { known, request, question: Question::new(part), chooser, before }
    }

    /// What becomes of it. Only the visitor's own words choose a tool.
    pub(super) fn act(&self) -> Act<'a> {
        if let Some(act) = self.request_for_something() {
            return act;
        }
        let looked_up = self.chooser.looked_up(&self.question);
        if let Some(act) = self.named_data(looked_up.as_ref()) {
            return act;
        }
        if let Some(text) = self.about_person() {
            return Act::Say { text, understood: true };
        }

        let (know, topic) = self.best_topic();
        let set = best(self.request.data.iter(), |set| self.own_score(self.covered(set)));
        let data_score = set.map_or(0.0, |(_, score)| score);
        let login = self.login_score();
        let tool = looked_up.filter(|chosen| chosen.score > know && chosen.score + 0.001 > data_score);
        // What is there for everybody needs no login; what lacks something that a login would bring, does.
        let tool = tool.filter(|chosen| {
            let complete = chosen.missing.is_none();
            (complete && (chosen.named || chosen.score >= login)) || chosen.score > login || login < THRESHOLD
        });
        match (set, tool, topic) {
            (_, Some(chosen), _) => self.with_tool(chosen),
            (Some((set, score)), ..) if score >= THRESHOLD && score >= know && score >= login => {
                Act::Say { text: self.about_data(set), understood: true }
            }
            _ if login >= THRESHOLD && login > know && login > data_score => Act::Login(self.reason()),
            (.., Some(topic)) if know >= THRESHOLD => Act::Say { text: topic.body.clone(), understood: true },
            _ => Act::Say { text: self.fallback(), understood: false },
        }
    }

    /// A tool that does something, here or after a login, asked for in so many words.
    fn request_for_something(&self) -> Option<Act<'a>> {
        let chosen = self.chooser.requested(&self.question);
        let opened =
            self.login_action().filter(|(_, score)| chosen.as_ref().is_none_or(|chosen| *score > chosen.score));
        let (know, _) = self.best_topic();
        if let Some((subject, _)) = opened.filter(|(subject, _)| subject.doing.is_some()) {
            let only_perhaps = self.question.policy && know >= THRESHOLD;
            return (!only_perhaps).then(|| Act::Login(purpose(&subject.name, subject.doing.as_ref())));
        }
        let chosen = chosen?;
        // "Can I cancel an order?" is answered by the owner's text, where that knows.
        if chosen.asked == Asked::Perhaps && !chosen.named && know >= THRESHOLD {
            return None;
        }
        Some(self.with_tool(chosen))
    }

    fn with_tool(&self, chosen: Chosen<'a>) -> Act<'a> {
        if let Some(rival) = chosen.rival {
            let title = |candidate: &Candidate<'_>| words::in_sentence(&value::escape(&candidate.title));
            let (one, other) = (title(chosen.candidate), title(rival));
            let text = format!("I can help in two ways here: {one}, or {other}. Which one do you mean?");
            return Act::Say { text, understood: true };
        }
        let Some(missing) = chosen.missing else { return Act::Call(chosen.candidate, chosen.arguments) };
        self.ask(chosen.candidate, missing)
    }

    /// The question for the parameter at `missing`.
    pub(super) fn ask(&self, candidate: &Candidate<'_>, missing: usize) -> Act<'a> {
        let Some(parameter) = candidate.parameters.get(missing) else {
            return Act::Say { text: self.fallback(), understood: false };
        };
        if parameter.kind == super::parameters::Kind::Secret {
            let text = "I'm sorry, that needs a secret, and I never ask for one in a message.".to_owned();
            return Act::Say { text, understood: true };
        }
        Act::Ask(ask::question(candidate, parameter, &self.chooser.context.names(parameter)))
    }

    /// Data whose records the question names. A tool comes before it when the data has no such record, or when it knows
    /// much more of what is asked.
    fn named_data(&self, tool: Option<&Chosen<'_>>) -> Option<Act<'a>> {
        let data = &self.request.data;
        let text = self.question.text;
        let called = tool.filter(|chosen| chosen.missing.is_none());
        if let Some(set) = data.iter().find(|set| records::names_one(set, text)) {
            let more = called.is_some_and(|chosen| chosen.score.min(1.0) > self.covered(set) + FRESHER);
            return (!more).then(|| Act::Say { text: self.about_data(set), understood: true });
        }
        let set = data.iter().find(|set| records::mentions_name(set, text))?;
        called.is_none().then(|| Act::Say { text: self.about_data(set), understood: true })
    }

    /// How well a set covers the question, the names of records left out: they are found, or not, by themselves.
    fn covered(&self, set: &DataSet) -> f64 {
        records::score(set, &self.known.relevance, &self.question.stems)
    }

    /// What a login would open to be done, that is asked for here.
    fn login_action(&self) -> Option<(&'a Subject, f64)> {
        after_login(&self.known.subjects, &self.known.relevance, &self.question)
    }

    fn login_score(&self) -> f64 {
        let question = &self.question;
        if !self.request.tools.iter().any(|tool| tool.name == REQUEST_LOGIN) {
            return 0.0;
        }
        if tools::asks_to_sign_in(question) {
            return 2.0;
        }
        // A number of an order or the like is somebody's own, whoever asks.
        let is_name = |mark: &String| mark.contains('-') && mark.chars().any(char::is_alphabetic);
        let named = !question.policy && records::marks(question.text).iter().any(is_name);
        let data = self.own_score(tools::login_score(&self.known.relevance, question, &self.known.subjects));
        let action = self.login_action().map_or(0.0, |(_, score)| self.own_score(score));
        data.max(action).max(if named { 0.6 } else { 0.0 })
    }

    /// Why the visitor has to sign in, to stand after "Sign in".
    fn reason(&self) -> String {
        let question = &self.question;
        let data = tools::login_score(&self.known.relevance, question, &self.known.subjects);
        if let Some((subject, _)) = self.login_action().filter(|(_, score)| *score > data) {
            return purpose(&subject.name, subject.doing.as_ref());
        }
        let subjects = &self.known.subjects;
        tools::subject_of(subjects, question).map_or_else(
            || "to answer a question about your own data".to_owned(),
            |subject| {
                if subject.is_action {
                    purpose(&subject.name, subject.doing.as_ref())
                } else {
                    format!("to look up your {}", subject.name)
                }
            },
        )
    }

    /// What is said when the visitor would not sign in.
    pub(super) fn without_login(&self) -> String {
        let wanted = match self.act() {
            Act::Login(reason) => reason,
            _ => self.reason(),
        };
        let cannot = match wanted.strip_prefix("to ") {
            Some("answer a question about your own data") => "look up that".to_owned(),
            Some(wanted) => value::escape(wanted),
            None => "do that".to_owned(),
        };
        let help = speak::offers(&self.headings(), &[], false);
        format!("No problem. Without signing in I can't {cannot}. {help}").trim_end().to_owned()
    }

    /// The question that led to the login, from the data where any may serve: the visitor signed in for an answer.
    pub(super) fn after_login(&self) -> String {
        let (know, topic) = self.best_topic();
        let set = best(self.request.data.iter(), |set| self.covered(set));
        match (set, topic) {
            (Some((set, score)), _) if score > 0.0 || know < THRESHOLD || self.question.own_by_form() > 0.0 => {
                self.about_data(set)
            }
            (_, Some(topic)) if know >= THRESHOLD => topic.body.clone(),
            _ => {
                let help = speak::offers(&self.headings(), &self.own(), true);
                self.greeted(format!("you are signed in. {help}").trim_end())
            }
        }
    }

    /// The best topic with its score. What is known to everybody answers a question about the visitor's own only when
    /// nothing else knows it.
    fn best_topic(&self) -> (f64, Option<&'a Topic>) {
        let score = |topic: &Topic| topic.score(&self.known.relevance, &self.question.stems);
        let Some((topic, score)) = best(self.known.topics.iter(), score) else { return (0.0, None) };
        let own = self.question.personal && !self.question.policy;
        let factor = match own {
            true if self.knows_own() => 0.5,
            // "Is my data safe?" may as well be about everybody's.
            true if self.question.own_by_form() < 0.5 => 1.6,
            _ => 1.0,
        };
        (score * factor, Some(topic))
    }

    fn knows_own(&self) -> bool {
        self.request.data.iter().any(|set| self.covered(set) > 0.0)
            || tools::login_score(&self.known.relevance, &self.question, &self.known.subjects) > 0.0
            || self.login_action().is_some()
            || self.chooser.looked_up(&self.question).is_some()
    }

    /// How surely the visitor's own data is meant, from how well its words cover the question.
    fn own_score(&self, coverage: f64) -> f64 {
        let question = &self.question;
        // A follow-up to an answer about a record: "and when will it arrive?"
        let follows = question.has(&["it", "its", "they"])
            && self.before.is_some_and(|before| self.request.data.iter().any(|set| records::names_one(set, before)));
        if question.policy {
            coverage * 0.3
        } else if question.personal {
            let by_form = question.own_by_form();
            if coverage > 0.0 { coverage.max(by_form) + 0.3 } else { by_form }
        } else if follows {
            match question.asks {
                Asks::Other => coverage.max(0.36),
                _ => coverage.max(0.7),
            }
        } else {
            coverage
        }
    }

    fn about_data(&self, set: &DataSet) -> String {
        if set.records.is_none() {
            let name = value::escape(&set.name);
            return self.greeted(&format!("your {name} could not be loaded right now. Please try again in a moment."));
        }
        let mut pick = records::pick(set, &self.question, self.before);
        // "What did I buy" of nothing: the sentence is about the set, whatever was named.
        if set.records.as_ref().is_some_and(Vec::is_empty) && !matches!(pick, Pick::Unknown(_)) {
            pick = Pick::None;
        }
        self.greeted(&speak::about(set, &pick, &self.question))
    }

    fn about_person(&self) -> Option<String> {
        let question = &self.question;
        if !question.has(&["my", "am"]) || question.policy {
            return None;
        }
        let asked = |name: &str| {
            let stems = words::stems(&name.replace('_', " "));
            !stems.is_empty() && question.stems == stems
        };
        let who = question.stems.is_empty() && question.has(&["who"]) && question.has(&["i"]);
        let (name, value) = self.request.person.iter().find(|(name, _)| asked(name) || (who && name == "name"))?;
        Some(format!("Your {} is **{}**.", value::humanised(name), value::escape(value)))
    }

    fn fallback(&self) -> String {
        format!("I'm sorry, I don't know that. {}", self.help())
    }

    pub(super) fn help(&self) -> String {
        let signed_in = !self.request.data.is_empty();
        let offers = speak::offers(&self.headings(), &self.own(), signed_in);
        if offers.is_empty() { "How can I help?".to_owned() } else { offers }
    }

    fn headings(&self) -> Vec<String> {
        let named = self.known.topics.iter().filter(|topic| !topic.heading.is_empty() && !topic.heading.ends_with('?'));
        named.map(|topic| words::in_sentence(&topic.heading)).take(6).collect()
    }

    /// What is, or after a login would be, the visitor's own to ask for.
    fn own(&self) -> Vec<String> {
        let sets = self.request.data.iter().map(|set| value::escape(&set.name));
        let subjects = self.known.subjects.iter().map(|subject| value::escape(&subject.name));
        sets.chain(subjects).take(6).collect()
    }

    pub(super) fn first_name(&self) -> Option<String> {
        let (_, name) = self.request.person.iter().find(|(field, _)| field == "name")?;
        name.split_whitespace().next().map(value::escape)
    }

    /// With the person's name before it, once in a conversation.
    fn greeted(&self, text: &str) -> String {
        let greeting = self.first_name().map(|name| format!("Hi {name}, "));
        let fresh = greeting.filter(|greeting| {
            !self.request.messages.iter().any(|message| {
                matches!(message, ModelMessage::Assistant { text, .. } if text.starts_with(greeting.as_str()))
            })
        });
        match fresh {
            Some(greeting) => format!("{greeting}{text}"),
            None => sentence(text),
        }
    }
}
