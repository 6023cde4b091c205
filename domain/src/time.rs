//! Instants as the edge hands them in. Nothing here asks a clock.

use serde::{Deserialize, Serialize};

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (Unix time). Serialized as the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// This many milliseconds later; stays at the end of time instead of wrapping, as all the others do.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This many seconds later.
    pub const fn plus_s(self, seconds: u64) -> Self {
        self.plus_ms(seconds.saturating_mul(SECOND))
    }

    /// This many minutes later.
    pub const fn plus_minutes(self, minutes: u64) -> Self {
        self.plus_ms(minutes.saturating_mul(MINUTE))
    }

    /// This many hours later.
    pub const fn plus_hours(self, hours: u64) -> Self {
        self.plus_ms(hours.saturating_mul(HOUR))
    }

    /// Milliseconds from `earlier` to here; 0 when `earlier` is later, because a clock may step back.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds since the epoch, rounded down: the `NumericDate` of RFC 7519.
    pub const fn secs(self) -> u64 {
        self.0 / SECOND
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T12:00:00.000Z`. After the year 9999 the year has more digits.
    ///
    /// The calendar is a few lines of integer arithmetic (years begin in March, 400 years are 146,097 days); a date
    /// library would be the largest dependency of this crate for one format.
    pub fn rfc3339(self) -> String {
        let since_march = self.0 / DAY + 719_468; // days since 0000-03-01
        let (era, day_of_era) = (since_march / 146_097, since_march % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153; // 0 is March
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let in_day = self.0 % DAY;
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
            in_day / HOUR,
            in_day % HOUR / MINUTE,
            in_day % MINUTE / SECOND,
            in_day % SECOND
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{DAY, Millis};

    #[test]
    fn known_instants_read_as_the_calendar_says() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_000_000_000_000, "2001-09-09T01:46:40.000Z"),
            (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
            (1_795_262_400_000, "2026-11-21T12:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Millis(ms).rfc3339(), text);
        }
    }

    #[test]
    fn arithmetic_stays_inside_its_type() {
        assert_eq!(Millis(5).since(Millis(9)), 0);
        assert_eq!(Millis(u64::MAX).plus_hours(u64::MAX), Millis(u64::MAX));
        assert_eq!(Millis(0).plus_s(1).plus_minutes(1).plus_hours(1).plus_ms(1), Millis(3_661_001));
        assert_eq!(Millis(1_999).secs(), 1);
        assert!(!Millis(u64::MAX).rfc3339().is_empty());
    }

    /// A slow calendar that counts day by day, as a second opinion.
    fn counted(mut days: u64) -> (u64, u64, u64) {
        let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let mut year = 1970;
        while days >= 365 + u64::from(leap(year)) {
            days -= 365 + u64::from(leap(year));
            year += 1;
        }
        let months = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while days >= months[month] {
            days -= months[month];
            month += 1;
        }
        (year, month as u64 + 1, days + 1)
    }

    proptest! {
        #[test]
        fn every_day_is_the_day_that_counting_finds(days in 0_u64..2_000_000) {
            let (year, month, day) = counted(days);
            prop_assert_eq!(Millis(days * DAY).rfc3339(), format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z"));
        }

        #[test]
        fn text_sorts_as_time_does(a in 0_u64..253_402_300_799_999, b in 0_u64..253_402_300_799_999) {
            prop_assert!(a.cmp(&b) == Millis(a).rfc3339().cmp(&Millis(b).rfc3339()));
        }
    }
}
