//! Secrets taken out of texts that people see (R54).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What stands where a secret stood.
pub const HIDDEN: &str = "[hidden]";

/// From how many characters on a secret is looked for inside of other texts, where a shorter one would be in everything.
pub(super) const MIN_HIDDEN_CHARS: usize = 6;

/// Secrets in every spelling in which they are looked for inside of texts.
pub(super) struct Spelled<'a> {
    whole: &'a [String],
    spellings: Vec<String>,
}

impl<'a> Spelled<'a> {
    /// Those of at least `least` characters are looked for inside of texts, and all of them as a whole text.
    fn new(secrets: &'a [String], least: usize) -> Self {
        let mut spellings: Vec<String> =
            secrets.iter().filter(|secret| secret.chars().count() >= least).flat_map(spelled).collect();
        spellings.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        spellings.dedup();
        Self { whole: secrets, spellings }
    }

    /// For judging whole values: only secrets of six characters and more are looked for inside of them.
    pub(super) fn of(secrets: &'a [String]) -> Self {
        Self::new(secrets, MIN_HIDDEN_CHARS)
    }

    /// Whether a text is a secret, or has one in it as it is or as JSON, a URL or base64 write it.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.whole.iter().any(|secret| !secret.is_empty() && text == secret)
            || self.spellings.iter().any(|spelling| text.contains(spelling.as_str()))
    }
}

/// The text with every secret of it replaced, also where it stands as JSON, a URL or base64 write it. One pass: what was
/// put in is not looked at again. A secret of a single character is not looked for, it would be everywhere.
pub fn mask(text: &str, secrets: &[String]) -> String {
    let Spelled { spellings, .. } = Spelled::new(secrets, 2);
    let (mut masked, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        if let Some(spelling) = spellings.iter().find(|spelling| rest.starts_with(spelling.as_str())) {
            masked.push_str(HIDDEN);
            rest = rest.get(spelling.len()..).unwrap_or_default();
        } else {
            masked.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    masked
}

fn spelled(secret: &String) -> Vec<String> {
    let json = serde_json::Value::from(secret.as_str()).to_string();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let mut spellings = vec![secret.clone(), json, super::template::encoded(secret)];
    spellings.extend(url::form_urlencoded::byte_serialize(secret.as_bytes()).map(str::to_owned).reduce(|a, b| a + &b));
    if secret.len() >= MIN_HIDDEN_CHARS {
        spellings.extend([STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|engine| engine.encode(secret)));
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::{Spelled, mask};

    fn masked(text: &str, secrets: &[&str]) -> String {
        mask(text, &secrets.iter().map(|secret| (*secret).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_secret_is_replaced_wherever_it_stands() {
        assert_eq!(masked("Bearer tok-123, tok-123.", &["tok-123"]), "Bearer [hidden], [hidden].");
        assert_eq!(masked(r#"{"p":"a\"b\\c"}"#, &[r#"a"b\c"#]), r#"{"p":"[hidden]"}"#);
        assert_eq!(masked("?p=a%22b%20c&q=a%22b+c", &["a\"b c"]), "?p=[hidden]&q=[hidden]");
        assert_eq!(masked("Basic aHVudGVyMg==", &["hunter2"]), "Basic [hidden]");
        assert_eq!(masked("péss wörd", &["péss wörd"]), "[hidden]");
        assert_eq!(masked("p%C3%A9ss", &["péss"]), "[hidden]");
    }

    #[test]
    fn a_value_is_a_secret_when_it_is_one_or_has_a_long_one_in_any_spelling() {
        let secrets = ["hunter 2", "7431", "12345678"].map(str::to_owned);
        let spelled = Spelled::of(&secrets);
        for text in ["7431", "a hunter 2 b", "?p=hunter%202", "?p=hunter+2", "aHVudGVyIDI=", "x12345678", "aHVudGVyIDI"]
        {
            assert!(spelled.are_in(text), "{text}");
        }
        for text in ["74310", "hunter", "", "1234567"] {
            assert!(!spelled.are_in(text), "{text}");
        }
        assert!(!Spelled::of(&[String::new()]).are_in(""));
    }

    #[test]
    fn the_longest_of_several_goes_first_and_a_mask_is_not_masked() {
        assert_eq!(masked("hunter22", &["hunter2", "hunter22"]), "[hidden]");
        assert_eq!(masked("a secret", &["secret", "hidden", "id"]), "a [hidden]");
        assert_eq!(masked("nothing here", &["", "x", "e"]), "nothing here");
        assert_eq!(masked("", &["hunter2"]), "");
    }
}
