//! Passwords that a text announces.

use std::ops::Range;

use super::MASK;

/// The word for a password in the languages of the widget.
const PASSWORD: &[&str] = &[
    "password",
    "passwort",
    "passcode",
    "passphrase",
    "pwd",
    "kennwort",
    "contraseña",
    "senha",
    "palavra-passe",
    "mot de passe",
    "kata sandi",
    "parole",
    "كلمة المرور",
    "كلمة السر",
    "パスワード",
];

/// What may stand between it and the password.
const IS: &[&str] = &["is", "was", "ist", "es", "é", "est", "adalah", "هي", "は", "to"];

/// What follows `my password is` where no password is said.
const NO_PASSWORD: &[&str] = &[
    "not",
    "wrong",
    "incorrect",
    "invalid",
    "expired",
    "lost",
    "gone",
    "the",
    "a",
    "an",
    "too",
    "no",
    "never",
    "still",
    "being",
    "required",
    "needed",
    "rejected",
    "refused",
    "broken",
    "missing",
    "forgotten",
    "correct",
    "right",
    "old",
    "reset",
    "change",
    "my",
    "be",
    "what",
    "why",
    "how",
    "nicht",
    "falsch",
    "no",
    "incorrecta",
    "incorreta",
    "errada",
    "incorrect",
    "salah",
    "in",
    "on",
    "and",
    "or",
    "it",
    "this",
    "that",
    "log",
    "login",
    "sign",
    "get",
];

/// Where passwords stand, in order.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    // Lower-casing may change lengths, so positions are found in the text itself.
    let mut found = Vec::new();
    for (at, _) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let named = PASSWORD.iter().find_map(|name| strip_ignoring_case(rest, name));
        // Only a whole word: `mypassword1` names nothing.
        let inside = text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric);
        if let Some(after) = named.filter(|_| !inside)
            && let Some(secret) = announced(after)
        {
            let start = text.len() - secret.len();
            let end = start + secret_length(secret);
            found.push(start..end);
        }
    }
    found
}

/// The text from the password on, given what follows the word for it.
fn announced(after: &str) -> Option<&str> {
    let sign = |c: char| matches!(c, ':' | '=' | '：' | '＝');
    let rest = after.trim_start_matches(['"', '\'', '*']).trim_start();
    let (rest, mut certain) = match rest.strip_prefix(sign) {
        Some(rest) => (rest, true),
        None => (IS.iter().find_map(|is| word(rest, is))?, false),
    };
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix(sign) {
        Some(rest) => {
            certain = true;
            rest.trim_start()
        }
        None => rest,
    };
    let first = rest.split_whitespace().next()?.trim_end_matches(['.', ',', '!', '?']).to_lowercase();
    // Already masked: masking again would change nothing and say that it did.
    let masked = rest.starts_with(MASK);
    (!masked && (certain || !NO_PASSWORD.contains(&first.as_str()))).then_some(rest)
}

/// To the closing quotation mark, or to the next space.
fn secret_length(secret: &str) -> usize {
    let quoted = secret.chars().next().and_then(|open| {
        let close = match open {
            '"' | '\'' | '`' => open,
            '“' | '„' => '”',
            '«' => '»',
            '「' => '」',
            _ => return None,
        };
        let inner = secret.get(open.len_utf8()..)?;
        inner.find(close).map(|at| open.len_utf8() + at + close.len_utf8())
    });
    let word = |from: usize| {
        let rest = secret.get(from..).unwrap_or_default();
        from + rest.find(char::is_whitespace).unwrap_or(rest.len())
    };
    // What hangs on a closing quotation mark may still be part of the password.
    word(quoted.unwrap_or(0))
}

fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = strip_ignoring_case(text, word)?;
    let ends = word.is_ascii() && rest.starts_with(|c: char| c.is_alphanumeric());
    (!ends).then_some(rest)
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in prefix.chars() {
        if !rest.next()?.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str())
}
