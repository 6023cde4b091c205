//! Sentences about records.

use super::question::{Asks, Question};
use super::records::{Pick, Record, fields_asked, name, noun, state_field};
use super::value::{escape, humanised, shown};
use super::words::{join, sentence};
use crate::model::DataSet;

/// The most records of a list, fields of a record and fields that a question is answered with.
const MAX_LIST: usize = 10;
const MAX_FIELDS: usize = 12;
const MAX_LEADS: usize = 3;

/// What is said about what was picked from `set`, without a greeting: it begins in lower case where it may follow one.
pub(super) fn about(set: &DataSet, pick: &Pick<'_>, question: &Question<'_>) -> String {
    let set_name = escape(&set.name);
    match pick {
        Pick::Unknown(mark) => {
            format!("I can't find {} among your {set_name}. Please check the number.", escape(mark))
        }
        Pick::None => format!("I see no {set_name} in your account."),
        Pick::Several(records) => several(set, records, question),
        Pick::Named(record) => one(set, record, "", question),
        Pick::Newest(record) => {
            let only = set.records.as_ref().is_some_and(|records| records.len() == 1);
            one(set, record, if only { "" } else { "latest " }, question)
        }
    }
}

fn one(set: &DataSet, record: &Record, which: &str, question: &Question<'_>) -> String {
    let noun = escape(&noun(set));
    let subject = match name(set, record) {
        Some(name) => format!("your {which}{noun} **{name}**"),
        None => format!("your {which}{noun}"),
    };
    let asked: Vec<&str> = fields_asked(set, record, question).into_iter().take(MAX_LEADS).collect();
    let state = state_field(set).filter(|field| !asked.contains(field));
    let state_value = state.and_then(|field| shown(record.get(field)?));

    let mut sentences: Vec<String> = Vec::new();
    for field in &asked {
        sentences.push(field_sentence(field, record, &subject, sentences.is_empty()));
    }
    let told: Vec<&str> = match &state_value {
        Some(value) if asked.is_empty() => {
            sentences.push(format!("{subject} is **{value}**."));
            state.into_iter().collect()
        }
        Some(value) => {
            sentences.push(format!("The {noun} is **{value}**."));
            state.into_iter().collect()
        }
        None => {
            if asked.is_empty() {
                sentences.push(format!("here is {subject}:"));
            }
            Vec::new()
        }
    };
    let is_name = |field: &str| name(set, record).is_some() && set.fields.first().is_some_and(|first| first == field);
    let rest: Vec<String> = set
        .fields
        .iter()
        .map(String::as_str)
        .filter(|field| !asked.contains(field) && !told.contains(field) && !is_name(field))
        .filter_map(|field| Some(format!("- {}: {}", humanised(field), shown(record.get(field)?)?)))
        .take(MAX_FIELDS)
        .collect();
    let mut text = sentences.join(" ");
    if !rest.is_empty() {
        text.push_str("\n\n");
        text.push_str(&rest.join("\n"));
    }
    text
}

fn field_sentence(field: &str, record: &Record, subject: &str, first: bool) -> String {
    let words = humanised(field);
    let value = record.get(field).and_then(shown);
    // `ordered_on`: the value follows the words as it stands.
    let leads_on =
        ["on", "at", "by", "until", "from", "to", "via"].iter().any(|word| words.ends_with(&format!(" {word}")));
    match value {
        None if first => format!("no {words} is recorded for {subject}."),
        None => format!("No {words} is recorded."),
        Some(value) if leads_on && first => format!("{subject}: {words} **{value}**."),
        Some(value) if leads_on => format!("{}: **{value}**.", sentence(&words)),
        Some(value) => {
            let are = record.get(field).and_then(|value| value.as_array()).is_some_and(|values| values.len() > 1);
            let verb = if are { "are" } else { "is" };
            if first {
                format!("the {words} of {subject} {verb} **{value}**.")
            } else {
                format!("The {words} {verb} **{value}**.")
            }
        }
    }
}

fn several(set: &DataSet, records: &[&Record], question: &Question<'_>) -> String {
    let set_name = escape(&set.name);
    let all = set.records.as_ref().map_or(0, Vec::len);
    let count = records.len();
    let mut text = if count == 1 {
        format!("I found one of your {set_name}:")
    } else if question.asks == Asks::HowMany && count == all {
        format!("I can see {count} of your {set_name}:")
    } else if count < all {
        format!("{count} of your {all} {set_name} match:")
    } else {
        format!("here are your {count} {set_name}:")
    };
    text.push('\n');
    for record in records.iter().take(MAX_LIST) {
        text.push_str("\n- ");
        text.push_str(&line(set, record, question));
    }
    if count > MAX_LIST {
        text.push_str("\n\n…and ");
        text.push_str(&(count - MAX_LIST).to_string());
        text.push_str(" more.");
    }
    text
}

/// A record on one line: its name, how far it has come, and what was asked for or its first fields.
fn line(set: &DataSet, record: &Record, question: &Question<'_>) -> String {
    let name = name(set, record);
    let state = state_field(set);
    let asked = fields_asked(set, record, question);
    let value = |field: &str| shown(record.get(field)?);
    let skipped = usize::from(name.is_some());
    let wanted = |field: &&str| Some(*field) != state && (asked.is_empty() || asked.contains(field));
    let details: Vec<String> = set
        .fields
        .iter()
        .skip(skipped)
        .map(String::as_str)
        .filter(wanted)
        .filter_map(|field| Some(format!("{} {}", humanised(field), value(field)?)))
        .take(MAX_LEADS)
        .collect();
    let parts: Vec<String> = state.and_then(value).into_iter().chain(details).collect();
    match name {
        Some(name) if parts.is_empty() => format!("**{name}**"),
        Some(name) => format!("**{name}**: {}", parts.join(", ")),
        None => parts.join(", "),
    }
}

/// What can be helped with: `I can help with …`.
pub(super) fn offers(headings: &[String], own: &[String], signed_in: bool) -> String {
    let mut sentences = Vec::new();
    if !headings.is_empty() {
        sentences.push(format!("I can help with {}.", join(headings)));
    }
    if !own.is_empty() {
        let own = join(&own.iter().map(|name| format!("your {name}")).collect::<Vec<_>>());
        sentences.push(if signed_in {
            format!("I can look up {own}.")
        } else {
            format!("Once you have signed in, I can look up {own}.")
        });
    }
    sentences.join(" ")
}
