//! What is said that asks for nothing: greetings, thanks, and the question who one is.

use super::clause::Clause;
use super::words;

/// What it says when it is asked what it is.
const WHAT_I_AM: &str = "I'm the rehearsal model of this demo: not an AI but a simple stand-in that answers from the \
    texts and data it was given.";

impl Clause<'_> {
    /// The answer to small talk; none where something is asked.
    pub(super) fn small_talk(&self) -> Option<String> {
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
}
