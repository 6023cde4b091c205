//! Secrets typed into the chat (R13, L8): taken out before the transcript, the model or a log can see them.
//!
//! While a code is awaited, what looks like one is masked and handed over. A mask too many costs the visitor a word; a
//! mask too few costs a secret: where the two are in doubt, here it is masked.

mod code;
mod password;

use std::ops::{Range, RangeInclusive};

use code::codes;
use password::passwords;

/// What stands where a secret stood: always the same, so that it does not tell its length.
pub const MASK: &str = "••••••";

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

#[cfg(test)]
mod tests;
