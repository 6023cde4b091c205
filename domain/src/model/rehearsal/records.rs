//! Which of the person's records a question is about, and which fields it asks for.

use serde_json::{Map, Value};

use super::question::{Asks, Question};
use super::relevance::Relevance;
use super::value::{Date, date, is_amount, shown};
use super::words::{singular, stem, stems};
use crate::model::DataSet;

/// A record: its fields by name.
pub(super) type Record = Map<String, Value>;

/// Words before a set's noun that say which records it has and not what they are.
const WHICH: &[&str] =
    &["recent", "latest", "last", "newest", "past", "previous", "current", "open", "my", "your", "all"];

/// Words that ask for more than one record.
const ALL: &[&str] = &["all", "list", "every", "each", "history", "everything"];

/// Which records a question is about.
#[derive(Debug, PartialEq)]
pub(super) enum Pick<'a> {
    /// One that the question names by a value of its own.
    Named(&'a Record),
    /// One that nothing names: the newest.
    Newest(&'a Record),
    /// Several.
    Several(Vec<&'a Record>),
    /// A name as the records have them, and none has it.
    Unknown(String),
    /// There are no records.
    None,
}

/// How well a set covers the question's stems, 0 to 1.
pub(super) fn score(set: &DataSet, relevance: &Relevance, question: &[String]) -> f64 {
    let described = stems(&format!("{} {} {}", set.name, set.description, set.fields.join(" ").replace('_', " ")));
    let values: Vec<String> = records(set).iter().flat_map(value_stems).collect();
    relevance.coverage(question, |stem| {
        if described.iter().any(|other| other == stem) {
            1.0
        } else if values.iter().any(|other| other == stem) {
            0.7
        } else {
            0.0
        }
    })
}

/// What one record is called: `recent orders` are each an `order`.
pub(super) fn noun(set: &DataSet) -> String {
    let words: Vec<&str> =
        set.name.split_whitespace().skip_while(|word| WHICH.contains(&word.to_lowercase().as_str())).collect();
    match words.split_last() {
        Some((last, before)) => {
            before.iter().map(|word| (*word).to_owned()).chain([singular(last)]).collect::<Vec<_>>()
        }
        None => vec![singular(&set.name)],
    }
    .join(" ")
}

/// The value that names a record: the first field's, where it is short.
pub(super) fn name(set: &DataSet, record: &Record) -> Option<String> {
    let value = record.get(set.fields.first()?)?;
    let is_scalar = value.is_string() || value.is_number();
    shown(value).filter(|name| is_scalar && name.chars().count() <= 40)
}

/// Chooses among the set's records. `before` is what was last answered: `it` is what that named.
pub(super) fn pick<'a>(set: &'a DataSet, question: &Question<'_>, before: Option<&str>) -> Pick<'a> {
    let records = records(set);
    let marks = marks(question.text);
    let named: Vec<&Record> = records.iter().filter(|record| is_marked(record, &marks)).collect();
    match named.as_slice() {
        [] => {}
        [record] => return Pick::Named(record),
        _ => return Pick::Several(named),
    }
    if let Some(mark) = marks.into_iter().find(|mark| is_like_a_name(mark, set)) {
        return Pick::Unknown(mark);
    }
    let Some(newest) = records.first() else { return Pick::None };
    let described = by_words(set, question);
    if is_plural(set, question) {
        return Pick::Several(if described.is_empty() { records.iter().collect() } else { described });
    }
    if let Some(record) = described.first() {
        return Pick::Named(record);
    }
    let earlier = before.filter(|_| question.has(&["it", "its", "that", "this", "they"])).and_then(|before| {
        let marks = self::marks(before);
        records.iter().find(|record| is_marked(record, &marks))
    });
    earlier.map_or(Pick::Newest(newest), Pick::Named)
}

/// Whether `text` names one of the set's records.
pub(super) fn names_one(set: &DataSet, text: &str) -> bool {
    let marks = marks(text);
    records(set).iter().any(|record| is_marked(record, &marks))
}

/// Whether the text has something that looks like this set's names, known or not.
pub(super) fn mentions_name(set: &DataSet, text: &str) -> bool {
    names_one(set, text) || marks(text).iter().any(|mark| is_like_a_name(mark, set))
}

/// Words with a digit, as numbers of orders and the like have one.
pub(super) fn marks(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
        .map(|word| word.trim_matches(['-', '_']))
        .filter(|word| word.chars().count() >= 3 && word.chars().any(|c| c.is_ascii_digit()))
        .map(str::to_uppercase)
        .collect()
}

fn is_marked(record: &Record, marks: &[String]) -> bool {
    let has = |text: &str| marks.iter().any(|mark| text.trim_start_matches('#').to_uppercase() == *mark);
    record.values().any(|value| match value {
        Value::String(text) => has(text),
        // A count or an amount of two digits names nothing.
        Value::Number(number) if number.to_string().len() >= 3 => has(&number.to_string()),
        _ => false,
    })
}

/// Letters and digits of a text as their kinds: `NW-1042` is `A-9`, and so is every other of its kind.
pub(super) fn form(text: &str) -> String {
    let mut form = String::new();
    for c in text.trim_start_matches('#').chars() {
        let class = if c.is_ascii_digit() {
            '9'
        } else if c.is_alphabetic() {
            'A'
        } else {
            c
        };
        if !form.ends_with(class) {
            form.push(class);
        }
    }
    form
}

/// Whether a mark has the form of the names of this set's records.
fn is_like_a_name(mark: &str, set: &DataSet) -> bool {
    let Some(field) = set.fields.first() else { return false };
    let names: Vec<String> = records(set)
        .iter()
        .filter_map(|record| record.get(field))
        .filter_map(|value| value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|n| n.to_string())))
        .collect();
    let of_a_form = form(mark);
    if names.is_empty() {
        // Nothing to compare with: a word of letters and digits, as `NW-1042`.
        return of_a_form.contains('A') && of_a_form.ends_with('9') && mark.len() >= 5;
    }
    // A form of digits alone is also a year's or an amount's: the length must be the names' own.
    names
        .iter()
        .any(|name| form(name) == of_a_form && (of_a_form != "9" || name.trim_start_matches('#').len() == mark.len()))
}

/// Records of which the question uses words that not all records have.
fn by_words<'a>(set: &'a DataSet, question: &Question<'_>) -> Vec<&'a Record> {
    let records = records(set);
    let described = stems(&format!("{} {} {}", set.name, set.description, set.fields.join(" ").replace('_', " ")));
    let asked: Vec<&String> = question.stems.iter().filter(|stem| !described.contains(stem)).collect();
    let hits = |record: &Record| {
        let stems = value_stems(record);
        asked.iter().filter(|stem| stems.contains(stem)).count()
    };
    let counts: Vec<usize> = records.iter().map(hits).collect();
    let (most, least) = (counts.iter().max().copied().unwrap_or(0), counts.iter().min().copied().unwrap_or(0));
    if most == least {
        return Vec::new();
    }
    records.iter().zip(counts).filter(|(_, count)| *count == most).map(|(record, _)| record).collect()
}

fn is_plural(set: &DataSet, question: &Question<'_>) -> bool {
    let noun = noun(set);
    let noun = noun.split_whitespace().next_back().unwrap_or_default();
    let plural = |token: &String| singular(token) != *token && stem(token) == stem(&noun.to_lowercase());
    question.has(ALL) || question.tokens.iter().any(plural)
}

/// The fields that the question asks for by name or by kind, best first; empty when it asks for the whole record.
pub(super) fn fields_asked<'a>(set: &'a DataSet, record: &Record, question: &Question<'_>) -> Vec<&'a str> {
    let own = stems(&set.name);
    let hits = |field: &str| {
        let words = stems(&field.replace('_', " "));
        words.iter().filter(|stem| !own.contains(stem) && question.stems.contains(stem)).count()
    };
    let of_kind = |fits: &dyn Fn(&Value) -> bool| -> Vec<&'a str> {
        let fields = set.fields.iter().skip(1).map(String::as_str);
        fields.filter(|field| record.get(*field).is_some_and(fits)).collect()
    };
    let by_name = |fields: &[&'a str]| -> Vec<&'a str> {
        let most = fields.iter().map(|field| hits(field)).max().unwrap_or(0);
        fields.iter().copied().filter(|field| most > 0 && hits(field) == most).collect()
    };
    let all: Vec<&str> = set.fields.iter().map(String::as_str).collect();
    match question.asks {
        Asks::When => {
            let dates = of_kind(&|value| date_of(value).is_some());
            let named = by_name(&dates);
            if named.is_empty() { by_tense(record, &dates, question) } else { named }
        }
        Asks::HowMuch => {
            let amounts = of_kind(&is_amount);
            let named = by_name(&amounts);
            if named.is_empty() { sums_first(&amounts) } else { named }
        }
        Asks::WhatDid => {
            let named = by_name(&all);
            if named.is_empty() { of_kind(&Value::is_array) } else { named }
        }
        // The state is told for every record; asking for it is asking for the record.
        Asks::Where | Asks::HowMany | Asks::Other => {
            by_name(&all).into_iter().filter(|field| Some(*field) != state_field(set)).collect()
        }
    }
}

/// What the visitor did comes first in a record's life; what they wait for, or what happened to it, last.
fn by_tense<'a>(record: &Record, dates: &[&'a str], question: &Question<'_>) -> Vec<&'a str> {
    let of = |field: &&'a str| record.get(*field).and_then(date_of);
    let first = question.own_doing();
    let chosen =
        if first { dates.iter().min_by_key(|field| of(field)) } else { dates.iter().max_by_key(|field| of(field)) };
    chosen.into_iter().copied().collect()
}

fn sums_first<'a>(amounts: &[&'a str]) -> Vec<&'a str> {
    const SUMS: [&str; 6] = ["total", "amount", "sum", "price", "cost", "paid"];
    let is_sum = |field: &&str| SUMS.iter().any(|word| field.contains(word));
    amounts.iter().find(|field| is_sum(field)).or(amounts.first()).into_iter().copied().collect()
}

/// The field that tells how far a record has come.
pub(super) fn state_field(set: &DataSet) -> Option<&str> {
    let is_state = |field: &&str| field.split('_').any(|word| matches!(word, "status" | "state" | "stage" | "phase"));
    set.fields.iter().map(String::as_str).find(is_state)
}

fn records(set: &DataSet) -> &[Record] {
    set.records.as_deref().unwrap_or_default()
}

fn date_of(value: &Value) -> Option<Date> {
    date(value.as_str()?)
}

fn value_stems(record: &Record) -> Vec<String> {
    record.values().flat_map(|value| stems(&shown(value).unwrap_or_default())).collect()
}
