//! Free text: what is quoted, what follows a parameter's own name, what follows a preposition.

use serde_json::Value;

use super::Filler;
use crate::model::rehearsal::parameters::{GENERIC, Kind, Parameter};
use crate::model::rehearsal::spans::Sort;
use crate::model::rehearsal::verbs::{is_reading, is_verb};
use crate::model::rehearsal::words::{stem, stems};

/// How far a cue may stand from the name of its parameter, words.
const MAX_BETWEEN: usize = 6;

impl Filler<'_> {
    /// What stands in quotes.
    pub(super) fn quoted(&mut self) {
        for index in 0..self.found.len() {
            let Some(found) = self.found.get(index).filter(|found| found.sort == Sort::Quoted).cloned() else {
                continue;
            };
            let texts =
                |at: &usize| self.is_missing(*at) && self.parameters.get(*at).is_some_and(|one| one.kind == Kind::Text);
            let near = |at: &usize| {
                let parameter = self.parameters.get(*at);
                let mut before = (1..=3).filter_map(|back| found.from.checked_sub(back));
                parameter.is_some_and(|one| before.any(|at| one.is_own(self.lower(at))))
            };
            let all: Vec<usize> = (0..self.parameters.len()).filter(texts).collect();
            if let Some(at) = all.iter().copied().find(|at| near(at)).or(all.first().copied()) {
                self.set(at, Value::from(found.value.as_str()), found.from, found.to);
            }
        }
    }

    /// `address: …`, `the address of NW-1042 to …`, `my new address is …`.
    pub(super) fn named_texts(&mut self) {
        for at in 0..self.parameters.len() {
            let Some(parameter) = self.free_text(at) else { continue };
            let start = (0..self.words.len()).filter(|word| parameter.is_own(self.lower(*word))).find_map(|own| {
                if self.words.get(own)?.stop == Some(':') {
                    return Some(own + 1);
                }
                (own + 1..=own + MAX_BETWEEN)
                    .take_while(|word| word == &(own + 1) || self.may_stand_between(word - 1))
                    .find(|word| self.is_cue(*word))
                    .map(|cue| cue + 1)
            });
            if let Some(start) = start {
                self.take_text(at, start, self.words.len());
            }
        }
    }

    /// What follows a preposition, for those that are required and have nothing yet.
    pub(super) fn texts(&mut self) {
        let missing: Vec<usize> = (0..self.parameters.len())
            .filter(|at| self.free_text(*at).is_some_and(|parameter| parameter.required))
            .collect();
        let mut starts: Vec<(usize, usize, usize)> = Vec::new();
        for at in missing {
            let Some(parameter) = self.parameters.get(at) else { continue };
            let place = cues(parameter).iter().find_map(|cue| {
                (0..self.words.len()).find(|word| {
                    self.lower(*word) == *cue
                        && self.leads_to_a_value(*word)
                        && !starts.iter().any(|(_, other, _)| other == word)
                })
            });
            if let Some(cue) = place {
                starts.push((at, cue, cue + 1));
            } else if let Some(from) = self.looked_for(parameter) {
                starts.push((at, from, from));
            }
        }
        starts.sort_by_key(|(_, cue, _)| *cue);
        for (index, (at, _, start)) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(self.words.len(), |(_, cue, _)| *cue);
            self.take_text(*at, *start, end);
        }
    }

    fn free_text(&self, at: usize) -> Option<&Parameter> {
        self.parameters.get(at).filter(|parameter| self.is_missing(at) && parameter.kind == Kind::Text)
    }

    /// `to`, `is`, `as` that lead to a value.
    fn is_cue(&self, at: usize) -> bool {
        match self.lower(at) {
            "to" | "as" => self.leads_to_a_value(at),
            "is" | "are" | "be" => true,
            _ => false,
        }
    }

    /// Words that may stand between a parameter's name and what leads to its value.
    fn may_stand_between(&self, at: usize) -> bool {
        let word = self.lower(at);
        let is_code = self.found.iter().any(|found| found.sort == Sort::Code && (found.from..found.to).contains(&at));
        is_code
            || GENERIC.contains(&word)
            || matches!(word, "of" | "for" | "on" | "my" | "the" | "in" | "should" | "must" | "now" | "this" | "that")
            || (self.is_own)(word)
            || self.parameters.iter().any(|parameter| parameter.is_own(word))
            || self.used.get(at).is_some_and(Option::is_some)
    }

    /// A preposition before a verb, as in "I want to change", leads to no value, and none does that ends the text or
    /// stands before what is another parameter's.
    fn leads_to_a_value(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.lower(before));
        let next = self.lower(at + 1);
        let is_free = self.used.get(at + 1).is_some_and(Option::is_none);
        is_free
            && !(self.lower(at) == "to" && (is_verb(next) || matches!(next, "be" | "have" | "do" | "know" | "go")))
            && !matches!(before, "want" | "like" | "need" | "how" | "going" | "have")
            && !matches!(next, "me" | "us" | "it" | "that" | "this" | "you" | "")
    }

    /// `find red boots`: what is looked for follows the verb.
    fn looked_for(&self, parameter: &Parameter) -> Option<usize> {
        let is_query = ["query", "search", "keyword", "term", "phrase", "question"];
        if !parameter.own.iter().any(|own| is_query.iter().any(|word| stem(word) == *own)) {
            return None;
        }
        let verb = (0..self.words.len()).find(|at| is_reading(self.lower(*at)) || self.lower(*at) == "have")?;
        (verb + 1..self.words.len())
            .find(|at| !matches!(self.lower(*at), "for" | "me" | "a" | "an" | "the" | "any" | "some" | "your"))
    }

    fn take_text(&mut self, at: usize, start: usize, most: usize) {
        let start = (start..most)
            .find(|word| !matches!(self.lower(*word), "be" | "to" | "now" | "is" | "that"))
            .unwrap_or(start);
        let Some(to) = self.end_of_text(at, start, most) else { return };
        let (Some(first), Some(last)) =
            (self.words.get(start), to.checked_sub(1).and_then(|last| self.words.get(last)))
        else {
            return;
        };
        let Some(value) = self.text.get(first.start..last.end) else { return };
        let says_nothing = stems(value).iter().all(|word| {
            (self.is_own)(word) || self.parameters.get(at).is_some_and(|parameter| parameter.own.contains(word))
        });
        let is_name = value.chars().any(|c| c.is_ascii_digit());
        if !value.is_empty() && (!says_nothing || is_name) {
            let value = Value::from(value);
            self.set(at, value, start, to);
        }
    }

    /// Where a text that begins at `start` ends: before what another parameter took and the words that lead there, or
    /// with the sentence.
    fn end_of_text(&self, at: usize, start: usize, most: usize) -> Option<usize> {
        let mut to = start;
        let mut owner = None;
        while to < most {
            if let Some(other) = self.used.get(to).copied().flatten().or_else(|| self.code_for_another(at, to)) {
                owner = Some(other);
                break;
            }
            let word = self.words.get(to)?;
            to += 1;
            let short = word.text.chars().count() <= 3 && word.stop == Some('.');
            if word.stop.is_some_and(|stop| matches!(stop, '.' | ';' | '?' | '!')) && !short {
                break;
            }
        }
        let leads = |word: &str| {
            let of_owner = owner.and_then(|owner| self.parameters.get(owner)).is_some_and(|other| other.is_own(word));
            of_owner
                || GENERIC.contains(&word)
                || (self.is_own)(word)
                || matches!(
                    word,
                    "for" | "of" | "on" | "in" | "with" | "at" | "from" | "and" | "to" | "by" | "my" | "the" | "is"
                )
        };
        while to > start {
            let word = self.lower(to - 1);
            let polite = matches!(word, "please" | "thanks" | "thank" | "you");
            if polite || (owner.is_some() && leads(word)) {
                to -= 1;
            } else {
                break;
            }
        }
        (to > start).then_some(to)
    }

    /// A number of letters and digits after `for` or the like, which another parameter still needs.
    fn code_for_another(&self, at: usize, word: usize) -> Option<usize> {
        let found = self.found.iter().find(|found| found.sort == Sort::Code && found.from == word)?;
        let letters = found.value.chars().any(char::is_alphabetic) && found.value.chars().count() >= 4;
        let before = word.checked_sub(1).map_or("", |before| self.lower(before));
        let other = self.parameters.iter().enumerate().position(|(other, parameter)| {
            other != at && parameter.kind == Kind::Code && parameter.required && self.is_missing(other)
        })?;
        let led = matches!(before, "for" | "of" | "on") || self.parameters.get(other)?.is_own(before);
        (letters && led).then_some(other)
    }
}

/// The words that lead to a value of this parameter, best first.
fn cues(parameter: &Parameter) -> Vec<&'static str> {
    let is = |words: &[&str]| words.iter().any(|word| parameter.own.contains(&stem(word)));
    let mut cues: Vec<&'static str> = Vec::new();
    if parameter.leads.iter().any(|lead| lead == "from") {
        cues.push("from");
    }
    if is(&["reason", "cause", "symptom", "problem", "complaint", "issue", "concern", "purpose"]) {
        cues.extend(["because", "for", "about", "since", "as"]);
    } else if is(&[
        "doctor",
        "person",
        "therapist",
        "practitioner",
        "stylist",
        "dentist",
        "adviser",
        "advisor",
        "staff",
    ]) {
        cues.extend(["with", "by"]);
    } else if is(&["place", "city", "town", "location", "country", "store", "branch", "room"]) {
        cues.extend(["in", "at", "near", "to", "for"]);
    } else if is(&["note", "message", "comment", "text", "subject", "body", "topic", "question"]) {
        cues.extend(["saying", "that", "about", "to", "for"]);
    } else if is(&["name"]) {
        cues.extend(["named", "called", "to", "for", "as"]);
    } else {
        cues.extend(["to", "as", "for", "at", "about"]);
    }
    cues
}
