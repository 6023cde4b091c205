//! The rehearsal model (G1): a deterministic stand-in that needs no key and is no AI.
//!
//! It compares the visitor's words with the person's data, the tools and the owner's knowledge text, and answers from
//! the best match in plain English sentences. It knows no shop: every noun comes from settings and data. Nothing that
//! it reads is an instruction to it, and what it was told about itself it never repeats.

mod question;
mod records;
mod relevance;
mod speak;
mod tools;
mod topics;
mod value;
mod words;

use serde_json::Value;

use super::{DataSet, ModelEvent, ModelMessage, ModelRequest, Stop, Tool, ToolCall};
use crate::policy::REQUEST_LOGIN;
use question::{Asks, Question};
use records::Pick;
use relevance::{Relevance, best};
use topics::{Topic, topics};
use words::sentence;

/// Below this nothing was understood.
const THRESHOLD: f64 = 0.35;

/// What it says when it is asked what it is.
const WHAT_I_AM: &str = "I'm the rehearsal model of this demo: not an AI but a simple stand-in that answers from the \
    texts and data it was given.";

/// The whole answer, in the pieces in which it streams: words, calls, and one `Done` at the end.
pub fn answer(request: &ModelRequest) -> Vec<ModelEvent> {
    match Rehearsal::new(request).decide() {
        Reply::Say(text) => {
            let words = text.split_inclusive([' ', '\n']).map(|word| ModelEvent::Text(word.to_owned()));
            words.chain([ModelEvent::Done(Stop::End)]).collect()
        }
        Reply::Call(call) => vec![ModelEvent::Call(call), ModelEvent::Done(Stop::ToolCalls)],
    }
}

enum Reply {
    Say(String),
    Call(ToolCall),
}

struct Rehearsal<'a> {
    request: &'a ModelRequest,
    question: Question<'a>,
    topics: Vec<Topic>,
    subjects: Vec<tools::Subject>,
    relevance: Relevance,
    /// The last thing that was answered.
    before: Option<&'a str>,
}

impl<'a> Rehearsal<'a> {
    fn new(request: &'a ModelRequest) -> Self {
        let mut latest = request.messages.iter().rev();
        let text = latest.find_map(|message| match message {
            ModelMessage::User { text } => Some(text.as_str()),
            _ => None,
        });
        let before = latest.find_map(|message| match message {
            ModelMessage::Assistant { text, .. } if !text.is_empty() => Some(text.as_str()),
            _ => None,
        });
        let topics = topics(&request.knowledge);
        let subjects = tools::subjects(&request.tools);
        let relevance = Relevance::new(&topics, &request.data, &request.tools);
        Self { request, question: Question::new(text.unwrap_or_default()), topics, subjects, relevance, before }
    }

    fn decide(&self) -> Reply {
        match self.request.messages.last() {
            Some(ModelMessage::Tool { name, content, .. }) => Reply::Say(self.after_tool(name, content)),
            _ => self.after_visitor(),
        }
    }

    /// A tool answered. No other call is made from here, so a turn ends.
    fn after_tool(&self, name: &str, content: &str) -> String {
        let result: Value = serde_json::from_str(content).unwrap_or(Value::Null);
        let status = result.get("status").and_then(Value::as_str).unwrap_or_default();
        if name != REQUEST_LOGIN {
            return tool_result(&result, content);
        }
        if status == "authenticated" {
            return self.after_login();
        }
        let what = tools::subject_of(&self.subjects, &self.question)
            .map_or_else(|| "that".to_owned(), |subject| format!("your {}", value::escape(&subject.name)));
        let help = speak::offers(&self.headings(), &[], false);
        format!("No problem. Without signing in I can't look up {what}. {help}").trim_end().to_owned()
    }

    /// The question that led to the login, from the data where any may serve: the visitor signed in for an answer.
    fn after_login(&self) -> String {
        let (know, topic) = self.best_topic();
        let set = best(self.request.data.iter(), |set| records::score(set, &self.relevance, &self.question.stems));
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

    fn after_visitor(&self) -> Reply {
        if let Some(text) = self.small_talk() {
            return Reply::Say(text);
        }
        let data = &self.request.data;
        if let Some(set) = data.iter().find(|set| records::names_one(set, self.question.text)) {
            return Reply::Say(self.about_data(set));
        }
        if let Some(set) = data.iter().find(|set| records::mentions_name(set, self.question.text)) {
            return Reply::Say(self.about_data(set));
        }
        if let Some(text) = self.about_person() {
            return Reply::Say(text);
        }

        let (know, topic) = self.best_topic();
        let set = best(data.iter(), |set| self.own_score(records::score(set, &self.relevance, &self.question.stems)));
        let tool = best(self.request.tools.iter(), |tool| self.tool_score(tool));
        let data_score = set.map_or(0.0, |(_, score)| score);
        let tool_score = tool.map_or(0.0, |(_, score)| score);
        match (set, tool, topic) {
            (Some((set, score)), ..) if score >= THRESHOLD && score >= know && score >= tool_score => {
                Reply::Say(self.about_data(set))
            }
            (_, Some((tool, score)), _) if score >= THRESHOLD && score > know && score > data_score => self.call(tool),
            (.., Some(topic)) if know >= THRESHOLD => Reply::Say(topic.body.clone()),
            _ => Reply::Say(self.fallback()),
        }
    }

    /// The best topic with its score. What is known to everybody answers a question about the visitor's own only when
    /// nothing else knows it.
    fn best_topic(&self) -> (f64, Option<&Topic>) {
        let score = |topic: &Topic| topic.score(&self.relevance, &self.question.stems);
        let Some((topic, score)) = best(self.topics.iter(), score) else { return (0.0, None) };
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
        let stems = &self.question.stems;
        self.request.data.iter().any(|set| records::score(set, &self.relevance, stems) > 0.0)
            || self
                .request
                .tools
                .iter()
                .any(|tool| tools::score(tool, &self.relevance, &self.question, &self.subjects) > 0.0)
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

    fn tool_score(&self, tool: &Tool) -> f64 {
        let coverage = tools::score(tool, &self.relevance, &self.question, &self.subjects);
        if tool.name != REQUEST_LOGIN {
            return coverage;
        }
        if tools::asks_to_sign_in(&self.question) {
            return 2.0;
        }
        // A number of an order or the like is somebody's own, whoever asks.
        let is_name = |mark: &String| mark.contains('-') && mark.chars().any(char::is_alphabetic);
        let named = !self.question.policy && records::marks(self.question.text).iter().any(is_name);
        self.own_score(coverage).max(if named { 0.6 } else { 0.0 })
    }

    fn call(&self, tool: &Tool) -> Reply {
        let subject = tools::subject_of(&self.subjects, &self.question);
        let reason = subject.map_or_else(
            || "to answer a question about your own data".to_owned(),
            |subject| format!("to look up your {}", subject.name),
        );
        let Some(arguments) = tools::arguments(tool, &self.question, &reason) else {
            return Reply::Say(format!("For that I need a little more: {}.", missing(tool)));
        };
        let calls = self.request.messages.iter().map(|message| match message {
            ModelMessage::Assistant { calls, .. } => calls.len(),
            _ => 0,
        });
        let id = format!("call_{}", calls.sum::<usize>() + 1);
        Reply::Call(ToolCall { id, name: tool.name.clone(), arguments })
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

    fn small_talk(&self) -> Option<String> {
        const GREETINGS: &[&str] =
            &["hi", "hello", "hey", "hiya", "good", "morning", "afternoon", "evening", "there", "greetings"];
        const THANKS: &[&str] = &[
            "thanks", "thank", "you", "thx", "cheers", "great", "perfect", "very", "much", "so", "a", "lot", "that",
            "helps", "ok",
        ];
        const NOTHING: &[&str] =
            &["ok", "okay", "no", "nope", "yes", "sure", "fine", "good", "great", "all", "right", "alright"];
        const BYE: &[&str] = &["bye", "goodbye", "see", "you", "later", "good", "night"];
        let tokens = words::tokens(self.question.text);
        let only = |known: &[&str]| tokens.iter().all(|token| known.contains(&token.as_str()));
        let has = |any: &[&str]| tokens.iter().any(|token| any.contains(&token.as_str()));
        let is_asked =
            tokens.iter().zip(tokens.iter().skip(1)).any(|(a, b)| a == "are" && b == "you" || a == "you" && b == "are");
        if is_asked
            && has(&["ai", "bot", "robot", "human", "person", "real", "machine", "chatbot", "chatgpt", "model", "llm"])
        {
            return Some(format!("{WHAT_I_AM} {}", self.help()));
        }
        if matches!(tokens.join(" ").as_str(), "who are you" | "what are you") {
            return Some(format!("{WHAT_I_AM} {}", self.help()));
        }
        if matches!(
            tokens.join(" ").as_str(),
            "help" | "help me" | "what can you do" | "how can you help" | "what can i ask"
        ) {
            return Some(self.help());
        }
        if tokens.is_empty()
            || has(&["hi", "hello", "hey", "hiya", "morning", "afternoon", "evening", "greetings"]) && only(GREETINGS)
        {
            let hello = self.first_name().map_or_else(|| "Hello!".to_owned(), |name| format!("Hello {name}!"));
            return Some(format!("{hello} {}", self.help()));
        }
        if has(&["thanks", "thank", "thx", "cheers"]) && only(THANKS) {
            return Some("You're welcome! Is there anything else I can help with?".to_owned());
        }
        if only(NOTHING) {
            return Some("All right. Just ask when there is something I can help with.".to_owned());
        }
        (has(&["bye", "goodbye", "later", "night"]) && only(BYE)).then(|| "Goodbye!".to_owned())
    }

    fn fallback(&self) -> String {
        format!("I'm sorry, I don't know that. {}", self.help())
    }

    fn help(&self) -> String {
        let signed_in = !self.request.data.is_empty();
        let offers = speak::offers(&self.headings(), &self.own(), signed_in);
        if offers.is_empty() { "How can I help?".to_owned() } else { offers }
    }

    fn headings(&self) -> Vec<String> {
        let named = self.topics.iter().filter(|topic| !topic.heading.is_empty() && !topic.heading.ends_with('?'));
        named.map(|topic| words::in_sentence(&topic.heading)).take(6).collect()
    }

    /// What is, or after a login would be, the visitor's own to ask for.
    fn own(&self) -> Vec<String> {
        let sets = self.request.data.iter().map(|set| value::escape(&set.name));
        let subjects = self.subjects.iter().map(|subject| value::escape(&subject.name));
        sets.chain(subjects).take(6).collect()
    }

    fn first_name(&self) -> Option<String> {
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

fn missing(tool: &Tool) -> String {
    let required = tool.parameters.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let names: Vec<String> = required.iter().filter_map(Value::as_str).map(value::humanised).collect();
    words::join(&names)
}

/// What a tool other than the login answered, as it is.
fn tool_result(result: &Value, content: &str) -> String {
    let text = match result {
        Value::Null => value::shown(&Value::from(content)),
        Value::Object(fields) => {
            let line = |(name, value): (&String, &Value)| {
                Some(format!("- {}: {}", value::humanised(name), value::shown(value)?))
            };
            Some(fields.iter().filter_map(line).collect::<Vec<_>>().join("\n")).filter(|lines| !lines.is_empty())
        }
        other => value::shown(other),
    };
    text.map_or_else(|| "That is done.".to_owned(), |text| format!("Here is what I found:\n\n{text}"))
}

#[cfg(test)]
mod tests;
