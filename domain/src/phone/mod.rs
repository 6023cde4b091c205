//! A phone number that a code may go to: exactly one, in one spelling (R11).

mod parse;
#[cfg(test)]
mod tests;

use core::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not one phone number. Carries nothing of the text: it may come from anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadNumber;

impl fmt::Display for BadNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one phone number")
    }
}

impl core::error::Error for BadNumber {}

/// One phone number in the form of E.164: `+`, then 7 to 15 digits, the first not zero. Serialized as that text; has no
/// `Display`, and its `Debug` shows nothing, so that it reaches no log by accident.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Takes a number that has the form already.
    ///
    /// # Errors
    /// [`BadNumber`] for any other text.
    pub fn from_e164(text: &str) -> Result<Self, BadNumber> {
        let digits = text.strip_prefix('+').ok_or(BadNumber)?;
        let is_one =
            (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if is_one { Ok(Self(text.to_owned())) } else { Err(BadNumber) }
    }

    /// Reads what a person typed: exactly one number, valid where it is from, of a kind that takes messages, of one of
    /// these `countries` (two letters, ISO 3166-1). Without a country code it is of the first of them.
    ///
    /// # Errors
    /// [`BadNumber`], whatever the reason.
    pub fn parse(text: &str, countries: &[String]) -> Result<Self, BadNumber> {
        Self::from_e164(&parse::read(text, countries)?)
    }

    /// The calling code of its country or network, without `+`: `49`. Everything that shares one is told by it: `1` is all of
    /// North America. Empty where there is no such code.
    pub fn dial_code(&self) -> String {
        parse::dial_code(&self.0)
    }

    /// The calling code of a country (two letters); empty where it has none.
    pub fn dial_code_of(country: &str) -> String {
        parse::dial_code_of(country)
    }

    /// The number without its last four digits: what numbers that were bought together share (R15).
    pub fn prefix(&self) -> &str {
        self.0.get(..self.0.len().saturating_sub(4)).unwrap_or_default()
    }

    /// The number, for the service that sends and for derivations; not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number for eyes that need not see it: its last four digits.
    pub fn masked(&self) -> String {
        let from = self.0.len().saturating_sub(4);
        format!("•••{}", self.0.get(from..).unwrap_or_default())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = BadNumber;
    fn try_from(text: String) -> Result<Self, BadNumber> {
        Self::from_e164(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}
