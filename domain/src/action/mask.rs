//! Secrets taken out of texts that people see (R54).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What stands where a secret stood.
pub const HIDDEN: &str = "[hidden]";

/// From how many characters on a secret is looked for inside of other texts, where a shorter one would be in everything.
pub(super) const MIN_HIDDEN_CHARS: usize = 6;

/// The text with every secret of it replaced, also where it stands as JSON, a URL or base64 write it. One pass: what was
/// put in is not looked at again. A secret of a single character is not looked for, it would be everywhere.
pub fn mask(text: &str, secrets: &[String]) -> String {
    let mut spellings: Vec<String> =
        secrets.iter().filter(|secret| secret.chars().count() > 1).flat_map(spelled).collect();
    spellings.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    spellings.dedup();
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
    use super::mask;

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
    fn the_longest_of_several_goes_first_and_a_mask_is_not_masked() {
        assert_eq!(masked("hunter22", &["hunter2", "hunter22"]), "[hidden]");
        assert_eq!(masked("a secret", &["secret", "hidden", "id"]), "a [hidden]");
        assert_eq!(masked("nothing here", &["", "x", "e"]), "nothing here");
        assert_eq!(masked("", &["hunter2"]), "");
    }
}
