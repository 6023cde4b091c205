//! When a token ends, in the ways that APIs say it.

use serde_json::Value;

use crate::time::Millis;

/// Seconds before this one (2001-09-09) are no end of a token: more likely a duration.
const EARLIEST_S: f64 = 1e9;
/// From here on a number counts milliseconds: as seconds it would be the year 5138.
const MILLIS_FROM: f64 = 1e11;
/// 9999-12-31T23:59:59.999Z.
const LATEST_MS: f64 = 253_402_300_799_999.0;

/// When a token ends: an RFC 3339 text, Unix seconds, or Unix milliseconds; numbers may come as text. Nothing for
/// everything else, a duration such as `3600` included: from when it counts is not known here.
pub fn expires_at(value: &Value) -> Option<Millis> {
    match value {
        Value::Number(number) => from_number(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            let is_number = text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            if is_number { from_number(text.parse().ok()?) } else { from_rfc3339(text) }
        }
        _ => None,
    }
}

fn from_number(number: f64) -> Option<Millis> {
    if !number.is_finite() || number < EARLIEST_S {
        return None;
    }
    let ms = if number < MILLIS_FROM { number * 1000.0 } else { number };
    (ms <= LATEST_MS).then_some(Millis(ms as u64))
}

/// `date-time` of RFC 3339, section 5.6, a space for the `T` allowed as its note allows; years from 1970 on.
fn from_rfc3339(text: &str) -> Option<Millis> {
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let offset_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, offset) = time.split_at(offset_at);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let ms = match fraction {
        None => 0,
        Some(digits) if !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{digits:0<3}").get(..3)?.parse().ok()?
        }
        Some(_) => return None,
    };
    let last_day = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let in_range = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=last_day).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    if !in_range {
        return None;
    }
    let offset_minutes = match offset {
        "Z" | "z" => 0,
        offset => {
            let [hours, minutes] = numbers(offset.get(1..)?, ':', [2, 2])?;
            let total = (hours <= 23 && minutes <= 59).then_some(hours * 60 + minutes)?;
            if offset.starts_with('-') { -total } else { total }
        }
    };
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    u64::try_from((minutes * 60 + second) * 1000 + ms).ok().map(Millis)
}

/// Exactly these numbers of exactly these lengths.
fn numbers<const N: usize>(text: &str, between: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut pieces = text.split(between);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let piece = pieces.next().filter(|piece| piece.len() == length)?;
        *number = piece.bytes().all(|b| b.is_ascii_digit()).then(|| piece.parse().ok()).flatten()?;
    }
    pieces.next().is_none().then_some(numbers)
}

/// Days since 1970-01-01; the inverse of [`Millis::rfc3339`]: years begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
