//! Counting tests from what cargo and Node say.

use std::fmt;

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, or tiers that could not run.
    pub failed: u64,
    /// Tests that were left out.
    pub skipped: u64,
}

impl Tally {
    /// Something that should have been run could not be.
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// Adds another count.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// A program that ended badly without a test that failed (it did not compile, say) is a failure too.
    pub fn judge(self, success: bool) -> Self {
        if success || self.failed > 0 { self } else { Self { failed: 1, ..self } }
    }

    /// The count in a line of `cargo test`; nothing in most lines.
    pub fn of_cargo(line: &str) -> Self {
        let Some((_, counts)) = line.split_once("test result: ").and_then(|(_, rest)| rest.split_once(". ")) else {
            return Self::default();
        };
        let count = |word: &str| {
            let part = counts.split("; ").find_map(|part| part.strip_suffix(word));
            part.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        Self { passed: count("passed"), failed: count("failed"), skipped: count("ignored") }
    }

    /// The count at the end of a TAP report of `node --test`.
    pub fn of_tap(report: &str) -> Self {
        let count = |word: &str| {
            let line =
                report.lines().rev().find_map(|line| line.strip_prefix("# ")?.strip_prefix(word)?.strip_prefix(' '));
            line.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        Self {
            passed: count("pass"),
            failed: count("fail") + count("cancelled"),
            skipped: count("skipped") + count("todo"),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn cargos_result_lines_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_cargo(line), Tally { passed: 12, failed: 3, skipped: 1 });
        assert_eq!(Tally::of_cargo("test a_code_expires ... ok"), Tally::default());
    }

    #[test]
    fn the_end_of_a_tap_report_is_counted() {
        let report = "ok 1 - a\n# pass 99\n1..9\n# tests 9\n# suites 0\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 2\n# todo 0\n";
        assert_eq!(Tally::of_tap(report), Tally { passed: 5, failed: 2, skipped: 2 });
    }

    #[test]
    fn a_program_that_did_not_get_to_its_tests_has_failed() {
        assert_eq!(Tally::default().judge(false), Tally::FAILED);
        assert_eq!(Tally { failed: 2, ..Tally::default() }.judge(false).failed, 2);
        assert_eq!(Tally::default().judge(true), Tally::default());
    }

    #[test]
    fn what_was_skipped_is_said_only_when_there_is_something() {
        assert_eq!(Tally { passed: 3, failed: 0, skipped: 0 }.to_string(), "3 passed, 0 failed");
        assert_eq!(Tally { passed: 3, failed: 0, skipped: 2 }.to_string(), "3 passed, 0 failed, 2 skipped");
    }
}
