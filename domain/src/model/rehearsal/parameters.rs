//! What a tool takes, read out of its JSON Schema.

use serde_json::{Map, Value};

use super::records::form;
use super::value::humanised;
use super::words::{stem, stems, tokens};
use crate::model::Tool;

/// What a value of a parameter looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One of a list.
    Choice,
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// A day, with or without a time.
    Date,
    /// A time of day.
    Time,
    /// A number.
    Number,
    /// A number of an order or the like: letters and digits.
    Code,
    /// A password or the like: never asked for and never taken from a message.
    Secret,
    /// Anything.
    Text,
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// As the visitor reads it.
    pub(super) label: String,
    /// What it is, for the model.
    pub(super) about: String,
    pub(super) kind: Kind,
    pub(super) whole: bool,
    pub(super) required: bool,
    /// The values that may be chosen, each with what it means.
    pub(super) choices: Vec<(Value, String)>,
    /// Stems of the name and the label that say what it is: `order` of `order_number`.
    pub(super) own: Vec<String>,
    /// Prepositions of the name: `from` of `from_account`.
    pub(super) leads: Vec<String>,
    /// The form of an example in the description: `A-9` of "such as NW-1042".
    pub(super) example: Option<String>,
}

/// Words of names that say only that something is named.
pub(super) const GENERIC: &[&str] =
    &["number", "no", "nr", "id", "code", "reference", "ref", "value", "new", "text", "name", "identifier"];

/// Words of names that are places in a sentence.
const LEADS: &[&str] = &["from", "to", "with", "at", "in", "for", "until", "by", "via"];

/// The parameters of a tool: the required ones first, in the order of `required`.
pub(super) fn parameters(tool: &Tool) -> Vec<Parameter> {
    let empty = Map::new();
    let properties = tool.parameters.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let required = tool.parameters.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let required: Vec<&str> = required.iter().filter_map(Value::as_str).collect();
    let first = required.iter().filter_map(|name| Some(parameter(name, properties.get(*name)?, true)));
    let rest = properties.iter().filter(|(name, _)| !required.contains(&name.as_str()));
    first.chain(rest.map(|(name, schema)| parameter(name, schema, false))).collect()
}

fn parameter(name: &str, schema: &Value, required: bool) -> Parameter {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let about = text("description");
    // `Label: what it is`, as actions word it; a description that is a whole sentence has no label in it.
    let head = about.split([':', '(']).next().unwrap_or_default().trim();
    let is_label = !head.is_empty() && head.split_whitespace().count() <= 5 && !head.contains(['.', ',', ';']);
    let label = if is_label { head.to_owned() } else { humanised(name) };
    let choices = schema.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let words: Vec<String> = tokens(&format!("{name} {label}"));
    let own = words.iter().map(|word| stem(word)).filter(|word| !LEADS.contains(&word.as_str())).collect::<Vec<_>>();
    let leads = tokens(name).into_iter().filter(|word| LEADS.contains(&word.as_str())).collect();
    Parameter {
        name: name.to_owned(),
        kind: kind(schema, &words, about, text("format")),
        whole: text("type") == "integer",
        required,
        choices: choices.iter().map(|choice| (choice.clone(), meaning(choice, about))).collect(),
        own: once(own).into_iter().filter(|word| !matches!(word.as_str(), "the" | "a" | "an" | "of")).collect(),
        leads,
        example: example(about),
        label,
        about: about.to_owned(),
    }
}

fn once(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in words {
        if !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

fn kind(schema: &Value, words: &[String], about: &str, format: &str) -> Kind {
    const NAMES: &[&str] =
        &["number", "no", "nr", "id", "code", "reference", "ref", "iban", "sku", "serial", "postcode", "zip"];
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    if schema.get("enum").is_some_and(Value::is_array) {
        Kind::Choice
    } else if matches!(schema.get("type").and_then(Value::as_str), Some("number" | "integer")) {
        Kind::Number
    } else if has(&["password", "passcode", "pin", "secret", "otp", "cvv", "cvc"]) {
        Kind::Secret
    } else if format == "email" || has(&["email", "mail"]) {
        Kind::Email
    } else if matches!(format, "phone" | "tel") || has(&["phone", "mobile", "telephone", "tel", "cell"]) {
        Kind::Phone
    } else if matches!(format, "date" | "date-time") || has(&["date", "day", "birthday", "dob"]) {
        Kind::Date
    } else if format == "time" || has(&["time", "hour", "slot"]) {
        Kind::Time
    } else if has(NAMES) || example(about).is_some() {
        Kind::Code
    } else {
        Kind::Text
    }
}

/// The form of the first word with a digit after "such as" or the like.
fn example(about: &str) -> Option<String> {
    let lower = about.to_lowercase();
    let at = ["such as", "for example", "e.g.", "like ", "example:", "looks like"]
        .iter()
        .filter_map(|cue| lower.find(cue).map(|at| at + cue.len()))
        .min()?;
    let rest = lower.get(at..)?;
    super::records::marks(rest).first().map(|mark| form(mark))
}

/// What a choice means where the description says so: `value is Label`, `value: Label`, `value (Label)`.
fn meaning(choice: &Value, about: &str) -> String {
    let plain = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
    let at = about.match_indices(plain.as_str()).map(|(at, _)| at + plain.len());
    let said = at.filter_map(|at| about.get(at..)).find_map(|rest| {
        let rest = [" is ", " = ", ": ", " (", " means "].iter().find_map(|cue| rest.strip_prefix(cue))?;
        Some(rest.split([',', ';', ')', '.']).next().unwrap_or_default().trim().to_owned())
    });
    said.filter(|said| !said.is_empty()).unwrap_or_else(|| plain.replace('_', " "))
}

impl Parameter {
    /// Whether a word says what the parameter is: never one as `number` alone.
    pub(super) fn is_own(&self, word: &str) -> bool {
        !GENERIC.contains(&word) && self.own.contains(&stem(word))
    }

    /// Stems of everything that is said of it.
    pub(super) fn stems(&self) -> Vec<String> {
        stems(&format!("{} {} {}", self.name.replace('_', " "), self.label, self.about))
    }

    /// The label as it stands inside a sentence.
    pub(super) fn in_sentence(&self) -> String {
        super::words::in_sentence(&super::value::escape(&self.label))
    }
}
