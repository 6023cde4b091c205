//! Values of fields: what a text in a cell or a JSON value becomes, in one form.

use serde_json::{Number, Value};
use shared::admin::collections::Kind;

use crate::address::EmailAddress;
use crate::phone::PhoneNumber;

/// The most characters of a text.
const MAX_TEXT: usize = 10_000;
/// The most texts of a list.
const MAX_TEXTS: usize = 200;
/// The most digits of a whole number that every reader of JSON keeps.
const MAX_DIGITS: usize = 15;

/// What is wrong, in a sentence.
pub type Fault = &'static str;

const CONTROL: Fault = "This holds a character that cannot be shown; take it out.";
const EMAIL: Fault = "This is not one email address. Write it as ann@example.com.";
const PHONE: Fault = "This is not a phone number with its country's code. Write it as +12025550123.";
const NUMBER: Fault = "This is not a number. Write digits, with a point before decimals: 1234.5.";
const ZEROS: Fault = "A number would lose its leading zeros. Make the field a text.";
const LONG: Fault = "A number has at most 15 digits. Make the field a text.";
const BOOLEAN: Fault = "This is neither yes nor no. Write true or false.";
const DATE: Fault = "This is not a date. Write it as 2026-05-31.";
const TEXT: Fault = "A text has at most 10,000 characters. Shorten it.";
const LIST: Fault = "A list has at most 200 texts. Take some out.";
const KIND: Fault = "The field does not hold values of this kind.";

/// What a text becomes; none where nothing is in it.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn read(kind: Kind, text: &str) -> Result<Option<Value>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(CONTROL);
    }
    if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
        return Err(TEXT);
    }
    Ok(Some(match kind {
        Kind::Text => text.into(),
        Kind::Email => EmailAddress::parse(text).map_err(|_| EMAIL)?.as_str().into(),
        Kind::Phone => phone(text)?.as_str().into(),
        Kind::Number => Value::Number(number(text)?),
        Kind::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => true.into(),
            "false" | "no" | "0" => false.into(),
            _ => return Err(BOOLEAN),
        },
        Kind::Date if is_date(text) => text.into(),
        Kind::Date => return Err(DATE),
        Kind::Texts => return Ok(some(list(parts(text))?)),
    }))
}

/// A list that holds something; an empty one is no value.
fn some(list: Value) -> Option<Value> {
    list.as_array().is_some_and(|items| !items.is_empty()).then_some(list)
}

/// What a JSON value becomes; none for null and blank ones.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn taken(kind: Kind, given: &Value) -> Result<Option<Value>, Fault> {
    match (given, kind) {
        (Value::Null, _) => Ok(None),
        (Value::String(text), kind) => read(kind, text),
        (Value::Bool(_), Kind::Boolean) => Ok(Some(given.clone())),
        (Value::Number(number), Kind::Number) => read(kind, &number.to_string()),
        (Value::Array(items), Kind::Texts) => {
            let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            Ok(some(list(texts.ok_or(KIND)?)?))
        }
        _ => Err(KIND),
    }
}

/// Whether a value is of this kind, in its one form.
pub fn is_canonical(kind: Kind, value: &Value) -> bool {
    !matches!((kind, value), (Kind::Number | Kind::Boolean | Kind::Texts, Value::String(_)))
        && taken(kind, value).is_ok_and(|taken| taken.as_ref() == Some(value))
}

/// What stands in a cell for a value.
pub fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let escape = |text: &str| text.replace('\\', "\\\\").replace(';', "\\;");
            items.iter().filter_map(Value::as_str).map(escape).collect::<Vec<_>>().join(";")
        }
        other => other.to_string(),
    }
}

/// A number as spreadsheets write it: white space, dashes, dots and brackets between digits, `00` for `+`.
fn phone(text: &str) -> Result<PhoneNumber, Fault> {
    let bare: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '(' | ')' | '/')).collect();
    let full = bare.strip_prefix("00").map_or_else(|| bare.clone(), |rest| format!("+{rest}"));
    PhoneNumber::from_e164(&full).map_err(|_| PHONE)
}

fn number(text: &str) -> Result<Number, Fault> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !rest.is_none_or(digits) {
        return Err(NUMBER);
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(ZEROS);
    }
    if whole.len() + rest.map_or(0, str::len) > MAX_DIGITS {
        return Err(LONG);
    }
    let whole_number = if rest.is_none() { text.parse::<i64>().ok().map(Number::from) } else { None };
    whole_number.or_else(|| text.parse().ok().and_then(Number::from_f64)).ok_or(NUMBER)
}

/// A day of the calendar, alone or with a time after `T` or a space.
fn is_date(text: &str) -> bool {
    let (day, time) = text.split_at_checked(10).unwrap_or((text, ""));
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, date] = parts.as_slice() else { return false };
    let read = |part: &str, length: usize| {
        (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(date)) = (read(year, 4), read(month, 2), read(date, 2)) else { return false };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&date) && (time.is_empty() || is_time(time))
}

/// `T10:00`, ` 10:00:00.5`, with `Z` or an offset after it or without.
fn is_time(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['T', ' ']) else { return false };
    let at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(at).unwrap_or((rest, ""));
    let two = |part: &str, most: u32| part.len() == 2 && part.parse::<u32>().is_ok_and(|value| value <= most);
    let clock_fits = match clock.split(':').collect::<Vec<_>>().as_slice() {
        [hour, minute] => two(hour, 23) && two(minute, 59),
        [hour, minute, second] => {
            let (whole, part) = second.split_once('.').unwrap_or((second, "0"));
            let part_fits = (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            two(hour, 23) && two(minute, 59) && two(whole, 60) && part_fits
        }
        _ => false,
    };
    let zone_fits = zone.is_empty()
        || zone == "Z"
        || zone
            .strip_prefix(['+', '-'])
            .and_then(|zone| zone.split_once(':'))
            .is_some_and(|(h, m)| two(h, 23) && two(m, 59));
    clock_fits && zone_fits
}

/// The texts between `;`. `\;` is a semicolon and `\\` a backslash within one.
fn parts(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ';' {
            found.push(String::new());
            continue;
        }
        let escaped = if c == '\\' { chars.next_if(|next| matches!(next, ';' | '\\')) } else { None };
        if let Some(last) = found.last_mut() {
            last.push(escaped.unwrap_or(c));
        }
    }
    found
}

fn list(texts: Vec<String>) -> Result<Value, Fault> {
    let mut kept: Vec<Value> = Vec::new();
    for text in texts {
        if let Some(value) = read(Kind::Text, &text)?
            && !kept.contains(&value)
        {
            kept.push(value);
        }
    }
    if kept.len() > MAX_TEXTS { Err(LIST) } else { Ok(Value::Array(kept)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_has_one_form() {
        for (kind, text, value) in [
            (Kind::Text, "  a b \n", json!("a b")),
            (Kind::Email, " Ann@Example.COM ", json!("ann@example.com")),
            (Kind::Phone, "+1 (202) 555-0123", json!("+12025550123")),
            (Kind::Phone, "0049 151 23456789", json!("+4915123456789")),
            (Kind::Number, "42", json!(42)),
            (Kind::Number, "-0.5", json!(-0.5)),
            (Kind::Boolean, "YES", json!(true)),
            (Kind::Boolean, "0", json!(false)),
            (Kind::Date, "2024-02-29", json!("2024-02-29")),
            (Kind::Date, "2026-05-31T10:00:00.25+02:00", json!("2026-05-31T10:00:00.25+02:00")),
            (Kind::Texts, "a; b;;a;c\\;d", json!(["a", "b", "c;d"])),
        ] {
            assert_eq!(read(kind, text), Ok(Some(value)), "{text:?}");
        }
        assert_eq!(read(Kind::Number, " \t"), Ok(None));
        assert_eq!(read(Kind::Texts, " ; ;"), Ok(None));
    }

    #[test]
    fn what_is_not_of_the_kind_is_refused() {
        for (kind, text) in [
            (Kind::Text, "a\0b"),
            (Kind::Email, "ann@example.com, ben@example.com"),
            (Kind::Phone, "2025550123"),
            (Kind::Phone, "+1"),
            (Kind::Number, "1,5"),
            (Kind::Number, "007"),
            (Kind::Number, "1e5"),
            (Kind::Number, "NaN"),
            (Kind::Number, "1234567890123456"),
            (Kind::Number, "."),
            (Kind::Boolean, "maybe"),
            (Kind::Date, "31.05.2026"),
            (Kind::Date, "2026-02-29"),
            (Kind::Date, "2026-13-01"),
            (Kind::Date, "2026-01-01T25:00"),
            (Kind::Date, "2026-01-01x"),
            (Kind::Date, "２０２６-01-01"),
        ] {
            assert!(read(kind, text).is_err(), "{text:?}");
        }
        assert_eq!(read(Kind::Text, &"x".repeat(10_001)), Err(TEXT));
        for (kind, given) in
            [(Kind::Text, json!(1)), (Kind::Number, json!(true)), (Kind::Texts, json!([1])), (Kind::Text, json!({}))]
        {
            assert_eq!(taken(kind, &given), Err(KIND));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(texts in proptest::collection::vec("[a-z;\\\\ =+,\"]{0,8}", 0..6), number in -1_000_000_000_000_000_i64 + 1..1_000_000_000_000_000) {
            let value = list(texts).unwrap();
            let again = read(Kind::Texts, &written(&value)).unwrap().unwrap_or_else(|| json!([]));
            prop_assert_eq!(again, value);
            prop_assert_eq!(read(Kind::Number, &written(&json!(number))), Ok(Some(json!(number))));
        }

        #[test]
        fn nothing_that_is_read_panics(text in any::<String>()) {
            for kind in [Kind::Text, Kind::Email, Kind::Phone, Kind::Number, Kind::Boolean, Kind::Date, Kind::Texts] {
                if let Ok(Some(value)) = read(kind, &text) {
                    prop_assert_eq!(taken(kind, &value), Ok(Some(value)));
                }
            }
        }
    }
}
