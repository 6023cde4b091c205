//! What kind of question a visitor asks, told by English's own small words.

use super::verbs::is_verb;
use super::words::{stems, tokens};

/// What a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// A day or time.
    When,
    /// An amount.
    HowMuch,
    /// A count.
    HowMany,
    /// A place or state.
    Where,
    /// What somebody did or has: `what did I buy`.
    WhatDid,
    /// Anything else.
    Other,
}

/// A visitor's question.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<String>,
    pub(super) stems: Vec<String>,
    pub(super) asks: Asks,
    /// Speaks of the visitor's own: `my`, `I`.
    pub(super) personal: bool,
    /// Asks what is allowed or how something goes: `can I`, `how do I`, `do you`.
    pub(super) policy: bool,
}

/// After these, `can I` asks for something to be looked up.
const LOOK_UP: &[&str] = &["see", "view", "check", "track", "find", "know", "get", "look", "have"];

impl<'a> Question<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let tokens = without_courtesy(tokens(text));
        let personal = has(&tokens, &["my", "mine", "i", "our", "we", "ours"]);
        let policy = is_policy(&tokens, personal);
        Self { text, stems: stems(text), asks: asks(&tokens), personal, policy, tokens }
    }

    pub(super) fn has(&self, words: &[&str]) -> bool {
        has(&self.tokens, words)
    }

    /// How surely only the visitor's own data can answer, by form alone, 0 to 1.
    pub(super) fn own_by_form(&self) -> f64 {
        if !self.personal || self.policy {
            return 0.0;
        }
        let did = self.own_doing();
        let first = self.tokens.first().map_or("", String::as_str);
        match self.asks {
            Asks::Where | Asks::When => 0.7,
            Asks::WhatDid => 0.6,
            _ if did => 0.6,
            _ if matches!(first, "did" | "has" | "have" | "show" | "track") => 0.7,
            _ if matches!(first, "is" | "are" | "was" | "will" | "what" | "which") => 0.36,
            _ => 0.0,
        }
    }

    /// Whether it is about what the visitor did: `did I`, `have we`.
    pub(super) fn own_doing(&self) -> bool {
        self.pairs().any(|(first, second)| {
            matches!(first, "did" | "have" | "do" | "had" | "was" | "were" | "am") && matches!(second, "i" | "we")
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tokens.iter().map(String::as_str).zip(self.tokens.iter().skip(1).map(String::as_str))
    }
}

/// Without `can you`, `could you please tell me` and the like, which ask for nothing themselves.
fn without_courtesy(tokens: Vec<String>) -> Vec<String> {
    let asks_us = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", String::as_str);
        matches!(before, "can" | "could" | "would" | "will") && tokens.get(at).is_some_and(|token| token == "you")
    };
    let verb = |at: usize| {
        let verb = tokens.get(at).map_or("", String::as_str);
        let verb = if verb == "please" { tokens.get(at + 1).map_or("", String::as_str) } else { verb };
        matches!(verb, "give" | "help") || is_verb(verb)
    };
    let from = (0..tokens.len()).find(|at| asks_us(*at) && verb(at + 1)).map_or(0, |at| at + 1);
    let greeting =
        |token: &String| matches!(token.as_str(), "please" | "hi" | "hello" | "hey" | "and" | "ok" | "okay" | "so");
    tokens.into_iter().skip(from).skip_while(greeting).collect()
}

fn has(tokens: &[String], words: &[&str]) -> bool {
    tokens.iter().any(|token| words.contains(&token.as_str()))
}

fn asks(tokens: &[String]) -> Asks {
    let at = |word: &str| tokens.iter().position(|token| token == word);
    let next = |word: &str| at(word).and_then(|at| tokens.get(at + 1)).map(String::as_str);
    match next("how") {
        Some("much") => return Asks::HowMuch,
        Some("many") => return Asks::HowMany,
        _ => {}
    }
    if at("when").is_some() || matches!(next("what"), Some("day" | "date" | "time")) {
        Asks::When
    } else if at("where").is_some() {
        Asks::Where
    } else if matches!(next("what"), Some("did" | "have" | "had")) {
        Asks::WhatDid
    } else {
        Asks::Other
    }
}

fn is_policy(tokens: &[String], personal: bool) -> bool {
    if !personal {
        return has(tokens, &["you", "your"]);
    }
    let word = |at: usize| tokens.get(at).map_or("", String::as_str);
    (0..tokens.len()).any(|at| match (word(at), word(at + 1)) {
        ("can" | "could" | "may" | "should" | "must", "i" | "we") | ("do", "you") => !LOOK_UP.contains(&word(at + 2)),
        ("how", "do" | "can" | "could" | "should") => matches!(word(at + 2), "i" | "we"),
        ("what", "if" | "happens") | ("if", "i" | "my" | "we") => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Asks, Question};

    #[test]
    fn small_words_tell_what_is_asked() {
        for (text, asks, personal, policy) in [
            ("Where is my order?", Asks::Where, true, false),
            ("When will my parcel arrive?", Asks::When, true, false),
            ("What did I buy last time?", Asks::WhatDid, true, false),
            ("How much did I pay for NW-1042?", Asks::HowMuch, true, false),
            ("How many orders do I have?", Asks::HowMany, true, false),
            ("What is your returns policy?", Asks::Other, false, true),
            ("Do you ship to Canada?", Asks::Other, false, true),
            ("Can I return my shoes?", Asks::Other, true, true),
            ("How do I return my order?", Asks::Other, true, true),
            ("Can I see my orders?", Asks::Other, true, false),
            ("Could you please tell me where my order is?", Asks::Where, true, false),
            ("order status", Asks::Other, false, false),
        ] {
            let question = Question::new(text);
            assert_eq!((question.asks, question.personal, question.policy), (asks, personal, policy), "{text}");
        }
    }
}
