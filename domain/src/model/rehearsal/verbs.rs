//! Whether a tool does something or only reads, and whether a visitor asks for something to be done.
//!
//! A tool that does something is called only for a request in so many words: "cancel it", "I'd like to cancel", never
//! for a question such as "was it cancelled?".

use super::words::{stem, tokens};

/// Verbs of tools that read. What begins with one changes nothing.
const READS: &[&str] = &[
    "get",
    "check",
    "find",
    "list",
    "show",
    "track",
    "view",
    "look",
    "lookup",
    "search",
    "fetch",
    "read",
    "see",
    "tell",
    "display",
    "retrieve",
    "query",
    "calculate",
    "count",
    "estimate",
    "locate",
    "compare",
    "quote",
    "know",
    "browse",
];

/// Verbs that people use for one another.
const GROUPS: &[&[&str]] = &[
    &[
        "change", "update", "modify", "edit", "set", "alter", "correct", "amend", "switch", "replace", "adjust",
        "rename",
    ],
    &["reschedule", "postpone", "move", "shift", "rebook", "change"],
    &["cancel", "stop", "abort", "revoke", "withdraw", "terminate"],
    &["book", "schedule", "reserve", "arrange", "make", "plan"],
    &["transfer", "send", "pay", "wire", "remit", "move"],
    &["create", "add", "open", "make", "start", "register", "submit", "file", "raise", "log", "place", "request"],
    &["delete", "remove", "erase", "clear"],
    &["block", "freeze", "lock", "disable", "suspend", "deactivate"],
    &["unblock", "unfreeze", "unlock", "enable", "activate", "reactivate"],
    &["refund", "reimburse"],
    &["return"],
    &["subscribe", "join", "enrol", "enroll", "register"],
    &["unsubscribe", "leave"],
    &["approve", "accept", "confirm", "authorise", "authorize"],
    &["reject", "decline", "refuse", "deny"],
    &["send", "email", "mail", "forward", "message", "resend"],
    &["buy", "purchase"],
    &["renew", "extend", "prolong"],
    &["upgrade"],
    &["downgrade"],
    &["assign"],
    &["reset"],
    &["report"],
    &["invite"],
    &["redeem", "apply", "use"],
];

/// Verbs that ask for a thing which is not there yet: "I need an appointment" asks for one of them.
const MAKES: &[&str] = &["book", "schedule", "reserve", "create", "open", "place", "buy"];

/// Verbs that are nouns as well; before one of `STATES` they are.
const NOUNS: &[&str] = &[
    "return", "report", "book", "transfer", "request", "file", "log", "message", "mail", "email", "plan", "schedule",
    "refund", "block", "place", "register", "reset", "stop", "use",
];

/// What one reads of a thing.
const STATES: &[&str] = &[
    "status",
    "history",
    "details",
    "detail",
    "list",
    "state",
    "information",
    "info",
    "hours",
    "times",
    "overview",
    "count",
    "policy",
    "balance",
    "rate",
    "rates",
    "price",
    "prices",
];

const DETERMINERS: &[&str] = &["a", "an", "the", "your", "my", "their", "his", "her", "one", "another", "some"];

/// What a tool does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doing {
    /// The verbs that ask for it, in their plain form.
    verbs: Vec<String>,
    /// It brings about something new.
    makes: bool,
}

/// How clearly something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// "Cancel it", "I want to cancel it".
    Surely,
    /// "Can I cancel it?" may as well ask what is allowed.
    Perhaps,
}

/// What a tool does by its title, else by its name; none for one that reads.
pub(super) fn doing(name: &str, title: &str) -> Option<Doing> {
    let (title, name) = (tokens(title), tokens(name));
    of_words(&title, true).or_else(|| if reads(&title) { None } else { of_words(&name, false) })
}

/// Whether words name something to read: `Order status`, `Opening hours`, `List the books`.
fn reads(words: &[String]) -> bool {
    let Some(first) = words.first() else { return false };
    let determined = words.get(1).is_some_and(|second| DETERMINERS.contains(&second.as_str()));
    has(READS, first) || first.ends_with("ing") || (has(NOUNS, first) && !determined && of_a_state(words))
}

fn of_words(words: &[String], is_title: bool) -> Option<Doing> {
    let (first, second) = (words.first()?, words.get(1).map_or("", String::as_str));
    let determined = DETERMINERS.contains(&second);
    if reads(words) {
        return None;
    }
    let mut verbs: Vec<String> = Vec::new();
    for verb in GROUPS.iter().filter(|group| has(group, first)).flat_map(|group| group.iter()) {
        if !verbs.iter().any(|known| known == verb) {
            verbs.push((*verb).to_owned());
        }
    }
    if verbs.is_empty() {
        // "Feed the cat": no verb that is known here, and a verb all the same.
        if !is_title || !determined || DETERMINERS.contains(&first.as_str()) {
            return None;
        }
        verbs.push(first.clone());
    }
    Some(Doing { makes: has(MAKES, first), verbs })
}

/// The words up to the first preposition end in what one reads: `return shipment status`.
fn of_a_state(words: &[String]) -> bool {
    let phrase = words.iter().take_while(|word| !matches!(word.as_str(), "of" | "for" | "to" | "in"));
    phrase.last().is_some_and(|last| STATES.contains(&last.as_str()))
}

fn has(verbs: &[&str], word: &str) -> bool {
    let wanted = stem(word);
    verbs.iter().any(|verb| stem(verb) == wanted)
}

/// Whether a word begins something to be done or looked up.
pub(super) fn is_verb(word: &str) -> bool {
    READS.contains(&word) || GROUPS.iter().any(|group| group.contains(&word))
}

/// Whether a word asks for something to be looked up.
pub(super) fn is_reading(word: &str) -> bool {
    READS.contains(&word)
}

impl Doing {
    /// Whether a word is one of its verbs, in any form.
    pub(super) fn is_verb(&self, word: &str) -> bool {
        let wanted = stem(word);
        self.verbs.iter().any(|verb| stem(verb) == wanted)
    }

    /// Whether a word is one of its verbs in the plain form.
    pub(super) fn is_plain(&self, word: &str) -> bool {
        self.verbs.iter().any(|verb| verb == word)
    }

    /// Whether the visitor asks for it. `tokens` are those of a question, without courtesy.
    pub(super) fn asked(&self, tokens: &[String]) -> Option<Asked> {
        let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", String::as_str);
        let wish = tokens.iter().position(|token| {
            matches!(token.as_str(), "want" | "like" | "need" | "wish" | "love" | "help" | "let" | "going" | "trying")
        });
        let asks = matches!(word(Some(0)), "how" | "what" | "when" | "why" | "who" | "which" | "where" | "did" | "was");
        for at in (0..tokens.len()).filter(|at| self.is_verb(word(Some(*at)))) {
            if (1..=3).any(|back| matches!(word(at.checked_sub(back)), "don" | "dont" | "not" | "never" | "without")) {
                return None;
            }
            let (before, earlier) = (word(at.checked_sub(1)), word(at.checked_sub(2)));
            let plain = self.is_plain(word(Some(at)));
            let wished = wish.is_some_and(|wish| wish < at);
            match (before, earlier) {
                ("" | "please" | "just" | "then" | "now" | "also" | "and" | "kindly", _) if plain && !asks => {
                    return Some(Asked::Surely);
                }
                ("to", "how") => return None,
                ("to", _) if plain && wished && !asks => return Some(Asked::Surely),
                ("you", "can" | "could" | "would" | "will") | ("me", "let") if plain => return Some(Asked::Surely),
                ("i" | "we", "can" | "could" | "may") if plain && !asks => return Some(Asked::Perhaps),
                // "I would like my appointment cancelled."
                _ if wished && !plain && word(Some(at)).ends_with("ed") && !asks => return Some(Asked::Surely),
                _ => {}
            }
        }
        let article = |wish: usize| matches!(word(Some(wish + 1)), "a" | "an" | "another" | "to");
        let made = wish.is_some_and(|wish| article(wish) && word(Some(wish)) != "help" && !has_not(tokens));
        // "I need to see a doctor" asks for an appointment as "I need an appointment" does.
        let verb_between = wish.is_some_and(|wish| {
            word(Some(wish + 1)) == "to" && !matches!(word(Some(wish + 2)), "have" | "see" | "get" | "come")
        });
        (self.makes && made && !verb_between && !asks).then_some(Asked::Surely)
    }
}

fn has_not(tokens: &[String]) -> bool {
    tokens.iter().any(|token| matches!(token.as_str(), "don" | "dont" | "not" | "never"))
}

#[cfg(test)]
mod tests {
    use super::{Asked, doing};
    use crate::model::rehearsal::words::tokens;

    #[test]
    fn a_tool_that_reads_is_told_from_one_that_does() {
        for (name, title, does) in [
            ("change_delivery_address", "Change the delivery address", true),
            ("change_details", "Change account details", true),
            ("set_ticket", "Set the status of a ticket", true),
            ("cancel_order", "", true),
            ("cancel_order", "Order cancellation", true),
            ("cat", "Feed the cat", true),
            ("order_status", "Order status", false),
            ("return_status", "Return status", false),
            ("transfers", "Transfer history of an account", false),
            ("store_hours", "Opening hours of a store", false),
            ("book_list", "Lists the books", false),
            ("get_balance", "", false),
        ] {
            assert_eq!(doing(name, title).is_some(), does, "{name}: {title}");
        }
    }

    #[test]
    fn only_a_request_asks_for_something_to_be_done() {
        let cancel = doing("cancel_booking", "Cancel a booking").unwrap();
        for (text, asked) in [
            ("cancel my booking", Some(Asked::Surely)),
            ("please cancel it", Some(Asked::Surely)),
            ("I'd like to cancel booking B-77", Some(Asked::Surely)),
            ("could you cancel it?", Some(Asked::Surely)),
            ("I want my booking cancelled", Some(Asked::Surely)),
            ("can I cancel a booking?", Some(Asked::Perhaps)),
            ("was my booking cancelled?", None),
            ("don't cancel my booking", None),
            ("how do I cancel?", None),
            ("how to cancel", None),
            ("I want to know how to cancel", None),
            ("cancelled bookings", None),
        ] {
            assert_eq!(cancel.asked(&tokens(text)), asked, "{text}");
        }
        let book = doing("book_appointment", "Book an appointment").unwrap();
        assert_eq!(book.asked(&tokens("I need an appointment")), Some(Asked::Surely));
        assert_eq!(book.asked(&tokens("I need to change my name")), None);
    }
}
