//! What a guesser wins, from the limits that hold: the same arithmetic in the rules, the documentation and the console.

/// Guesses that strangers have against one identity in a day, at codes of any length (R8).
pub const GUESSES_A_DAY: u32 = 25;

/// Those of them at codes of fewer than [`LONG_DIGITS`] digits: new codes are longer from then on (R8).
pub const SHORT_GUESSES_A_DAY: u32 = 15;

/// How long codes are, at least, once the short guesses of a day are used up.
pub const LONG_DIGITS: u8 = 8;

/// The probability that somebody who guesses at one person's codes all year, every day as often as the limits let them, is
/// right once; with one code of this many digits alive at a time.
pub fn of_a_year(digits: u8) -> f64 {
    let hit = |digits: u8| 10f64.powi(-i32::from(digits));
    let long = digits.max(LONG_DIGITS);
    let short = if digits < LONG_DIGITS { SHORT_GUESSES_A_DAY } else { 0 };
    let day = f64::from(short) * hit(digits) + f64::from(GUESSES_A_DAY - short) * hit(long);
    1.0 - (1.0 - day).powi(365)
}

#[cfg(test)]
mod tests {
    use super::of_a_year;

    #[test]
    fn it_is_what_the_documentation_says() {
        assert!((of_a_year(6) - 0.0055).abs() < 0.0001, "{}", of_a_year(6));
        assert!(of_a_year(7) < of_a_year(6) && of_a_year(8) < of_a_year(7) && of_a_year(10) < of_a_year(8));
        assert!((of_a_year(8) - 25e-8 * 365.0).abs() < 1e-6);
    }
}
