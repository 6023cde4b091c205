//! Values that stand in a visitor's text and where: numbers, dates, addresses, numbers of orders.

use super::value;

/// A word of the text without the punctuation around it.
#[derive(Debug, Clone)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) lower: String,
    /// Where it stands, bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// A comma, a colon or the end of a sentence follows.
    pub(super) stop: Option<char>,
}

/// What a value is by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Email,
    Phone,
    Date,
    Time,
    Code,
    Number,
    Quoted,
}

/// A value found: the words `from..to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) sort: Sort,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) value: String,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const COUNTS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const QUOTES: [(char, char); 4] = [('"', '"'), ('“', '”'), ('«', '»'), ('‘', '’')];

/// The most words of one quoted text.
const MAX_QUOTED: usize = 60;

pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    for raw in text.split(char::is_whitespace) {
        let start_of_raw = at;
        at += raw.len();
        at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let opened = raw.trim_start_matches(|c: char| "([{\"'“‘«#".contains(c));
        let start = start_of_raw + raw.len() - opened.len();
        let word = opened.trim_end_matches(|c: char| ")]}\"'”’».,;:!?".contains(c));
        if word.is_empty() {
            continue;
        }
        let stop = opened.get(word.len()..).and_then(|rest| rest.chars().find(|c| ".,;:!?".contains(*c)));
        let lower = word.to_lowercase();
        let lower = lower.split(['\'', '’']).next().unwrap_or_default().to_owned();
        out.push(Word { text: word, lower, start, end: start + word.len(), stop });
    }
    out
}

/// Everything that is a value by its form, in order. A date's numbers are no numbers of their own.
pub(super) fn found(text: &str, words: &[Word<'_>]) -> Vec<Found> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let taken = quoted(text, words, at)
            .or_else(|| email(words, at))
            .or_else(|| date(words, at))
            .or_else(|| time(words, at))
            .or_else(|| iban(words, at))
            .or_else(|| phone(words, at));
        if let Some(found) = taken {
            at = found.to;
            out.push(found);
            continue;
        }
        out.extend(number(text, words, at));
        out.extend(code(words, at));
        at += 1;
    }
    out
}

fn quoted(text: &str, words: &[Word<'_>], at: usize) -> Option<Found> {
    let first = words.get(at)?;
    let before = text.get(..first.start)?.chars().next_back()?;
    let (_, close) = QUOTES.iter().find(|(open, _)| *open == before)?;
    let rest = text.get(first.start..)?;
    let inside = rest.get(..rest.find(*close)?)?.trim();
    let end = first.start + inside.len();
    let count = words.iter().skip(at).take_while(|word| word.start < end).count();
    // A single word in quotes is what it is without them.
    ((2..=MAX_QUOTED).contains(&count)).then(|| Found {
        sort: Sort::Quoted,
        from: at,
        to: at + count,
        value: inside.to_owned(),
    })
}

fn one(sort: Sort, at: usize, value: &str) -> Found {
    Found { sort, from: at, to: at + 1, value: value.to_owned() }
}

fn email(words: &[Word<'_>], at: usize) -> Option<Found> {
    let word = words.get(at)?.text;
    let (local, host) = word.split_once('@')?;
    (!local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.contains('@'))
        .then(|| one(Sort::Email, at, word))
}

fn lower<'a>(words: &'a [Word<'_>], at: usize) -> &'a str {
    words.get(at).map_or("", |word| word.lower.as_str())
}

fn month(word: &str) -> Option<usize> {
    let is = |month: &str| month == word || (word.len() >= 3 && word.len() <= 4 && month.starts_with(word));
    MONTHS.iter().position(|month| is(month)).map(|at| at + 1)
}

/// `3`, `3rd`.
fn day(word: &str) -> Option<u8> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

fn year(word: &str) -> Option<u16> {
    word.parse().ok().filter(|year| word.len() == 4 && (1900..=2199).contains(year))
}

fn span(sort: Sort, words: &[Word<'_>], from: usize, to: usize) -> Found {
    let texts = words.iter().skip(from).take(to - from).map(|word| word.text);
    Found { sort, from, to, value: texts.collect::<Vec<_>>().join(" ") }
}

/// Days as people write them. With a day, a month and a year the value is an ISO 8601 date, else what was written: what
/// day tomorrow is, is not known here.
fn date(words: &[Word<'_>], at: usize) -> Option<Found> {
    let word = lower(words, at);
    if value::date(words.get(at)?.text).is_some() || is_slashed(word) {
        return Some(one(Sort::Date, at, words.get(at)?.text));
    }
    if matches!(word, "today" | "tomorrow" | "tonight") || DAYS.contains(&word) {
        return Some(span(Sort::Date, words, at, at + 1));
    }
    if matches!(word, "next" | "this" | "coming")
        && (DAYS.contains(&lower(words, at + 1)) || lower(words, at + 1) == "week")
    {
        return Some(span(Sort::Date, words, at, at + 2));
    }
    // `3 March`, `3rd of March 2026`, `March 3, 2026`.
    let (day, month, to) = if let Some(day) = day(word) {
        let next = at + 1 + usize::from(lower(words, at + 1) == "of");
        (day, month(lower(words, next))?, next + 1)
    } else {
        (day(lower(words, at + 1))?, month(word)?, at + 2)
    };
    Some(match year(lower(words, to)) {
        Some(year) => Found { sort: Sort::Date, from: at, to: to + 1, value: format!("{year}-{month:02}-{day:02}") },
        None => span(Sort::Date, words, at, to),
    })
}

/// `03/04/2026`, `3.4.2026`, `3/4`: left as it is, because which is the month depends on the country.
fn is_slashed(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '.']).collect();
    let numeric =
        parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && part.chars().all(|c| c.is_ascii_digit()));
    numeric && (parts.len() == 3 || (parts.len() == 2 && word.contains('/')))
}

fn time(words: &[Word<'_>], at: usize) -> Option<Found> {
    let word = lower(words, at);
    if matches!(word, "noon" | "midday" | "midnight") {
        return Some(one(Sort::Time, at, word));
    }
    let bare = ["am", "pm"].iter().find_map(|half| word.strip_suffix(half));
    let is_clock = |text: &str| {
        text.split_once([':', '.']).is_some_and(|(hours, minutes)| {
            minutes.len() == 2
                && hours.parse::<u8>().is_ok_and(|hours| hours < 24)
                && minutes.parse::<u8>().is_ok_and(|minutes| minutes < 60)
        })
    };
    let is_hour = |text: &str| text.parse::<u8>().is_ok_and(|hour| (1..=12).contains(&hour));
    let half = matches!(lower(words, at + 1), "am" | "pm");
    if bare.is_some_and(|bare| is_hour(bare) || is_clock(bare)) || (word.contains(':') && is_clock(word) && !half) {
        Some(one(Sort::Time, at, word))
    } else {
        (half && (is_hour(word) || is_clock(word))).then(|| span(Sort::Time, words, at, at + 2))
    }
}

/// ISO 13616: two letters, two digits, then up to 30 more, written in groups of four.
fn iban(words: &[Word<'_>], at: usize) -> Option<Found> {
    let group = |at: usize| words.get(at).map_or("", |word| word.text);
    let mut letters = group(at).chars();
    let begins = letters.by_ref().take(2).all(|c| c.is_ascii_uppercase())
        && letters.by_ref().take(2).filter(char::is_ascii_digit).count() == 2;
    let whole = |text: &str| text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if !begins || !whole(group(at)) {
        return None;
    }
    let mut value = group(at).to_owned();
    let mut to = at + 1;
    while value.len() % 4 == 0 && !group(to).is_empty() && group(to).len() <= 4 && whole(group(to)) && value.len() < 34
    {
        value.push_str(group(to));
        to += 1;
    }
    (to > at + 1 && (15..=34).contains(&value.len())).then_some(Found { sort: Sort::Code, from: at, to, value })
}

/// ITU-T E.123: a `+`, or groups of digits, 7 to 15 digits in all.
fn phone(words: &[Word<'_>], at: usize) -> Option<Found> {
    let is_group = |word: &Word<'_>| {
        word.text.chars().all(|c| c.is_ascii_digit() || "+-()./".contains(c))
            && word.text.chars().any(|c| c.is_ascii_digit())
    };
    let plus = words.get(at)?.text.starts_with('+');
    let mut to = at;
    while let Some(word) = words.get(to).filter(|word| is_group(word) && (to == at || !word.text.starts_with('+'))) {
        to += 1;
        if word.stop.is_some() {
            break;
        }
    }
    let all = span(Sort::Phone, words, at, to.max(at));
    let digits = all.value.chars().filter(char::is_ascii_digit).count();
    let grouped = to > at + 1 || all.value.matches('-').count() >= 2;
    ((7..=15).contains(&digits) && (plus || grouped)).then_some(all)
}

fn number(text: &str, words: &[Word<'_>], at: usize) -> Option<Found> {
    let word = words.get(at)?;
    if let Some(count) = COUNTS.iter().position(|count| *count == word.lower).filter(|count| *count > 0) {
        return Some(one(Sort::Number, at, &(count + 1).to_string()));
    }
    let bare = word.text.trim_matches(|c: char| "$€£¥₹%".contains(c)).trim_end_matches(".-");
    let units = ["eur", "usd", "gbp", "chf", "k"].iter().find_map(|unit| {
        let lower = bare.len().checked_sub(unit.len())?;
        bare.get(lower..).filter(|end| end.eq_ignore_ascii_case(unit)).and(bare.get(..lower))
    });
    let thousands = |text: &str| {
        let whole = text.split('.').next().unwrap_or_default();
        let mut groups = whole.split(',');
        groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
    };
    let plain = units.filter(|_| !bare.ends_with(['k', 'K'])).unwrap_or(bare);
    let digits = if plain.contains(',') && thousands(plain) { plain.replace(',', "") } else { plain.to_owned() };
    let simple = digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-') && digits.parse::<f64>().is_ok();
    let marked = text.get(..word.start).is_some_and(|before| before.ends_with('#'));
    (simple && !marked && digits.len() <= 15).then(|| one(Sort::Number, at, &digits))
}

fn code(words: &[Word<'_>], at: usize) -> Option<Found> {
    let word = words.get(at)?;
    let fits = word.text.chars().all(|c| c.is_alphanumeric() || "-_/.".contains(c))
        && word.text.chars().any(|c| c.is_ascii_digit())
        && !["st", "nd", "rd", "th"]
            .iter()
            .any(|end| word.lower.strip_suffix(end).is_some_and(|day| day.parse::<u8>().is_ok()));
    fits.then(|| one(Sort::Code, at, word.text))
}

#[cfg(test)]
mod tests {
    use super::{Sort, found, words};

    fn sorts(text: &str) -> Vec<(Sort, String)> {
        let words = words(text);
        let all = found(text, &words).into_iter();
        // What has the form of a number has that of a code too.
        all.filter(|found| !(found.sort == Sort::Code && found.value.parse::<f64>().is_ok()))
            .map(|found| (found.sort, found.value))
            .collect()
    }

    #[test]
    fn values_are_told_by_their_form() {
        for (text, sort, value) in [
            ("order NW-1042?", Sort::Code, "NW-1042"),
            ("(mail me@a.example)", Sort::Email, "me@a.example"),
            ("call +44 20 7946 0000.", Sort::Phone, "+44 20 7946 0000"),
            ("call 555-010-9999", Sort::Phone, "555-010-9999"),
            ("on 2026-03-03", Sort::Date, "2026-03-03"),
            ("on the 3rd of March 2026", Sort::Date, "2026-03-03"),
            ("on March 3, please", Sort::Date, "March 3"),
            ("next Friday", Sort::Date, "next Friday"),
            ("by 03/04/2026", Sort::Date, "03/04/2026"),
            ("at 10:30", Sort::Time, "10:30"),
            ("at 4 pm", Sort::Time, "4 pm"),
            ("pay $1,250.50", Sort::Number, "1250.50"),
            ("pay 50€", Sort::Number, "50"),
            ("for two", Sort::Number, "2"),
            ("to DE89 3704 0044 0532 0130 00 now", Sort::Code, "DE89370400440532013000"),
            ("write \"hello you\" there", Sort::Quoted, "hello you"),
        ] {
            assert_eq!(sorts(text), [(sort, value.to_owned())], "{text}");
        }
        assert_eq!(sorts("I may come one day, on the march"), []);
    }
}
