//! Reading a typed number: what may stand in it is judged here, what the digits are by Google's phone metadata.
//!
//! The library is known to this file alone. It reads much that is no single number (letters as on a dial, extensions,
//! the first of several numbers), so it is given digits, a `+` and nothing else.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};
use unicode_normalization::UnicodeNormalization as _;

use super::BadNumber;
use crate::challenge::code::ascii_digit;

/// The most bytes of typed text that are looked at: a pasted page is no number.
const MAX_TYPED_BYTES: usize = 128;

/// The number in the form of E.164.
pub(super) fn read(typed: &str, countries: &[String]) -> Result<String, BadNumber> {
    let digits = digits(typed).ok_or(BadNumber)?;
    let regions: Vec<Region> = countries.iter().filter_map(|country| Region::from_code(country).ok()).collect();
    let first = regions.first().copied().ok_or(BadNumber)?;
    let number = PHONE_NUMBER_UTIL.parse(&digits, Some(first)).map_err(|_| BadNumber)?;
    let is_plain = number.extension.as_deref().unwrap_or_default().is_empty();
    let is_served = PHONE_NUMBER_UTIL.get_region_for_number(&number).is_some_and(|region| regions.contains(&region));
    if !(is_plain && is_served && PHONE_NUMBER_UTIL.is_valid_number(&number)) {
        return Err(BadNumber);
    }
    match PHONE_NUMBER_UTIL.get_number_type(&number) {
        // In North America and elsewhere the digits do not tell a mobile phone from a fixed one.
        PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => {
            Ok(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned())
        }
        // Premium and shared cost are how message fraud earns (R15); the others take no messages. What has no known type
        // is not valid.
        PhoneNumberType::FixedLine
        | PhoneNumberType::TollFree
        | PhoneNumberType::PremiumRate
        | PhoneNumberType::SharedCost
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber
        | PhoneNumberType::Pager
        | PhoneNumberType::UAN
        | PhoneNumberType::VoiceMail
        | PhoneNumberType::Unknown => Err(BadNumber),
    }
}

/// See [`super::PhoneNumber::dial_code`].
pub(super) fn dial_code(e164: &str) -> String {
    PHONE_NUMBER_UTIL.parse(e164, None).map(|number| number.country_code.to_string()).unwrap_or_default()
}

/// See [`super::PhoneNumber::dial_code_of`].
pub(super) fn dial_code_of(country: &str) -> String {
    let code = Region::from_code(country).ok().and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region));
    code.map(|code| code.to_string()).unwrap_or_default()
}

/// A `+` where one led, then the digits in ASCII. `None` when anything else is in the text but what people write between
/// digits: spaces, dashes, dots, slashes and brackets. NFKC first, so that full-width forms are what they look like.
fn digits(typed: &str) -> Option<String> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let mut kept = String::with_capacity(17);
    for c in typed.nfkc().filter(|c| !is_mark(*c)) {
        match ascii_digit(c) {
            Some(digit) => kept.push(digit),
            None if c == '+' && kept.is_empty() => kept.push('+'),
            None if is_between(c) => {}
            None => return None,
        }
    }
    // E.164 has 15 digits at most; four more for what is dialled before a country code.
    (kept.len() <= 20).then_some(kept)
}

/// Marks without width or look: a number copied from a page or a right-to-left text carries them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What stands between digits. Spaces of every width are one space after NFKC; no tab and no line break is among them.
fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
