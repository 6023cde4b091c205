//! Secrets taken out of texts that people see (R54).

/// What stands where a secret stood.
pub const HIDDEN: &str = "[hidden]";

/// The text with every secret of it replaced.
pub fn mask(text: &str, secrets: &[String]) -> String {
    let mut longest: Vec<&String> = secrets.iter().filter(|secret| !secret.is_empty()).collect();
    longest.sort_by_key(|secret| core::cmp::Reverse(secret.len()));
    longest.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
}
