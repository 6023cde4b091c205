//! One-time codes: drawing them, and reading what a person typed.

use core::ops::RangeInclusive;

use rand::{CryptoRng, RngCore};
use unicode_normalization::UnicodeNormalization;

/// How many digits a code may have.
pub const DIGITS: RangeInclusive<u8> = 6..=10;

/// The most bytes of typed text that are looked at: a pasted page is no code.
const MAX_TYPED_BYTES: usize = 256;

/// A code on its way into a mail. It has no `Debug`, `Display`, `Serialize` or `Clone`: it goes out once.
pub struct Code(String);

impl Code {
    /// The digits, for the mail and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Draws a code of this many digits, held to [`DIGITS`]. Every code is as likely as every other; leading zeros count.
///
/// Rejection sampling: a byte of 250 or more is thrown away, because 256 is no multiple of 10 and its remainder would
/// make 0 to 5 likelier (ASVS 6.5.3).
pub fn draw<R: RngCore + CryptoRng + ?Sized>(rng: &mut R, digits: u8) -> Code {
    let digits = usize::from(digits.clamp(*DIGITS.start(), *DIGITS.end()));
    let mut code = String::with_capacity(digits);
    let mut bytes = [0; 16];
    while code.len() < digits {
        rng.fill_bytes(&mut bytes);
        let fair = bytes.iter().filter(|byte| **byte < 250).map(|byte| char::from(b'0' + byte % 10));
        code.extend(fair.take(digits - code.len()));
    }
    Code(code)
}

/// Reads a typed or pasted code as ASCII digits.
///
/// Spaces, dashes and invisible marks are dropped (mails and keyboards add them), full-width and other scripts' digits
/// become ASCII ones. `None` when anything else is in it or the number of digits is not in `digits_allowed`.
pub fn read(typed: &str, digits_allowed: RangeInclusive<u8>) -> Option<String> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let kept = typed.nfkc().filter(|c| !is_dropped(*c));
    let code = kept.map(ascii_digit).collect::<Option<String>>()?;
    digits_allowed.contains(&u8::try_from(code.len()).ok()?).then_some(code)
}

/// Spaces of every width, dashes, and marks without width: soft hyphen, zero-width spaces, direction marks (a code
/// copied from a right-to-left mail carries them), byte order mark.
fn is_dropped(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{AD}' | '\u{200B}'..='\u{200F}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The ASCII digit of a decimal digit. NFKC has made full-width, superscript and mathematical ones ASCII already; the
/// scripts below have digits of their own that NFKC keeps.
pub(crate) fn ascii_digit(c: char) -> Option<char> {
    const ZEROS: [char; 8] = [
        '0', '\u{660}',  // Arabic-Indic
        '\u{6F0}',  // Persian, Urdu
        '\u{966}',  // Devanagari
        '\u{9E6}',  // Bengali
        '\u{E50}',  // Thai
        '\u{1040}', // Burmese
        '\u{17E0}', // Khmer
    ];
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::{DIGITS, draw, read};

    /// Pearson's statistic against equal expectation.
    fn chi_square(counts: &[u32]) -> f64 {
        let expected = counts.iter().map(|count| f64::from(*count)).sum::<f64>() / counts.len() as f64;
        counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    }

    /// R1. The bounds are the quantiles of chi-square at p = 0.001 for 9 and 999 degrees of freedom.
    #[test]
    fn codes_are_uniform_in_every_position_and_bucket() {
        let mut rng = StdRng::seed_from_u64(20_261_121);
        let (mut positions, mut buckets) = ([[0_u32; 10]; 6], vec![0_u32; 1000]);
        for _ in 0..1_000_000 {
            let code = draw(&mut rng, 6);
            let digits: Vec<usize> = code.expose().bytes().map(|b| usize::from(b - b'0')).collect();
            for (counts, digit) in positions.iter_mut().zip(&digits) {
                counts[*digit] += 1;
            }
            buckets[digits[0] * 100 + digits[1] * 10 + digits[2]] += 1;
        }
        for counts in &positions {
            assert!(chi_square(counts) < 27.88, "{counts:?}");
        }
        assert!(chi_square(&buckets) < 1142.85, "{}", chi_square(&buckets));
    }

    #[test]
    fn a_code_has_as_many_digits_as_asked_within_six_to_ten() {
        let mut rng = StdRng::seed_from_u64(1);
        for (asked, got) in [(0, 6), (5, 6), (6, 6), (8, 8), (10, 10), (11, 10), (255, 10)] {
            for _ in 0..200 {
                let code = draw(&mut rng, asked);
                assert_eq!(code.expose().len(), got);
                assert_eq!(read(code.expose(), DIGITS).as_deref(), Some(code.expose()));
            }
        }
    }

    #[test]
    fn a_code_reads_however_it_was_pasted() {
        for typed in [
            "012345",
            " 012 345 ",
            "012-345",
            "0 1 2 3 4 5",
            "012\u{a0}345",
            "012\u{202f}345",
            "012–345",
            "012−345",
            "０１２３４５",
            "٠١٢٣٤٥",
            "۰۱۲۳۴۵",
            "०१२३४५",
            "๐๑๒๓๔๕",
            "\u{200f}012345\u{200e}",
            "\u{feff}012345\n",
            "012\u{ad}345",
            "012\u{200b}345",
            "⁰¹²³⁴⁵",
            "𝟎𝟏𝟐𝟑𝟒𝟓",
            "٠1２۳𝟒5",
        ] {
            assert_eq!(read(typed, DIGITS).as_deref(), Some("012345"), "{typed:?}");
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        for typed in [
            "",
            " ",
            "12345",
            "12345678901",
            "12345a",
            "12.345",
            "+123456",
            "0x1234",
            "1e5000",
            "null",
            "①②③④⑤⑥⑦½",
            "12345\0",
            "123456'",
            "١٢٣٤٥",
            "Ⅷ23456",
            "一二三四五六",
        ] {
            assert_eq!(read(typed, DIGITS), None, "{typed:?}");
        }
        assert_eq!(read(&"1 ".repeat(200), DIGITS), None);
        assert_eq!(read("1234567", 6..=6), None);
        assert_eq!(read("1234567", 6..=8).as_deref(), Some("1234567"));
    }

    proptest! {
        #[test]
        fn reading_never_gives_anything_but_digits(typed in "\\PC{0,40}") {
            if let Some(code) = read(&typed, DIGITS) {
                prop_assert_eq!(code.bytes().filter(u8::is_ascii_digit).count(), code.len());
                prop_assert_eq!((6..=10).contains(&code.len()), true);
            }
        }
    }
}
