//! Reading a one-time code out of what was typed or pasted.

/// The fewest and most digits that a code has.
const DIGITS: core::ops::RangeInclusive<usize> = 6..=10;

/// The digits in `text`, at most `most`, as ASCII. Everything else is dropped, so a pasted `123 456`, `123-456` or
/// "Your code is 123456" works. Arabic, Persian and full-width digits count: a phone set to such a language types them.
pub fn digits(text: &str, most: usize) -> String {
    text.chars().filter_map(digit).take(most).collect()
}

/// The code, when the whole text is nothing but one: a visitor who types it into the chat instead of the card.
pub fn alone(text: &str) -> Option<String> {
    let only = text.trim().chars().all(|c| digit(c).is_some() || is_gap(c));
    let code = digits(text, usize::MAX);
    (only && DIGITS.contains(&code.len())).then_some(code)
}

/// The code of `length` digits in a message, and the message without it.
///
/// A code may be written with spaces or dashes between its digits; a longer number is another number.
pub fn taken_out(text: &str, length: usize) -> Option<(String, String)> {
    let mut begin = 0;
    while let Some(offset) = text.get(begin..)?.find(|c| digit(c).is_some()) {
        begin += offset;
        let run = number(text.get(begin..)?);
        let code = digits(run, usize::MAX);
        if code.len() == length {
            let before = text.get(..begin)?.trim_end();
            let after = text.get(begin + run.len()..)?.trim_start();
            return Some((code, [before, after].join(" ").trim().to_owned()));
        }
        begin += run.len();
    }
    None
}

/// The number at the beginning of a text, up to its last digit.
fn number(text: &str) -> &str {
    let end = text.find(|c| digit(c).is_none() && !is_gap(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim_end_matches(is_gap)
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '-' | '\u{a0}' | '\u{2013}')
}

fn digit(c: char) -> Option<char> {
    let value = match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        '\u{660}'..='\u{669}' => u32::from(c) - 0x660,
        '\u{6f0}'..='\u{6f9}' => u32::from(c) - 0x6f0,
        '\u{ff10}'..='\u{ff19}' => u32::from(c) - 0xff10,
        _ => return None,
    };
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_code_is_read_with_spaces_dashes_and_words() {
        for text in ["123456", "123 456", "123-456", " 1 2 3 4 5 6 ", "Your code is 123456.", "１２３４５６", "١٢٣٤٥٦"]
        {
            assert_eq!(digits(text, 6), "123456", "{text:?}");
        }
    }

    #[test]
    fn no_more_digits_than_the_code_has_are_taken() {
        assert_eq!(digits("1234567890", 6), "123456");
    }

    #[test]
    fn a_message_that_is_only_a_code_is_known_as_one() {
        assert_eq!(alone(" 123-456 ").as_deref(), Some("123456"));
        assert_eq!(alone("1234567890").as_deref(), Some("1234567890"));
    }

    #[test]
    fn a_code_is_taken_out_of_a_message() {
        let taken = |text| taken_out(text, 6);
        let some = |code: &str, rest: &str| Some((code.to_owned(), rest.to_owned()));
        assert_eq!(taken("my code is 123-456, where is it?"), some("123456", "my code is , where is it?"));
        assert_eq!(taken("order 77: code 123 456"), some("123456", "order 77: code"));
        assert_eq!(taken("123456"), some("123456", ""));
        assert_eq!(taken("order 1234567"), None);
        assert_eq!(taken("hello"), None);
    }

    #[test]
    fn a_message_that_says_more_than_a_code_is_a_message() {
        for text in ["", "12345", "12345678901", "my code is 123456", "order 123456", "123456?", "12:34:56"] {
            assert_eq!(alone(text), None, "{text:?}");
        }
    }
}
