//! Words of a text, made comparable: lower case, no stop words, light English stems.

/// Words that say nothing about what is asked.
const STOP: &[&str] = &[
    "a", "about", "again", "all", "already", "also", "am", "an", "and", "any", "anything", "are", "at", "be", "been",
    "but", "by", "can", "check", "could", "current", "did", "do", "does", "done", "every", "find", "for", "from",
    "get", "give", "go", "got", "had", "has", "have", "hello", "help", "here", "hey", "hi", "how", "i", "if", "in",
    "into", "is", "it", "its", "just", "know", "last", "latest", "let", "like", "list", "long", "look", "make", "many",
    "may", "me", "might", "mine", "much", "must", "my", "need", "newest", "no", "not", "now", "of", "off", "ok",
    "okay", "on", "one", "or", "our", "out", "over", "please", "recent", "see", "shall", "should", "show", "so",
    "some", "still", "take", "tell", "than", "thank", "that", "the", "their", "them", "then", "there", "these", "they",
    "thing", "this", "those", "time", "to", "today", "too", "up", "us", "want", "was", "we", "were", "what", "when",
    "where", "which", "who", "why", "will", "with", "would", "yes", "yet", "you", "your",
];

/// Forms that no ending tells.
const IRREGULAR: &[(&str, &str)] = &[
    ("bought", "buy"),
    ("cancelled", "cancel"),
    ("cancelling", "cancel"),
    ("cancellation", "cancel"),
    ("came", "come"),
    ("cost", "cost"),
    ("paid", "pay"),
    ("sent", "send"),
    ("sold", "sell"),
    ("spent", "spend"),
    ("went", "go"),
    ("made", "make"),
    ("left", "leave"),
    ("lost", "lose"),
    ("kept", "keep"),
    ("brought", "bring"),
    ("got", "get"),
    ("gave", "give"),
    ("took", "take"),
    ("wrote", "write"),
    ("chose", "choose"),
];

/// All words, in order, lower case. What follows an apostrophe is cut: `what's` is `what`.
pub(super) fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'))
        .filter_map(|word| word.split(['\'', '’']).find(|part| !part.is_empty()))
        .map(str::to_lowercase)
        .collect()
}

/// The stems of the words that carry meaning, each once.
pub(super) fn stems(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for token in tokens(text) {
        let stem = stem(&token);
        if token.chars().count() > 1 && !STOP.contains(&token.as_str()) && !out.contains(&stem) {
            out.push(stem);
        }
    }
    out
}

/// One form for a word's plural, `-ing` and `-ed`, and for a noun in `-y` and its verb: `deliveries`, `delivered`,
/// `delivery` are `deliver`.
pub(super) fn stem(word: &str) -> String {
    if let Some((_, base)) = IRREGULAR.iter().find(|(past, _)| *past == word) {
        return (*base).to_owned();
    }
    let word = singular(word);
    let cut = ["ing", "ed"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|cut| cut.len() >= 3 && cut.contains(['a', 'e', 'i', 'o', 'u', 'y']));
    let base = match cut {
        Some(cut) => undouble(cut),
        None => &word,
    };
    let base = base.strip_suffix('e').filter(|base| base.len() >= 3).unwrap_or(base);
    base.strip_suffix('y').filter(|base| base.len() >= 4).unwrap_or(base).to_owned()
}

/// `shipp` of `shipped` is `ship`.
fn undouble(word: &str) -> &str {
    let mut back = word.chars().rev();
    match (back.next(), back.next()) {
        (Some(a), Some(b)) if a == b && !matches!(a, 'l' | 's' | 'z') && a.is_ascii() => {
            word.get(..word.len() - 1).unwrap_or(word)
        }
        _ => word,
    }
}

/// One of what a word names several of.
pub(super) fn singular(word: &str) -> String {
    if let Some(base) = word.strip_suffix("ies").filter(|base| base.len() >= 2) {
        return format!("{base}y");
    }
    for ending in ["sses", "ches", "shes", "xes"] {
        if word.ends_with(ending) {
            return word.get(..word.len() - 2).unwrap_or(word).to_owned();
        }
    }
    let kept = ["ss", "us", "is", "as"].iter().any(|ending| word.ends_with(ending));
    match word.strip_suffix('s') {
        Some(base) if !kept && base.len() >= 3 => base.to_owned(),
        _ => word.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`; with a comma before the last where a part has an `and` of its own.
pub(super) fn join(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => {
            let comma = if rest.len() > 1 && parts.iter().any(|part| part.contains(" and ")) { "," } else { "" };
            format!("{}{comma} and {last}", rest.join(", "))
        }
    }
}

/// A heading as it stands in a sentence: without the capital that only its place gave it.
pub(super) fn in_sentence(heading: &str) -> String {
    let mut chars = heading.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => heading.to_owned(),
    }
}

/// With a capital at the beginning.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::{join, stem, stems};

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            &["order", "orders", "ordered", "ordering"][..],
            &["delivery", "deliveries", "deliver", "delivered", "delivering"],
            &["ship", "ships", "shipped", "shipping"],
            &["return", "returns", "returned"],
            &["purchase", "purchases", "purchased", "purchasing"],
            &["arrive", "arrives", "arrived", "arriving"],
            &["policy", "policies"],
            &["pay", "paid", "paying"],
            &["status", "status"],
            &["address", "addresses"],
            &["box", "boxes"],
        ] {
            let first = stem(forms[0]);
            assert!(forms.iter().all(|form| stem(form) == first), "{forms:?}");
        }
        assert_ne!(stem("red"), "r");
        assert_ne!(stem("bring"), "br");
    }

    #[test]
    fn words_that_carry_no_meaning_are_left_out() {
        assert_eq!(stems("What's the status of my orders, please?"), ["status", "order"]);
        assert_eq!(stems("Where is it?"), Vec::<String>::new());
    }

    #[test]
    fn lists_are_joined_as_people_do() {
        let parts = ["a", "b", "c"].map(str::to_owned);
        let long = ["a", "b and c", "d and e"].map(str::to_owned);
        assert_eq!(join(&long), "a, b and c, and d and e");
        assert_eq!(
            (join(&parts[..1]), join(&parts[..2]), join(&parts)),
            ("a".into(), "a and b".into(), "a, b and c".into())
        );
    }
}
