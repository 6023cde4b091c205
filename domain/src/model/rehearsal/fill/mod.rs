//! Finds a tool's arguments in what the visitor wrote: what has a form of its own first, free text last.

mod typed;
mod wording;

use serde_json::{Map, Value};

use super::parameters::{Kind, Parameter};
use super::spans::{Found, Sort, Word, found, words};
use super::words::stem;

/// What a text holds for a tool.
#[derive(Debug)]
pub(super) struct Filled {
    /// By parameter.
    pub(super) arguments: Map<String, Value>,
    /// Stems of the words that say what is wanted: those that became values are left out.
    pub(super) asking: Vec<String>,
    /// A value was told by its form, and not by where it stands.
    pub(super) by_form: bool,
}

/// Reads the arguments out of `text`. `is_own` tells words of the tool itself, which are never values.
pub(super) fn fill(parameters: &[Parameter], text: &str, is_own: &dyn Fn(&str) -> bool) -> Filled {
    let mut filler = Filler::new(parameters, text, is_own);
    filler.choices();
    filler.by_cue();
    filler.quoted();
    filler.named_texts();
    filler.by_form();
    filler.texts();
    filler.times();
    filler.filled()
}

/// Reads one parameter out of an answer to the question for it: the whole answer, where it may be any text.
pub(super) fn answer_to(parameter: &Parameter, text: &str) -> Option<Value> {
    let alone = std::slice::from_ref(parameter);
    let mut filler = Filler::new(alone, text, &|_| false);
    filler.choices();
    filler.by_cue();
    filler.by_form();
    filler.times();
    if filler.values.iter().all(Option::is_none) && parameter.kind == Kind::Code {
        // "5" is a number of something when it was asked for.
        filler.short_code();
    }
    if filler.values.iter().all(Option::is_none) && parameter.kind == Kind::Text {
        return whole_answer(parameter, text);
    }
    filler.values.into_iter().next().flatten()
}

/// The answer without what only leads to it: `it's`, `my address is`, `to`.
fn whole_answer(parameter: &Parameter, text: &str) -> Option<Value> {
    let words = words(text);
    let leads = |word: &Word<'_>| {
        matches!(
            word.lower.as_str(),
            "it" | "its"
                | "is"
                | "that"
                | "to"
                | "my"
                | "the"
                | "please"
                | "new"
                | "as"
                | "should"
                | "be"
                | "because"
                | "make"
                | "use"
                | "with"
                | "for"
        ) || parameter.is_own(&word.lower)
    };
    let from = words.iter().position(|word| !leads(word)).unwrap_or(0);
    let end = words.iter().rposition(|word| !matches!(word.lower.as_str(), "please" | "thanks"))?;
    let value = text.get(words.get(from)?.start..words.get(end)?.end)?.trim();
    (!value.is_empty()).then(|| Value::from(value))
}

struct Filler<'a> {
    parameters: &'a [Parameter],
    text: &'a str,
    words: Vec<Word<'a>>,
    found: Vec<Found>,
    values: Vec<Option<Value>>,
    /// By word, the parameter whose value it is part of.
    used: Vec<Option<usize>>,
    is_own: &'a dyn Fn(&str) -> bool,
    formed: bool,
}

impl<'a> Filler<'a> {
    fn new(parameters: &'a [Parameter], text: &'a str, is_own: &'a dyn Fn(&str) -> bool) -> Self {
        let words = words(text);
        Self {
            found: found(text, &words),
            values: parameters.iter().map(|_| None).collect(),
            used: words.iter().map(|_| None).collect(),
            parameters,
            text,
            words,
            is_own,
            formed: false,
        }
    }

    fn lower(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.lower.as_str())
    }

    fn is_missing(&self, at: usize) -> bool {
        self.values.get(at).is_some_and(Option::is_none)
    }

    fn is_free(&self, found: &Found) -> bool {
        self.used.iter().skip(found.from).take(found.to - found.from).all(Option::is_none)
    }

    fn set(&mut self, parameter: usize, value: Value, from: usize, to: usize) {
        if let Some(slot) = self.values.get_mut(parameter) {
            *slot = Some(value);
        }
        for used in self.used.iter_mut().skip(from).take(to - from) {
            *used = Some(parameter);
        }
    }

    /// Choices are told by their values or by what these mean. Two that fit alike are none.
    fn choices(&mut self) {
        let all: Vec<String> = self.words.iter().map(|word| stem(&word.lower)).collect();
        for (at, parameter) in self.parameters.iter().enumerate().filter(|(_, one)| one.kind == Kind::Choice) {
            let place = |said: &str| {
                let wanted: Vec<String> = words(&said.replace('_', " ")).iter().map(|word| stem(&word.lower)).collect();
                let len = wanted.len();
                let from = all.windows(len.max(1)).position(|window| window == wanted.as_slice())?;
                (len > 0).then_some((from, from + len))
            };
            let mut best: Option<(Value, usize, usize)> = None;
            let mut tied = false;
            for (value, meaning) in &parameter.choices {
                let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let Some((from, to)) = place(&plain).max_by_len(place(meaning)) else { continue };
                let longest = best.as_ref().map_or(0, |(_, from, to)| to - from);
                if to - from > longest {
                    best = Some((value.clone(), from, to));
                    tied = false;
                } else if to - from == longest {
                    tied = true;
                }
            }
            if let Some((value, from, to)) = best.filter(|_| !tied) {
                self.set(at, value, from, to);
            }
        }
    }

    fn filled(self) -> Filled {
        let named = self.parameters.iter().zip(&self.values);
        let arguments = named.filter_map(|(parameter, value)| Some((parameter.name.clone(), value.clone()?))).collect();
        // A second number of an order says no more of what is wanted than the first.
        let is_code = |at: usize| {
            let mut codes =
                self.found.iter().filter(|found| found.sort == Sort::Code && found.from <= at && at < found.to);
            codes.any(|found| found.value.chars().any(char::is_alphabetic))
        };
        let free = self.words.iter().zip(&self.used).enumerate();
        let free = free.filter(|(at, (_, used))| used.is_none() && !is_code(*at));
        let asking = free.map(|(_, (word, _))| word.text).collect::<Vec<_>>().join(" ");
        Filled { arguments, asking: super::words::stems(&asking), by_form: self.formed }
    }
}

/// The longer of two places.
trait Longer {
    fn max_by_len(self, other: Self) -> Self;
}

impl Longer for Option<(usize, usize)> {
    fn max_by_len(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(if b.1 - b.0 > a.1 - a.0 { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}
