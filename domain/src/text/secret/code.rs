//! Codes among the numbers of a text.

use std::ops::{Range, RangeInclusive};

use crate::text::is_invisible;

/// From how many digits on a run is a phone or card number and no code.
const PHONE_DIGITS: usize = 11;

/// Digits that stand together.
#[derive(Debug, Clone)]
struct Group {
    range: Range<usize>,
    digits: String,
}

/// Where codes stand and their ASCII digits, in order.
pub(super) fn codes(text: &str, lengths: &RangeInclusive<u8>) -> Vec<(Range<usize>, String)> {
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
