//! A message that asks for several things, in parts.

use super::verbs::is_verb;
use super::words::tokens;

/// The most parts of one message.
const MAX_PARTS: usize = 6;

/// The parts of a text that each ask for something, with where they begin; the whole text where it is one.
///
/// A part begins after the end of a sentence, or after a comma or `and` before a verb or a question word: in "12 Rue
/// Cler and Sons" nothing begins.
pub(super) fn clauses(text: &str) -> Vec<(usize, &str)> {
    let mut starts = vec![0];
    let mut quoted = false;
    let lower = text.to_ascii_lowercase();
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '“' => quoted = true,
            '”' => quoted = false,
            _ => {}
        }
        if quoted || starts.len() >= MAX_PARTS {
            continue;
        }
        let next = at + c.len_utf8();
        let Some(rest) = lower.get(next..) else { continue };
        let ends =
            matches!(c, '.' | '?' | '!' | ';' | '\n' | ',') && (c == '\n' || rest.starts_with(char::is_whitespace));
        let and = c.is_whitespace() && ["and ", "then ", "also "].iter().any(|word| rest.starts_with(word));
        if (ends || and) && asks(rest) {
            // The word that joins is read with the part: it is courtesy like `please`.
            starts.push(next);
        }
    }
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let part = |(start, end): (usize, usize)| Some((start, text.get(start..end)?));
    starts
        .iter()
        .copied()
        .zip(ends)
        .filter_map(part)
        .map(|(start, part)| (start, part.trim().trim_end_matches([',', ';'])))
        .filter(|(_, part)| !tokens(part).is_empty())
        .map(|(start, part)| (start, without_joint(part)))
        .collect()
}

/// Without `and`, `then` and `also` before it.
fn without_joint(mut part: &str) -> &str {
    while let Some(rest) =
        ["and ", "then ", "also ", "And ", "Then ", "Also "].iter().find_map(|word| part.strip_prefix(word))
    {
        part = rest.trim_start();
    }
    part
}

/// Whether a text begins with a verb or a question word, courtesy left out.
fn asks(rest: &str) -> bool {
    let words = tokens(rest);
    let mut words = words.iter().map(String::as_str).skip_while(|word| {
        matches!(
            *word,
            "and"
                | "then"
                | "also"
                | "please"
                | "can"
                | "could"
                | "would"
                | "you"
                | "i"
                | "d"
                | "like"
                | "want"
                | "need"
                | "to"
                | "kindly"
                | "let"
                | "me"
        )
    });
    words.next().is_some_and(|word| {
        is_verb(word)
            || matches!(
                word,
                "where"
                    | "when"
                    | "what"
                    | "which"
                    | "who"
                    | "how"
                    | "is"
                    | "are"
                    | "was"
                    | "did"
                    | "has"
                    | "do"
                    | "does"
                    | "will"
            )
    })
}

#[cfg(test)]
mod tests {
    use super::clauses;

    #[test]
    fn a_message_is_cut_where_something_else_is_asked() {
        for (text, parts) in [
            ("where is NW-1042 and change the address of NW-1044 to 12 Rue Cler", 2),
            ("Cancel B-7. Then book a room for Friday, please.", 2),
            ("change the address to 12 Rue Cler and Sons, Paris", 1),
            ("write \"hello. Where are you\" to Bob", 1),
            ("what is my balance?", 1),
        ] {
            assert_eq!(clauses(text).len(), parts, "{text}: {:?}", clauses(text));
        }
        let parts = clauses("where is A-1 and cancel B-2");
        assert_eq!(parts.iter().map(|(_, part)| *part).collect::<Vec<_>>(), ["where is A-1", "cancel B-2"]);
    }
}
