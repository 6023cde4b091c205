//! Addresses and numbers masked in text that others than their person see (O3). In doubt it is masked.

use serde_json::Value;

/// What stands in place of what was taken out.
const GONE: &str = "•••";

/// From how many digits on a number is masked, with a `+` in front.
const PHONE_DIGITS: usize = 7;

/// The same for any other number: those of orders and amounts are shorter.
const LONG_DIGITS: usize = 9;

/// The text with email addresses as `a•••@example.com` and phone numbers, card numbers and the like as `•••67`. Dates stay,
/// and so do short numbers that are part of a word (`NW-104233`).
pub fn mask(text: &str) -> String {
    numbers(&addresses(text))
}

/// Masks every text of a JSON value, but for those under the names in `kept`; what stands under the names in `gone` is taken
/// out as a whole.
pub fn mask_json(value: &mut Value, kept: &[&str], gone: &[&str]) {
    match value {
        Value::String(text) => *text = mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_json(item, kept, gone)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if gone.contains(&name.as_str()) => *text = first(text),
                    Value::String(_) if kept.contains(&name.as_str()) => {}
                    value => mask_json(value, kept, gone),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text that is masked as a whole: an address as one, anything else as its first character.
fn first(text: &str) -> String {
    let masked = addresses(text);
    if masked == text { format!("{}{GONE}", text.chars().next().unwrap_or('•')) } else { masked }
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c)
}

fn is_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}

fn addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(['@', '\u{FF20}', '\u{FE6B}']) {
        let start = before.rfind(|c| !is_local(c)).map_or(0, |at| at + before.get(at..).map_or(0, first_len));
        let (lead, local) = before.split_at_checked(start).unwrap_or((before, ""));
        let host_len = after.find(|c| !is_host(c)).unwrap_or(after.len());
        let (host, tail) = after.split_at_checked(host_len).unwrap_or((after, ""));
        out.push_str(lead);
        if local.is_empty() || host.is_empty() {
            out.push_str(local);
            out.push('@');
            rest = after;
        } else {
            out.extend(local.chars().next());
            out.push_str(GONE);
            out.push('@');
            out.push_str(host);
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

fn first_len(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{A0}' | '\u{2011}' | '\u{2013}')
}

fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let (mut before, mut previous) = (None, None);
    while let Some(c) = rest.chars().next() {
        // A word of any other script than the Latin one may stand right before a number that is none of its letters.
        let in_word = match previous {
            Some('-') => before.is_some_and(|before: char| before.is_ascii_alphanumeric()),
            previous => previous.is_some_and(|previous: char| previous.is_ascii_alphanumeric() || previous == '_'),
        };
        let run = match c {
            _ if in_word => digits(rest),
            '+' | '(' => run(rest),
            _ if c.is_numeric() => run(rest),
            _ => "",
        };
        if run.is_empty() {
            out.push(c);
            (before, previous) = (previous, Some(c));
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        }
        let digits: Vec<char> = run.chars().filter(|c| c.is_numeric()).collect();
        let is_phone = !in_word && (run.starts_with('+') || run.starts_with("00"));
        let least = if is_phone { PHONE_DIGITS } else { LONG_DIGITS };
        if digits.len() < least || is_date(run) {
            out.push_str(run);
        } else {
            out.push_str(GONE);
            out.extend(digits.iter().skip(digits.len().saturating_sub(2)));
        }
        (before, previous) = (None, run.chars().next_back());
        rest = rest.get(run.len()..).unwrap_or_default();
    }
    out
}

/// The digits at the beginning of the text.
fn digits(text: &str) -> &str {
    text.get(..text.find(|c: char| !c.is_numeric()).unwrap_or(text.len())).unwrap_or_default()
}

/// Digits with single or double separators between them, from the beginning of the text to the last digit.
fn run(text: &str) -> &str {
    let (mut end, mut gap) = (0, 0);
    for (at, c) in text.char_indices() {
        if c.is_numeric() {
            end = at + c.len_utf8();
            gap = 0;
        } else if (is_between(c) && gap < 2) || (at == 0 && c == '+') {
            gap += 1;
        } else {
            break;
        }
    }
    text.get(..end).unwrap_or_default()
}

/// `2026-11-21`, and what may follow a date.
fn is_date(run: &str) -> bool {
    let mut parts = run.split('-');
    let is = |part: Option<&str>, len: usize| {
        part.is_some_and(|part| part.len() >= len && part.bytes().take(len).all(|b| b.is_ascii_digit()))
    };
    let year = parts.next();
    is(year, 4)
        && year.is_some_and(|year| year.len() == 4)
        && is(parts.next(), 2)
        && is(parts.next(), 2)
        && run.len() <= 13
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mask, mask_json};

    #[test]
    fn addresses_and_numbers_are_masked_wherever_they_stand() {
        for (text, masked) in [
            ("ana@example.com", "a•••@example.com"),
            ("Mail ana.b+x@shop.example.com, please", "Mail a•••@shop.example.com, please"),
            ("<ana@example.com>;bo@example.com", "<a•••@example.com>;b•••@example.com"),
            ("mailto:ana@example.com?x", "mailto:a•••@example.com?x"),
            ("Call +49 30 1234567.", "Call •••67."),
            ("(030) 123 456 78", "•••78"),
            ("tel:+49301234567", "tel:•••67"),
            ("4111 1111 1111 1111", "•••11"),
            ("0049-30-1234567", "•••67"),
            ("١٢٣٤٥٦٧٨٩", "•••٨٩"),
            ("a@b@example.com", "a•••@b@example.com"),
            ("我的电话是13812345678", "我的电话是•••78"),
            ("電話番号は090-1234-5678です", "電話番号は•••78です"),
            ("卡号4111111111111111", "卡号•••11"),
            ("Tel.-030 12345678", "Tel.-•••78"),
            ("DE89370400440532013000", "DE•••00"),
            ("DE89 3704 0044 0532 0130 00", "DE89 •••00"),
            ("x_4111111111111111", "x_•••11"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn words_dates_orders_and_amounts_stay() {
        for text in [
            "",
            "NW-104233",
            "Order 104233 of 2026-11-21",
            "NW-104233 2026-11-21",
            "1,299.00 EUR",
            "2026-11-21 12:30",
            "@",
            "a @ b",
            "#123456",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn a_value_is_masked_all_through() {
        let mut value = json!({"at": "2026-11-21T12:00:00.000Z", "address": "4711", "phone": "ana@example.com",
            "blocks": [{"text": "ana@example.com", "n": 123_456_789}], "id": "123456789"});
        mask_json(&mut value, &["at", "id"], &["address", "phone"]);
        assert_eq!(
            value,
            json!({"at": "2026-11-21T12:00:00.000Z", "address": "4•••", "phone": "a•••@example.com",
            "blocks": [{"text": "a•••@example.com", "n": 123_456_789}], "id": "123456789"})
        );
    }
}
