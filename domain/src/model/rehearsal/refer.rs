//! What `it`, `that one` and `my order` mean: looked up in what was said before and in the person's data.

use serde_json::{Map, Value};

use super::parameters::{Kind, Parameter};
use super::question::Question;
use super::records::{self, Pick, Record, form};
use super::tools::Candidate;
use super::value::date;
use super::words::stem;
use crate::model::{DataSet, ModelMessage};

/// How far back something may have been named, messages.
const MAX_BACK: usize = 8;

/// What was said before and is known of the person.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The conversation up to the message that is read.
    pub(super) messages: &'a [ModelMessage],
    /// The same message up to the part that is read.
    pub(super) earlier: &'a str,
    pub(super) data: &'a [DataSet],
    pub(super) person: &'a [(String, String)],
}

impl<'a> Context<'a> {
    /// Adds what a question refers to, for required parameters that have no value.
    pub(super) fn complete(
        self,
        candidate: &Candidate<'_>,
        question: &Question<'_>,
        arguments: &mut Map<String, Value>,
    ) {
        for parameter in &candidate.parameters {
            if parameter.kind == Kind::Code
                && let Some(Value::String(given)) = arguments.get_mut(&parameter.name)
            {
                *given = spelled(parameter, given);
            }
            if !parameter.required || arguments.contains_key(&parameter.name) {
                continue;
            }
            let value = match parameter.kind {
                Kind::Code => self.code(parameter, candidate.doing.is_some(), question),
                Kind::Text => self.record(parameter, candidate.doing.is_some(), question),
                Kind::Email if question.has(&["my", "me", "i"]) => self.field("email"),
                Kind::Phone if question.has(&["my", "me", "i"]) => self.field("phone"),
                _ => None,
            };
            arguments.extend(value.map(|value| (parameter.name.clone(), value)));
        }
    }

    fn field(self, name: &str) -> Option<Value> {
        self.person.iter().find(|(field, _)| field == name).map(|(_, value)| Value::from(value.as_str()))
    }

    fn code(self, parameter: &Parameter, does: bool, question: &Question<'_>) -> Option<Value> {
        let pronoun = question.has(&["it", "its", "that", "this", "them", "they", "same"]);
        if !pronoun && !question.tokens.iter().any(|token| parameter.is_own(token)) {
            return None;
        }
        self.described(parameter, question)
            .or_else(|| self.said(parameter))
            .or_else(|| self.record(parameter, does, question))
    }

    /// A record that the question describes by something only it has: "my boots order".
    fn described(self, parameter: &Parameter, question: &Question<'_>) -> Option<Value> {
        self.sets(parameter).find_map(|set| match records::pick(set, question, None) {
            Pick::Named(record) => first_value(set, record),
            _ => None,
        })
    }

    /// The number that was named last. A message that names several names none.
    fn said(self, parameter: &Parameter) -> Option<Value> {
        let texts = self.messages.iter().rev().take(MAX_BACK).filter_map(|message| match message {
            ModelMessage::User { text } | ModelMessage::Assistant { text, .. } => Some(text.as_str()),
            ModelMessage::Tool { .. } => None,
        });
        for text in std::iter::once(self.earlier).chain(texts) {
            // Without an example a year or a price is not to be taken for a number of something.
            let of_a_kind = |mark: &str| {
                let digits = mark.chars().all(|c| c.is_ascii_digit());
                if digits { mark.len() >= 5 } else { mark.chars().any(char::is_alphabetic) }
            };
            let fits = |mark: &String| {
                parameter.example.as_ref().map_or_else(|| of_a_kind(mark), |example| *example == form(mark))
            };
            let mut marks: Vec<String> = records::marks(text).into_iter().filter(fits).collect();
            marks.sort();
            marks.dedup();
            match marks.as_slice() {
                [] => {}
                [mark] => return Some(Value::from(as_written(text, mark))),
                _ => return None,
            }
        }
        None
    }

    /// The only record of what the parameter names, or the newest where that is what was asked for.
    fn record(self, parameter: &Parameter, does: bool, question: &Question<'_>) -> Option<Value> {
        let latest = question.has(&["latest", "last", "newest", "recent"]);
        self.sets(parameter).find_map(|set| {
            let records = set.records.as_deref().unwrap_or_default();
            let only = records.len() == 1 && question.has(&["my", "our", "the", "it", "that", "this"]);
            let newest = latest || (!does && is_newest_first(records));
            records.first().filter(|_| only || newest).and_then(|record| first_value(set, record))
        })
    }

    /// The data whose records the parameter names: `order_number` names one of `recent orders`.
    fn sets(self, parameter: &Parameter) -> impl Iterator<Item = &'a DataSet> {
        self.data.iter().filter(move |set| {
            let noun = records::noun(set);
            let noun = noun.split_whitespace().next_back().unwrap_or_default().to_lowercase();
            let first = set.fields.first().is_some_and(|first| *first == parameter.name);
            first || parameter.own.contains(&stem(&noun))
        })
    }

    /// What may be named, where several might be meant.
    pub(super) fn names(self, parameter: &Parameter) -> Vec<String> {
        let names = self.sets(parameter).flat_map(|set| {
            let records = set.records.as_deref().unwrap_or_default();
            records.iter().filter_map(|record| records::name(set, record)).collect::<Vec<_>>()
        });
        names.take(4).collect()
    }
}

fn first_value(set: &DataSet, record: &Record) -> Option<Value> {
    match record.get(set.fields.first()?)? {
        Value::String(text) => Some(Value::from(text.as_str())),
        Value::Number(number) => Some(Value::from(number.to_string())),
        _ => None,
    }
}

/// Whether the first record is the newest by a date that all have.
fn is_newest_first(records: &[Record]) -> bool {
    let newest = |record: &Record| record.values().filter_map(|value| date(value.as_str()?)).min();
    let Some((first, rest)) = records.split_first() else { return false };
    newest(first).is_some_and(|first| rest.iter().all(|record| newest(record).is_some_and(|other| other < first)))
}

/// A mark as it stands in the text: marks are upper case.
fn as_written(text: &str, mark: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    let word = words.map(|word| word.trim_matches(['-', '_'])).find(|word| word.to_uppercase() == mark);
    word.unwrap_or(mark).to_owned()
}

/// With capitals where the example of the parameter has them.
pub(super) fn spelled(parameter: &Parameter, value: &str) -> String {
    let capital = parameter.example.as_ref().is_some_and(|example| *example == form(value)) && {
        let mut words = parameter.about.split(|c: char| !c.is_alphanumeric() && c != '-');
        words.any(|word| {
            form(word) == form(value) && word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase)
        })
    };
    let value = value.trim_start_matches('#');
    if capital { value.to_uppercase() } else { value.to_owned() }
}
