//! Secrets typed into the chat (R13, L8): taken out before the transcript, the model or a log can see them.
//!
//! While a code is awaited, what looks like one is masked and handed over. A mask too many costs the visitor a word; a
//! mask too few costs a secret: where the two are in doubt, here it is masked.

use std::ops::{Range, RangeInclusive};

use super::is_invisible;

/// What stands where a secret stood: always the same, so that it does not tell its length.
pub const MASK: &str = "••••••";

/// From how many digits on a run is a phone or card number and no code.
const PHONE_DIGITS: usize = 11;

/// A text without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The text, [`MASK`] in place of each secret.
    pub text: String,
    /// The awaited code as ASCII digits, for the verifier; the last where several were typed.
    pub code: Option<String>,
    /// Whether something was taken out.
    pub masked: bool,
}

/// Takes secrets out of what a visitor typed.
///
/// `pending_digits` is how many digits the awaited code may have, none while no code is awaited. A code may be grouped
/// by spaces or dashes and typed in full-width or Arabic digits. Numbers that are part of a word (`NW-104233`), of a
/// date, of an amount or of a phone number are left. A password that is announced (`password: …`, `my password is …`)
/// is always taken out.
pub fn mask(text: &str, pending_digits: Option<RangeInclusive<u8>>) -> Masked {
    let mut secrets = Vec::new();
    let mut code = None;
    if let Some(lengths) = pending_digits {
        for (range, digits) in codes(text, &lengths) {
            secrets.push(range);
            code = Some(digits);
        }
    }
    secrets.extend(passwords(text));
    let (text, masked) = replace(text, secrets);
    Masked { text, code, masked }
}

fn replace(text: &str, mut secrets: Vec<Range<usize>>) -> (String, bool) {
    secrets.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for Range { start, end } in &secrets {
        if *end <= at {
            continue;
        }
        // A password that is a code as well overlaps it: one mask for both.
        if *start >= at {
            out.push_str(text.get(at..*start).unwrap_or_default());
            out.push_str(MASK);
        }
        at = *end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (out, !secrets.is_empty())
}

/// Digits that stand together.
#[derive(Debug, Clone)]
struct Group {
    range: Range<usize>,
    digits: String,
}

fn codes(text: &str, lengths: &RangeInclusive<u8>) -> Vec<(Range<usize>, String)> {
    let fits = |digits: usize| u8::try_from(digits).is_ok_and(|digits| lengths.contains(&digits));
    let mut found = Vec::new();
    for run in runs(text) {
        let total: usize = run.iter().map(|group| group.digits.len()).sum();
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if is_part_of_more(text, first.range.start..last.range.end) || is_date(&run) {
            continue;
        }
        if fits(total) {
            let digits = run.iter().map(|group| group.digits.as_str()).collect();
            found.push((first.range.start..last.range.end, digits));
        } else if total < PHONE_DIGITS || run.iter().all(|group| fits(group.digits.len())) {
            // "I have 2 codes: 123456 654321": a group on its own may be one. In a phone number none is.
            let single = run.iter().filter(|group| fits(group.digits.len()));
            found.extend(single.map(|group| (group.range.clone(), group.digits.clone())));
        }
    }
    found
}

/// Groups of digits with nothing but a few spaces or dashes between them.
fn runs(text: &str) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    // Separators since the last digit; more than a few, or another character, end the run.
    let mut gap = usize::MAX;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match (digit(c), runs.last_mut()) {
            (Some(digit), Some(run)) if gap <= 3 => match run.last_mut() {
                Some(group) if gap == 0 => {
                    group.range.end = end;
                    group.digits.push(digit);
                }
                _ => run.push(Group { range: at..end, digits: digit.to_string() }),
            },
            (Some(digit), _) => runs.push(vec![Group { range: at..end, digits: digit.to_string() }]),
            // Soft hyphens, joiners and what makes an emoji of a digit are no gap: nobody sees them.
            (None, _) if c != '\n' && (is_invisible(c) || c == '\u{20E3}') => continue,
            (None, _) if is_separator(c) => gap = gap.saturating_add(1),
            (None, _) => gap = usize::MAX,
        }
        if digit(c).is_some() {
            gap = 0;
        }
    }
    runs
}

/// A decimal digit of the scripts that our languages are typed in, as an ASCII digit.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => '0',
        '０'..='９' => '０',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        _ => return None,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

fn is_separator(c: char) -> bool {
    (c.is_whitespace() && c != '\n' && c != '\r') || is_dash(c)
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－' | 'ー')
}

/// Whether a run is a piece of a word, an order number, an amount, an address or an international phone number.
fn is_part_of_more(text: &str, range: Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let mut back = before.chars().rev();
    let mut ahead = after.chars();
    let begins = match (back.next(), back.next()) {
        (Some('+' | '$' | '€' | '£' | '¥'), _) => true,
        (Some('.' | ','), Some(c)) => digit(c).is_some(),
        (Some(c), Some(letter)) if is_dash(c) => letter.is_ascii_alphanumeric() && !announces(before),
        // Only Latin letters: Japanese and Arabic put no space before a number.
        (Some(c), _) => (c.is_ascii_alphabetic() || c == '_') && !announces(before),
        (None, _) => false,
    };
    let ends = match (ahead.next(), ahead.next()) {
        (Some('@' | '_' | '%' | '€' | '$'), _) => true,
        (Some('.' | ','), Some(c)) => digit(c).is_some(),
        (Some(c), Some(letter)) if is_dash(c) => letter.is_ascii_alphabetic(),
        (Some(c), _) => c.is_ascii_alphabetic(),
        (None, _) => false,
    };
    begins || ends
}

/// Whether the word that the number hangs on says that it is a code: `code-482913`.
fn announces(before: &str) -> bool {
    let word: String = before.trim_end_matches(is_dash).to_lowercase();
    ["code", "pin", "otp", "codigo", "código", "kode"].iter().any(|name| word.ends_with(name))
}

/// `2026-11-21` or `21-11-2026`, an hour after it included.
fn is_date(run: &[Group]) -> bool {
    let lengths: Vec<usize> = run.iter().map(|group| group.digits.len()).collect();
    matches!(lengths.as_slice(), [4, 2, 2] | [2, 2, 4] | [4, 2, 2, 1 | 2] | [2, 2, 4, 1 | 2])
        && run.iter().any(|group| group.digits.starts_with("19") || group.digits.starts_with("20"))
}

/// The word for a password in the languages of the widget.
const PASSWORD: &[&str] = &[
    "password", "passwort", "passcode", "passphrase", "pwd", "kennwort", "contraseña", "senha", "palavra-passe",
    "mot de passe", "kata sandi", "parole", "كلمة المرور", "كلمة السر", "パスワード",
];

/// What may stand between it and the password.
const IS: &[&str] = &["is", "was", "ist", "es", "é", "est", "adalah", "هي", "は", "to"];

/// What follows `my password is` where no password is said.
const NO_PASSWORD: &[&str] = &[
    "not", "wrong", "incorrect", "invalid", "expired", "lost", "gone", "the", "a", "an", "too", "no", "never", "still",
    "being", "required", "needed", "rejected", "refused", "broken", "missing", "forgotten", "correct", "right", "old",
    "reset", "change", "my", "be", "what", "why", "how", "nicht", "falsch", "no", "incorrecta", "incorreta", "errada",
    "incorrect", "salah", "in", "on", "and", "or", "it", "this", "that", "log", "login", "sign", "get",
];

fn passwords(text: &str) -> Vec<Range<usize>> {
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
    let ends = word.chars().all(|c| c.is_ascii()) && rest.starts_with(|c: char| c.is_alphanumeric());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{MASK, mask};

    fn pending(text: &str) -> (String, Option<String>) {
        let masked = mask(text, Some(6..=10));
        assert_eq!(masked.masked, masked.text != text);
        (masked.text, masked.code)
    }

    fn caught(text: &str, code: &str, left: &str) {
        assert_eq!(pending(text), (left.replace('*', MASK), Some(code.to_owned())), "{text:?}");
    }

    fn left_alone(text: &str) {
        assert_eq!(pending(text), (text.to_owned(), None), "{text:?}");
    }

    #[test]
    fn a_code_is_taken_out_and_handed_over() {
        caught("482913", "482913", "*");
        caught("my code is 482913, thanks", "482913", "my code is *, thanks");
        caught("It's 482 913.", "482913", "It's *.");
        caught("482-913", "482913", "*");
        caught("4 8 2 9 1 3", "482913", "*");
        caught("482 – 913", "482913", "*");
        caught("code:482913", "482913", "code:*");
        caught("code-482913", "482913", "code-*");
        caught("(482913)", "482913", "(*)");
        caught("#482913", "482913", "#*");
        caught("1234567890", "1234567890", "*");
    }

    #[test]
    fn a_code_is_taken_out_in_the_digits_of_other_keyboards() {
        caught("４８２９１３", "482913", "*");
        caught("コードは４８２ー９１３です", "482913", "コードは*です");
        caught("الرمز ٤٨٢٩١٣", "482913", "الرمز *");
        caught("4\u{FE0F}\u{20E3}8\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}9\u{FE0F}\u{20E3}1\u{FE0F}\u{20E3}3", "482913", "*");
        caught("482\u{200B}913 482\u{AD}913", "482913", "* *");
    }

    #[test]
    fn of_several_codes_the_last_is_handed_over_and_all_are_masked() {
        caught("123456 no wait, 654321", "654321", "* no wait, *");
        caught("123456 654321", "654321", "* *");
        let exact = mask("I have 2 codes: 3 123456", Some(6..=6));
        assert_eq!((exact.text.as_str(), exact.code.as_deref()), ("I have 2 codes: 3 ••••••", Some("123456")));
    }

    #[test]
    fn other_numbers_are_left_alone() {
        left_alone("Where is NW-1042?");
        left_alone("Where is NW-104233?");
        left_alone("Order AB123456 and 123456-C and SKU_123456");
        left_alone("call me on 0171 2345 6789");
        left_alone("+44 20 7946 0958");
        left_alone("+1 555 123 4567");
        left_alone("4242 4242 4242 4242");
        left_alone("12345678901");
        left_alone("on 2026-11-21 at 10:22");
        left_alone("since 21-11-2026");
        left_alone("I paid $123456 or 123,456.00 or 123456.78");
        left_alone("write to 123456@mail.example");
        left_alone("12345");
        left_alone("2 pairs, size 42, 30 days");
        left_alone("");
    }

    #[test]
    fn nothing_but_passwords_is_masked_while_no_code_is_awaited() {
        let masked = mask("482913", None);
        assert_eq!((masked.text.as_str(), masked.code, masked.masked), ("482913", None, false));
    }

    #[test]
    fn an_announced_password_is_always_taken_out() {
        for (text, left) in [
            ("password: hunter2", "password: *"),
            ("Password:hunter2 ok?", "Password:* ok?"),
            ("my password is hunter2", "my password is *"),
            ("My PASSWORD was: Hunter2! please", "My PASSWORD was: * please"),
            ("pwd=hunter2&x", "pwd=*"),
            ("password \"two words\" is no announcement", "password \"two words\" is no announcement"),
            ("password is \"two words\" ok", "password is * ok"),
            ("Mein Passwort ist geheim1", "Mein Passwort ist *"),
            ("mi contraseña es secreta1", "mi contraseña es *"),
            ("minha senha é secreta1", "minha senha é *"),
            ("mon mot de passe est secret1", "mon mot de passe est *"),
            ("kata sandi saya: rahasia1", "kata sandi saya: rahasia1"),
            ("kata sandi: rahasia1", "kata sandi: *"),
            ("パスワードはhimitsu1", "パスワードは*"),
            ("İ password: hunter2", "İ password: *"),
            ("password: one password: two", "password: * password: *"),
        ] {
            let masked = mask(text, None);
            assert_eq!(masked.text, left.replace('*', MASK), "{text:?}");
            assert_eq!(masked.code, None);
        }
    }

    #[test]
    fn talk_about_passwords_is_left_alone() {
        for text in [
            "I forgot my password",
            "my password is not working",
            "My password is wrong.",
            "How do I reset my password?",
            "password",
            "password:",
            "the password policy is strict",
        ] {
            assert!(!mask(text, None).masked, "{text:?}");
        }
    }

    #[test]
    fn a_password_of_digits_is_masked_once() {
        let masked = mask("password: 482913", Some(6..=6));
        assert_eq!((masked.text.as_str(), masked.code.as_deref()), ("password: ••••••", Some("482913")));
    }

    proptest! {
        #[test]
        fn a_code_between_any_words_is_gone(
            before in "([a-z]{1,8} ){0,4}",
            code in "[0-9]{6}",
            gap in "[ -]?",
            after in "([ ,.!] ?[a-z]{1,8}){0,4}",
        ) {
            let (head, tail) = code.split_at(3);
            let typed = format!("{head}{gap}{tail}");
            let masked = mask(&format!("{before}{typed}{after}"), Some(6..=6));
            prop_assert_eq!(masked.code, Some(code));
            prop_assert!(!masked.text.contains(&typed));
        }

        #[test]
        fn any_text_can_be_masked_and_masking_again_changes_nothing(text in "(\\PC|[0-9 -]|password: |is ){0,60}") {
            let once = mask(&text, Some(6..=10));
            prop_assert_eq!(once.masked, once.text != text);
            let none = mask(&text, None);
            prop_assert_eq!(none.code, None);
            prop_assert_eq!(mask(&none.text, None).text, none.text);
        }
    }
}
