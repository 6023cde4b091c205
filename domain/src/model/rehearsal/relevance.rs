//! How well a question's words are covered by some text. Words that many texts hold count for less.

use std::collections::BTreeMap;

use super::topics::Topic;
use super::words::stems;
use crate::model::{DataSet, Tool};

/// In how many of the texts a stem occurs.
#[derive(Debug, Default)]
pub(super) struct Relevance {
    texts: f64,
    occurs: BTreeMap<String, f64>,
}

impl Relevance {
    pub(super) fn new(topics: &[Topic], data: &[DataSet], tools: &[Tool]) -> Self {
        let mut all = Self::default();
        for topic in topics {
            all.add(&[topic.heading.as_str(), topic.body.as_str()]);
        }
        for set in data {
            all.add(&[set.name.as_str(), set.description.as_str()]);
        }
        for tool in tools {
            all.add(&[tool.name.as_str(), tool.description.as_str()]);
        }
        all
    }

    fn add(&mut self, texts: &[&str]) {
        self.texts += 1.0;
        for stem in stems(&texts.join(" ")) {
            *self.occurs.entry(stem).or_default() += 1.0;
        }
    }

    /// The weighted part, 0 to 1, of the question's `stems` that `strength` finds; it says how good a find each is.
    pub(super) fn coverage(&self, stems: &[String], strength: impl Fn(&str) -> f64) -> f64 {
        let (mut found, mut all) = (0.0, 0.0);
        for stem in stems {
            let weight = (1.0 + (1.0 + self.texts) / (1.0 + self.occurs.get(stem).copied().unwrap_or_default())).ln();
            found += weight * strength(stem);
            all += weight;
        }
        if all > 0.0 { found / all } else { 0.0 }
    }
}

/// The best of `candidates` by `score`, the first of several, with its score.
pub(super) fn best<T: Copy>(candidates: impl Iterator<Item = T>, score: impl Fn(T) -> f64) -> Option<(T, f64)> {
    candidates.map(|candidate| (candidate, score(candidate))).fold(None, |best, next| match best {
        Some((_, score)) if score >= next.1 => best,
        _ => Some(next),
    })
}
