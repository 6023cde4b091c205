//! The agent-wide breaker: wrong codes of a day, over all identities (R9).
//!
//! Budgets by identity do not touch somebody who guesses once at each of many: what they win is failures divided by a
//! million, whoever they guessed at. So the failures of an agent are counted as a whole, and above a bound its codes get
//! longer for the rest of the day.

use serde::{Deserialize, Serialize};

use super::{DAY_S, TooOften};
use crate::time::Millis;

/// Wrong codes of a day (UTC) that are still usual, whatever happened on the days before.
pub const MOST_A_DAY: u32 = 500;
/// How many times the mean of the days before is still usual.
pub const TIMES_USUAL: u32 = 20;
/// Wrong codes of a day that are always usual: on a quiet agent a few mistyped codes are many times the mean.
pub const LEAST_A_DAY: u32 = 100;
/// How many days before this one are looked at.
pub const DAYS: usize = 7;
/// Of so many days at least, else nothing is known of what is usual.
pub const LEAST_DAYS: usize = 3;

/// What came of counting a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It was counted.
    Counted,
    /// It was the one too many: the alarm is on from now on.
    Tripped,
    /// The alarm was on already.
    Alarmed,
}

/// Wrong codes of one agent. Store it after every change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Breaker {
    /// Days since 1970-01-01.
    day: u64,
    /// Wrong codes of this day.
    failed: u32,
    /// Of the days before, newest last; at most [`DAYS`].
    before: Vec<u32>,
    /// Whether the alarm is on until the day ends.
    alarm: bool,
}

impl Breaker {
    /// Counts a wrong code.
    pub fn failed(&mut self, now: Millis) -> Failed {
        self.turn_to(now);
        self.failed = self.failed.saturating_add(1);
        match (self.alarm, self.failed > self.bound()) {
            (true, _) => Failed::Alarmed,
            (false, true) => {
                self.alarm = true;
                Failed::Tripped
            }
            (false, false) => Failed::Counted,
        }
    }

    /// Whether the alarm is off.
    ///
    /// # Errors
    /// [`TooOften`] until the day ends.
    pub fn check(&self, now: Millis) -> Result<(), TooOften> {
        // A clock that stepped back does not turn it off.
        if !self.alarm || day(now) > self.day {
            return Ok(());
        }
        let left_s = DAY_S - now.secs() % DAY_S;
        Err(TooOften { retry_after_s: u32::try_from(left_s).unwrap_or(u32::MAX) })
    }

    /// The most wrong codes of this day that raise no alarm.
    pub fn bound(&self) -> u32 {
        let days = u32::try_from(self.before.len()).unwrap_or(u32::MAX);
        if self.before.len() < LEAST_DAYS {
            return MOST_A_DAY;
        }
        let sum = self.before.iter().fold(0_u32, |sum, failed| sum.saturating_add(*failed));
        (sum.saturating_mul(TIMES_USUAL) / days).clamp(LEAST_A_DAY, MOST_A_DAY)
    }

    fn turn_to(&mut self, now: Millis) {
        let today = day(now);
        if today <= self.day {
            return;
        }
        if self.day > 0 {
            // A day on which nothing failed is one of the days before, too.
            let quiet = usize::try_from(today - self.day - 1).unwrap_or(DAYS).min(DAYS);
            self.before.push(self.failed);
            self.before.extend(core::iter::repeat_n(0, quiet));
            let surplus = self.before.len().saturating_sub(DAYS);
            self.before.drain(..surplus);
        }
        (self.day, self.failed, self.alarm) = (today, 0, false);
    }
}

fn day(at: Millis) -> u64 {
    at.secs() / DAY_S
}

#[cfg(test)]
mod tests {
    use super::{Breaker, DAY_S, DAYS, Failed, LEAST_A_DAY, MOST_A_DAY, Millis};

    /// Noon.
    const NOW: Millis = Millis(1_795_262_400_000);

    fn fail(breaker: &mut Breaker, times: u32, at: Millis) -> Vec<Failed> {
        (0..times).map(|_| breaker.failed(at)).collect()
    }

    #[test]
    fn the_five_hundred_and_first_failure_of_a_day_trips_it_once() {
        let mut breaker = Breaker::default();
        assert!(fail(&mut breaker, MOST_A_DAY, NOW).iter().all(|one| *one == Failed::Counted));
        assert!(breaker.check(NOW).is_ok());
        assert_eq!(breaker.failed(NOW), Failed::Tripped);
        assert_eq!(breaker.failed(NOW), Failed::Alarmed);
        assert!(breaker.check(NOW).is_err());
    }

    #[test]
    fn it_is_on_until_the_day_ends_and_begins_anew_then() {
        let mut breaker = Breaker::default();
        fail(&mut breaker, 501, NOW);
        let midnight = Millis(NOW.0 - NOW.0 % (DAY_S * 1_000)).plus_hours(24);
        assert_eq!(breaker.check(Millis(midnight.0 - 1)).unwrap_err().retry_after_s, 1);
        assert!(breaker.check(midnight).is_ok());
        assert_eq!(breaker.failed(midnight), Failed::Counted);
        assert!(breaker.check(midnight).is_ok());
        assert!(breaker.check(NOW).is_ok(), "the alarm of a day that is over is over");
    }

    #[test]
    fn twenty_times_what_is_usual_trips_it_earlier() {
        let mut breaker = Breaker::default();
        for day in 0..5 {
            fail(&mut breaker, 10, NOW.plus_hours(24 * day));
        }
        let today = NOW.plus_hours(24 * 5);
        let all = fail(&mut breaker, 201, today);
        assert_eq!(all.iter().position(|one| *one == Failed::Tripped), Some(200));
    }

    #[test]
    fn a_quiet_agent_may_have_a_hundred_and_a_busy_one_no_more_than_five() {
        let mut breaker = Breaker::default();
        fail(&mut breaker, 1, NOW);
        breaker.failed(NOW.plus_hours(24 * 4));
        assert_eq!(breaker.bound(), LEAST_A_DAY);
        for day in 5..5 + DAYS as u64 {
            fail(&mut breaker, 400, NOW.plus_hours(24 * day));
        }
        breaker.failed(NOW.plus_hours(24 * 30));
        assert!(breaker.bound() <= MOST_A_DAY);
    }

    #[test]
    fn what_is_usual_is_not_known_after_a_day_or_two() {
        let mut breaker = Breaker::default();
        for day in 0..2 {
            fail(&mut breaker, 1, NOW.plus_hours(24 * day));
        }
        breaker.failed(NOW.plus_hours(48));
        assert_eq!(breaker.bound(), MOST_A_DAY);
        assert!(breaker.before.len() <= DAYS);
    }

    #[test]
    fn a_clock_that_steps_back_turns_nothing_off() {
        let mut breaker = Breaker::default();
        fail(&mut breaker, 501, NOW);
        assert!(breaker.check(Millis(NOW.0 - DAY_S * 1_000)).is_err());
        assert_eq!(breaker.failed(Millis(NOW.0 - DAY_S * 1_000)), Failed::Alarmed);
    }
}
