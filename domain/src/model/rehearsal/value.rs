//! Values of records as a person reads them. They are data: Markdown in them is shown as it is and makes nothing.

use serde_json::{Map, Value};

use super::words::join;

/// The most characters of one value.
const MAX_CHARS: usize = 300;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A value in words; none where there is nothing to show.
pub(super) fn shown(value: &Value) -> Option<String> {
    let text = plain(value, 0)?;
    let cut: String = text.chars().take(MAX_CHARS).collect();
    let text = if cut.len() < text.len() { format!("{cut}…") } else { cut };
    Some(escape(&text))
}

/// `delivery_date` is `delivery date`.
pub(super) fn humanised(name: &str) -> String {
    escape(name.replace(['_', '-'], " ").trim())
}

fn plain(value: &Value, depth: u8) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => match date(text) {
            Some(date) => date.shown(),
            None => words(text),
        },
        _ if depth >= 3 => return None,
        Value::Array(values) => join(&values.iter().filter_map(|value| plain(value, depth + 1)).collect::<Vec<_>>()),
        Value::Object(fields) => object(fields, depth),
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

fn object(fields: &Map<String, Value>, depth: u8) -> String {
    let field =
        |(name, value): (&String, &Value)| Some(format!("{} {}", name.replace('_', " "), plain(value, depth + 1)?));
    fields.iter().filter_map(field).collect::<Vec<_>>().join(", ")
}

/// `in_transit` is a name that somebody gave in code.
fn words(text: &str) -> String {
    let is_name = text.contains('_') && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let text = if is_name { text.replace('_', " ") } else { text.to_owned() };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Backslashes before what Markdown might read.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside_word = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~') || (c == '_' && !inside_word) || c == '&' {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
        before = c;
    }
    out
}

/// A calendar date with, where it was given, a time of day. Ordered by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date {
    year: u16,
    month: u8,
    day: u8,
    time: Option<String>,
}

impl Date {
    fn shown(&self) -> String {
        let month = MONTHS.get(usize::from(self.month).saturating_sub(1)).copied().unwrap_or_default();
        let time = self.time.as_ref().map_or_else(String::new, |time| format!(", {time}"));
        format!("{} {month} {}{time}", self.day, self.year)
    }
}

/// Reads `2026-11-24` and RFC 3339 times.
pub(super) fn date(text: &str) -> Option<Date> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let (year, month, day): (u16, u8, u8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let time = time.map(clock);
    // What follows a date and is no time makes it some other text.
    let whole = time.as_ref().is_none_or(Option::is_some) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let time = time.flatten().filter(|time| !time.is_empty());
    whole.then_some(Date { year, month, day, time })
}

/// `14:05` of a time, empty for midnight, which is how many systems write "that day".
fn clock(time: &str) -> Option<String> {
    let short = time.get(..5)?;
    let (hours, minutes) = short.split_once(':')?;
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    let utc = if time.ends_with('Z') { " UTC" } else { "" };
    Some(if hours > 0 || minutes > 0 { format!("{short}{utc}") } else { String::new() })
}

/// Whether a value is an amount: a fraction, or digits with a currency's sign or code.
pub(super) fn is_amount(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::String(text) => {
            let digits = text.chars().any(|c| c.is_ascii_digit());
            let sign = text.chars().any(|c| "$€£¥₹₩₽₺".contains(c));
            let code =
                text.split_whitespace().any(|word| word.len() == 3 && word.chars().all(|c| c.is_ascii_uppercase()));
            digits && (sign || code) && text.chars().count() <= 20
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{date, escape, is_amount, shown};

    #[test]
    fn values_are_shown_as_people_write_them() {
        for (value, words) in [
            (json!("2026-11-24"), "24 November 2026"),
            (json!("2026-11-24T00:00:00Z"), "24 November 2026"),
            (json!("2026-01-02T14:05:06Z"), "2 January 2026, 14:05 UTC"),
            (json!("2026-13-24"), "2026-13-24"),
            (json!("in_transit"), "in transit"),
            (json!("NW-1042"), "NW-1042"),
            (json!(129.5), "129.5"),
            (json!(true), "yes"),
            (json!(["socks", "boots", 2]), "socks, boots and 2"),
            (json!([{ "name": "socks", "count": 2 }]), "count 2, name socks"),
            (json!("a\n# b"), "a # b"),
            (json!("[x](https://evil.example) `*<b>"), r"\[x\](https://evil.example) \`\*\<b\>"),
        ] {
            assert_eq!(shown(&value).as_deref(), Some(words), "{value}");
        }
        assert_eq!((shown(&Value::Null), shown(&json!("")), shown(&json!([]))), (None, None, None));
    }

    #[test]
    fn escaped_text_is_no_markdown() {
        assert_eq!(escape("snake_case _em_"), r"snake_case \_em\_");
    }

    #[test]
    fn dates_are_ordered_by_time_and_amounts_known() {
        assert!(date("2026-11-24") < date("2026-12-01"));
        assert_eq!((date("24-11-2026"), date("2026-1-2"), date("NW-10-42")), (None, None, None));
        assert!(is_amount(&json!("$12.00")) && is_amount(&json!("12.00 EUR")) && is_amount(&json!(12)));
        assert!(!is_amount(&json!("NW-1042")) && !is_amount(&json!("2026-11-24")));
    }
}
