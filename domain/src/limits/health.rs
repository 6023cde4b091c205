//! How many of the codes that went to phones came back: whoever pumps messages for money types none in (R15).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::TooOften;
use crate::time::Millis;

/// Over how many messages is judged.
const WINDOW: usize = 50;
/// The least of them that must have been verified, in percent.
const LEAST_PERCENT: usize = 20;
/// How long a message has before it counts as not verified, milliseconds. Most people need one minute.
const SETTLE_MS: u64 = 120_000;
/// The first pause, milliseconds; each that follows without a good window in between is twice as long.
const PAUSE_MS: u64 = 3_600_000;
/// The longest pause, milliseconds.
const LONGEST_PAUSE_MS: u64 = 24 * 3_600_000;

/// The newest messages of an agent and whether their codes came back. Store it after every change.
///
/// A message counts once it is verified, two minutes old, or followed by 50 others: a rush of people who have their phone
/// in hand is no attack, and an attack cannot outrun the count by being fast.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Newest last, at most twice [`WINDOW`].
    sent: VecDeque<Message>,
    /// Nothing is sent before.
    #[serde(default)]
    paused_until: Millis,
    /// Pauses in a row.
    #[serde(default)]
    pauses: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Message {
    /// Whose code it is: the card's id.
    card: String,
    at: Millis,
    verified: bool,
}

impl Health {
    /// Whether sending goes on; counts nothing. Ask before other budgets are taken: what a pause refuses must not use up
    /// the day of those who come after it.
    ///
    /// # Errors
    /// [`TooOften`] until the pause ends, the same for everybody.
    pub fn check(&mut self, now: Millis) -> Result<(), TooOften> {
        self.judge(now);
        match self.paused_until.since(now) {
            0 => Ok(()),
            left_ms => Err(TooOften { retry_after_s: u32::try_from(left_ms.div_ceil(1_000)).unwrap_or(u32::MAX) }),
        }
    }

    /// Counts a message before it is sent, or refuses it while sending is paused.
    ///
    /// # Errors
    /// As [`Health::check`].
    pub fn sent(&mut self, card: &str, now: Millis) -> Result<(), TooOften> {
        self.check(now)?;
        self.sent.push_back(Message { card: card.to_owned(), at: now, verified: false });
        while self.sent.len() > 2 * WINDOW {
            self.sent.pop_front();
        }
        Ok(())
    }

    /// The newest code of this card came back. One that is not known changes nothing.
    pub fn verified(&mut self, card: &str) {
        if let Some(message) = self.sent.iter_mut().rev().find(|message| message.card == card) {
            message.verified = true;
        }
    }

    fn judge(&mut self, now: Millis) {
        let followed_by = self.sent.len();
        let counts = self.sent.iter().enumerate().filter(|(at, message)| {
            message.verified || now.since(message.at) >= SETTLE_MS || followed_by.saturating_sub(at + 1) >= WINDOW
        });
        let newest: Vec<bool> = counts.map(|(_, message)| message.verified).rev().take(WINDOW).collect();
        if newest.len() < WINDOW {
            return;
        }
        if newest.iter().filter(|verified| **verified).count() * 100 < WINDOW * LEAST_PERCENT {
            let pause = PAUSE_MS.saturating_mul(1 << self.pauses.min(5)).min(LONGEST_PAUSE_MS);
            // Judged anew afterwards: the same fifty must not stop the next ones for ever.
            *self =
                Self { sent: VecDeque::new(), paused_until: now.plus_ms(pause), pauses: self.pauses.saturating_add(1) };
        } else {
            self.pauses = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, Millis, TooOften};

    const NOW: Millis = Millis(1_795_262_400_000);

    /// Sends one a minute, of which every `nth` is verified; how many passed before a pause.
    fn passed(health: &mut Health, from: Millis, count: usize, nth: usize) -> usize {
        (0..count)
            .take_while(|at| {
                let card = at.to_string();
                let passes = health.sent(&card, from.plus_s(60 * *at as u64)).is_ok();
                if at % nth == 0 {
                    health.verified(&card);
                }
                passes
            })
            .count()
    }

    #[test]
    fn sending_stops_when_fewer_than_a_fifth_come_back() {
        assert_eq!(passed(&mut Health::default(), NOW, 500, 5), 500);
        let stopped = passed(&mut Health::default(), NOW, 500, 6);
        assert!((50..=60).contains(&stopped), "{stopped}");
    }

    #[test]
    fn an_attack_of_one_second_is_stopped_after_a_hundred() {
        let mut health = Health::default();
        let sent = (0..10_000).filter(|at| health.sent(&at.to_string(), NOW.plus_ms(at / 10)).is_ok()).count();
        assert_eq!(sent, 100);
    }

    #[test]
    fn people_who_all_come_at_once_and_verify_are_not_stopped() {
        let mut health = Health::default();
        for at in 0..90_u64 {
            assert!(health.sent(&at.to_string(), NOW.plus_s(at)).is_ok());
            if at >= 30 {
                health.verified(&(at - 30).to_string());
            }
        }
        assert!(health.sent("x", NOW.plus_s(100)).is_ok());
    }

    #[test]
    fn a_pause_says_how_long_ends_and_grows_while_nothing_gets_better() {
        let mut health = Health::default();
        let mut now = NOW;
        for hours in [1_u32, 2, 4, 8, 16, 24, 24] {
            while health.sent("x", now).is_ok() {
                now = now.plus_s(180);
            }
            let Err(TooOften { retry_after_s }) = health.sent("x", now) else { panic!() };
            assert_eq!(retry_after_s, hours * 3_600);
            assert!(health.sent("x", now.plus_s(u64::from(retry_after_s) - 1)).is_err());
            now = now.plus_s(u64::from(retry_after_s));
        }
        assert_eq!(passed(&mut health, now, 120, 1), 120);
        let end = now.plus_s(120 * 60);
        let mut later = end;
        while health.sent("y", later).is_ok() {
            later = later.plus_s(180);
        }
        assert_eq!(health.sent("y", later), Err(TooOften { retry_after_s: 3_600 }));
    }

    #[test]
    fn a_code_that_nobody_knows_verifies_nothing_and_one_counts_once() {
        let mut health = Health::default();
        health.verified("nobody");
        for _ in 0..50 {
            health.sent("one", NOW).unwrap();
        }
        for _ in 0..10 {
            health.verified("one");
        }
        assert!(health.sent("two", NOW.plus_s(121)).is_err());
    }

    #[test]
    fn it_survives_storage() {
        let mut health = Health::default();
        health.sent("one", NOW).unwrap();
        health.verified("one");
        let text = serde_json::to_string(&health).unwrap();
        assert_eq!(serde_json::from_str::<Health>(&text).unwrap(), health);
    }
}
