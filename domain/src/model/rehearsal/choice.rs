//! Which tool a part of a message asks for, with which arguments, and what is missing.

use serde_json::{Map, Value};

use super::fill::{Filled, fill};
use super::parameters::Kind;
use super::question::{Asks, Question};
use super::refer::Context;
use super::relevance::{Relevance, best};
use super::spans::{Sort, found, words};
use super::tools::{Candidate, Subject};
use super::verbs::{Asked, Doing};

/// Below this a tool is only weakly meant, and is not called.
const MEANT: f64 = 0.5;

/// What a number of something that a tool takes adds: "Is NW-1042 there?"
const NAMED: f64 = 0.25;

/// The most calls of one tool for one part of a message.
const MAX_CALLS: usize = 4;

/// A tool that was chosen.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    pub(super) candidate: &'a Candidate<'a>,
    pub(super) score: f64,
    /// "Can I …?" may ask what is allowed.
    pub(super) asked: Asked,
    /// Whether an argument was told by its form.
    pub(super) named: bool,
    /// Of each call; more than one where several numbers were given.
    pub(super) arguments: Vec<Map<String, Value>>,
    /// The first required parameter without a value, its place.
    pub(super) missing: Option<usize>,
    /// Another tool that is as surely meant.
    pub(super) rival: Option<&'a Candidate<'a>>,
}

/// Where a choice is made.
#[derive(Clone, Copy)]
pub(super) struct Chooser<'a> {
    pub(super) candidates: &'a [Candidate<'a>],
    pub(super) relevance: &'a Relevance,
    pub(super) context: Context<'a>,
}

impl<'a> Chooser<'a> {
    /// The tool that does what the visitor asks to have done.
    pub(super) fn requested(&self, question: &Question<'_>) -> Option<Chosen<'a>> {
        self.best(question, |candidate| {
            let doing = candidate.doing.as_ref()?;
            let asked = doing.asked(&question.tokens)?;
            let filled = read(candidate, question);
            let nouns = nouns(&filled.asking, doing);
            let score = if nouns.is_empty() {
                // "Cancel it", "cancel NW-1042".
                if self.is_complete(candidate, &filled, question) { 0.7 } else { MEANT }
            } else {
                self.relevance.coverage(&nouns, |stem| candidate.strength(stem))
            };
            let strong = nouns.is_empty() || nouns.iter().any(|noun| candidate.strength(noun) >= 1.0);
            (score >= MEANT && strong).then_some((score, asked, filled))
        })
    }

    /// The tool that reads what the visitor asks about.
    pub(super) fn looked_up(&self, question: &Question<'_>) -> Option<Chosen<'a>> {
        self.best(question, |candidate| {
            if candidate.doing.is_some() {
                return None;
            }
            let filled = read(candidate, question);
            let coded = candidate
                .parameters
                .iter()
                .any(|parameter| parameter.kind == Kind::Code && filled.arguments.contains_key(&parameter.name));
            let traces = question.asks == Asks::Where
                && ["track", "locat", "wher", "where"].iter().any(|word| candidate.strength(word) >= 1.0);
            let asking = &filled.asking;
            let coverage = self.relevance.coverage(asking, |stem| candidate.strength(stem));
            let strong = asking.iter().any(|stem| candidate.strength(stem) >= 1.0);
            let mut score = match (asking.is_empty(), coded) {
                (true, true) => 0.6,
                (false, true) if coverage > 0.0 => coverage + NAMED,
                (false, _) if strong || traces => coverage,
                _ => 0.0,
            };
            if traces {
                score += NAMED;
            }
            if question.policy && question.personal {
                // "Can I …", "how do I …" rather ask what is allowed.
                score *= 0.8;
            }
            (score >= MEANT).then_some((score, Asked::Surely, filled))
        })
    }

    /// What `text` gives for one tool, whatever it asks for.
    pub(super) fn arguments(&self, candidate: &Candidate<'_>, question: &Question<'_>) -> Map<String, Value> {
        let mut arguments = read(candidate, question).arguments;
        self.context.complete(candidate, question, &mut arguments);
        arguments
    }

    fn is_complete(&self, candidate: &Candidate<'_>, filled: &Filled, question: &Question<'_>) -> bool {
        let mut arguments = filled.arguments.clone();
        self.context.complete(candidate, question, &mut arguments);
        missing(candidate, &arguments).is_none()
    }

    fn best(
        &self,
        question: &Question<'_>,
        judge: impl Fn(&'a Candidate<'a>) -> Option<(f64, Asked, Filled)>,
    ) -> Option<Chosen<'a>> {
        let judged: Vec<_> =
            self.candidates.iter().filter_map(|candidate| Some((candidate, judge(candidate)?))).collect();
        let (index, score) = best(0..judged.len(), |at| {
            // Of two that are meant alike, the one for which all is there.
            judged.get(at).map_or(0.0, |(candidate, (score, _, filled))| {
                score + if missing(candidate, &filled.arguments).is_none() { 0.01 } else { 0.0 }
            })
        })?;
        let (candidate, (_, asked, filled)) = judged.get(index)?;
        let rival = judged.iter().enumerate().find(|(at, (_, (other, ..)))| *at != index && *other + 0.009 >= score);
        let mut arguments = filled.arguments.clone();
        self.context.complete(candidate, question, &mut arguments);
        Some(Chosen {
            candidate,
            score,
            asked: *asked,
            named: filled.by_form,
            missing: missing(candidate, &arguments),
            arguments: several(candidate, question, arguments),
            rival: rival.map(|(_, (candidate, _))| *candidate),
        })
    }
}

/// What the question holds for the tool.
fn read(candidate: &Candidate<'_>, question: &Question<'_>) -> Filled {
    fill(&candidate.parameters, question.text, &|word| candidate.is_own(word))
}

/// The action among what a login opens that the visitor asks for, with how surely.
pub(super) fn after_login<'a>(
    subjects: &'a [Subject],
    relevance: &Relevance,
    question: &Question<'_>,
) -> Option<(&'a Subject, f64)> {
    let score = |subject: &Subject| {
        let is_strong = |stem: &String| subject.strong.contains(stem);
        let strength = |stem: &str| {
            let is = |words: &[String]| words.iter().any(|word| word == stem);
            if is(&subject.strong) {
                1.0
            } else if is(&subject.stems) {
                0.7
            } else {
                0.0
            }
        };
        let marks = super::records::marks(question.text).join(" ");
        let marks = super::words::stems(&marks);
        let asking: Vec<String> = question.stems.iter().filter(|stem| !marks.contains(stem)).cloned().collect();
        match &subject.doing {
            Some(doing) if doing.asked(&question.tokens).is_some() => {
                // What a value is and what a noun is nobody knows before the parameters are known: one noun has to fit.
                let nouns = nouns(&asking, doing);
                let fits = nouns.is_empty()
                    || nouns.first().is_some_and(is_strong)
                    || nouns.iter().filter(|noun| is_strong(noun)).count() >= 2;
                let part = relevance.coverage(&nouns, strength);
                if fits { MEANT.max(part) + 0.1 * part } else { 0.0 }
            }
            None if asking.iter().any(is_strong) => relevance.coverage(&asking, strength),
            _ => 0.0,
        }
    };
    best(subjects.iter().filter(|subject| subject.is_action), score).filter(|(_, score)| *score >= MEANT)
}

/// Stems that say upon what something is to be done.
fn nouns(asking: &[String], doing: &Doing) -> Vec<String> {
    let little = ["wish", "love", "try", "instead", "immediatel", "right", "away", "myself", "kindl"];
    let says = |stem: &&String| !doing.is_verb(stem) && !little.contains(&stem.as_str());
    asking.iter().filter(says).cloned().collect()
}

/// The first required parameter that has no value.
pub(super) fn missing(candidate: &Candidate<'_>, arguments: &Map<String, Value>) -> Option<usize> {
    candidate.parameters.iter().position(|parameter| parameter.required && !arguments.contains_key(&parameter.name))
}

/// One call for each number where the only thing that a tool needs was given more than once: "NW-1042 and NW-1044".
fn several(candidate: &Candidate<'_>, question: &Question<'_>, first: Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut codes = candidate.parameters.iter().filter(|parameter| parameter.kind == Kind::Code);
    let (Some(code), None) = (codes.next(), codes.next()) else { return vec![first] };
    let Some(given) = first.get(&code.name).and_then(Value::as_str).map(str::to_owned) else { return vec![first] };
    if candidate.parameters.iter().any(|parameter| parameter.required && parameter.kind == Kind::Text) {
        return vec![first];
    }
    let form = super::records::form(&given);
    let words = words(question.text);
    let mut all = vec![first.clone()];
    for found in found(question.text, &words) {
        let value = super::refer::spelled(code, &found.value);
        let known = all.iter().any(|one| one.get(&code.name).and_then(Value::as_str) == Some(value.as_str()));
        let alike = found.sort == Sort::Code && super::records::form(&value) == form && form.contains('A');
        if alike && !known && all.len() < MAX_CALLS {
            let mut other = first.clone();
            other.insert(code.name.clone(), Value::from(value));
            all.push(other);
        }
    }
    all
}
