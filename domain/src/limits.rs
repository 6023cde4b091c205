//! Limits as arithmetic: how often something may happen, counted before it does (R14, R8).

mod breaker;
mod health;
mod table;
#[cfg(test)]
mod tests;

use core::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use shared::admin::odds;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

pub use self::breaker::{Breaker, Failed};
pub use self::health::Health;
pub use self::table::{ALL, Listed};
use crate::text::{is_blank, is_invisible};
use crate::time::Millis;

/// One bound on how often something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// At most `limit` in any `period_ms`, wherever the period begins (a sliding log, not a calendar hour).
    Window {
        /// How many.
        limit: u32,
        /// In how many milliseconds.
        period_ms: u64,
    },
    /// `burst` at once, then one more for every `every_ms` that pass.
    Bucket {
        /// How many at once.
        burst: u32,
        /// Milliseconds for one more.
        every_ms: u64,
    },
}

impl Rule {
    /// At most `limit` in any `seconds`.
    pub const fn per_s(limit: u32, seconds: u64) -> Self {
        Self::Window { limit, period_ms: seconds * 1000 }
    }

    /// At least this many milliseconds between two.
    pub const fn min_gap_ms(gap: u64) -> Self {
        Self::Window { limit: 1, period_ms: gap }
    }
}

/// The rules for one thing; all of them must allow it.
pub type Budget = &'static [Rule];

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;

/// Between two mails to one address, whoever asks: a minute. Apart from [`EMAIL_RECIPIENT`], because a mail that was not
/// taken gives the minute back, but counts: it may have gone out all the same.
pub const EMAIL_GAP: Budget = &[Rule::min_gap_ms(MINUTE_S * 1000)];
/// Mails to one address, whoever asks: 5 an hour, 10 a day.
pub const EMAIL_RECIPIENT: Budget = &[Rule::per_s(5, HOUR_S), Rule::per_s(10, DAY_S)];
/// Mails out of one conversation: 2, then one in 5 minutes.
pub const EMAIL_CONVERSATION: Budget = &[Rule::Bucket { burst: 2, every_ms: 5 * MINUTE_S * 1000 }];
/// Mails asked for from one client address: 20 an hour.
pub const EMAIL_IP: Budget = &[Rule::per_s(20, HOUR_S)];
/// Messages to one number, by whatever channel and whoever asks: 3 in 10 minutes, 5 a day (R15).
pub const PHONE_NUMBER: Budget = &[Rule::per_s(3, 10 * MINUTE_S), Rule::per_s(5, DAY_S)];
/// Messages to all numbers that differ in the last four digits alone: 10 an hour. Numbers are bought in blocks (R15).
pub const PHONE_PREFIX: Budget = &[Rule::per_s(10, HOUR_S)];
/// Messages out of one conversation: as mails.
pub const PHONE_CONVERSATION: Budget = EMAIL_CONVERSATION;
/// Messages asked for from one client address: as mails.
pub const PHONE_IP: Budget = EMAIL_IP;
/// Messages of a day (UTC) to one calling code that is not that of the agent's first country; that one has the whole day's
/// budget of the agent (R15).
pub const PHONE_DIAL_CODE_DAY: u32 = 100;
/// Evaluated guesses against one identity over all conversations, at codes of any length: 25 a day (R8).
pub const GUESS_IDENTITY: Budget = &[Rule::per_s(odds::GUESSES_A_DAY, DAY_S)];
/// Those of them at codes of fewer than 8 digits: 15 a day. New codes have 8 digits from then on, so that the last ten
/// guesses of a day are worth a hundredth each (R8).
pub const GUESS_SHORT: Budget = &[Rule::per_s(odds::SHORT_GUESSES_A_DAY, DAY_S)];
/// Look-ups of one conversation that proved nobody: 5 in 15 minutes. Counted before the look, hit or miss, and given back
/// when somebody is proved (R17).
pub const LOOKUP_CONVERSATION: Budget = &[Rule::per_s(5, 15 * MINUTE_S)];
/// Look-ups from one client address: 20 an hour, whatever came of them (R17).
pub const LOOKUP_IP: Budget = &[Rule::per_s(20, HOUR_S)];
/// Look-ups of one agent that proved nobody: 200 an hour; given back likewise (R17).
pub const LOOKUP_AGENT: Budget = &[Rule::per_s(200, HOUR_S)];
/// Codes asked for from one client address while the agent's alarm is on: 5 an hour (R9).
pub const ALARM_IP: Budget = &[Rule::per_s(5, HOUR_S)];
/// Between two codes to an identity that this browser proved before: a minute, whatever strangers ask for (R12).
pub const KNOWN_GAP: Budget = &[Rule::min_gap_ms(MINUTE_S * 1000)];
/// Codes to an identity asked for by a browser that proved it before: 5 a day (R12).
pub const KNOWN_RECIPIENT: Budget = &[Rule::per_s(5, DAY_S)];
/// Codes to an identity asked for by all browsers together that proved it before: 5 a day. Each login of a browser that shows
/// no cookie makes one more of them, which must not bring more codes (R12).
pub const KNOWN_RECIPIENT_ALL: Budget = &[Rule::per_s(5, DAY_S)];
/// Look-ups of a record by a browser that proved it before: 5 in 15 minutes (R12).
pub const KNOWN_LOOKUP: Budget = &[Rule::per_s(5, 15 * MINUTE_S)];
/// Evaluated guesses against one identity from one browser that proved it before: 5 a day (R12).
pub const KNOWN_GUESS: Budget = &[Rule::per_s(5, DAY_S)];
/// Evaluated guesses against one identity from all browsers together that proved it before: 15 a day (R8).
pub const KNOWN_GUESS_ALL: Budget = &[Rule::per_s(15, DAY_S)];
/// Requests that a member lets the edge send to an address of their choice: test runs, looks at pages. 60 in 10 minutes.
pub const CONSOLE_CALL: Budget = &[Rule::per_s(60, 600)];
/// Visits from one client address: 120 an hour.
pub const VISIT_IP: Budget = &[Rule::per_s(120, HOUR_S)];
/// Logins with one user name of one login action that proved nobody: 5 in 15 minutes. Counted before the call and given
/// back when somebody is proved, of all steps of that login; not when its first step was accepted (R18).
pub const LOGIN_NAME: Budget = &[Rule::per_s(5, 15 * MINUTE_S)];
/// Login actions called from one client address: 20 an hour, accepted or not (R18).
pub const LOGIN_IP: Budget = &[Rule::per_s(20, HOUR_S)];
/// Login actions called for one agent that proved nobody: 1,000 a day; given back likewise (R18).
pub const LOGIN_AGENT: Budget = &[Rule::per_s(1_000, DAY_S)];
/// Answers of passkeys in one conversation, accepted or not: 10 in 15 minutes.
pub const PASSKEY_CONVERSATION: Budget = &[Rule::per_s(10, 15 * MINUTE_S)];
/// Answers of passkeys from one client address: 60 an hour.
pub const PASSKEY_IP: Budget = &[Rule::per_s(60, HOUR_S)];
/// Windows to a provider opened from one conversation: 10, then one in 30 seconds. Each may cost one exchange.
pub const WINDOW_CONVERSATION: Budget = &[Rule::Bucket { burst: 10, every_ms: 30_000 }];
/// Windows to a provider opened from one client address: 60 an hour.
pub const WINDOW_IP: Budget = &[Rule::per_s(60, HOUR_S)];
/// Windows that come back from a provider to one client address: as many. Counted before their conversation is asked.
pub const WINDOW_BACK_IP: Budget = WINDOW_IP;
/// Uses of one host token, by its `jti`: one in two hours, which is longer than a token lives (R41).
pub const HOST_TOKEN: Budget = &[Rule::per_s(1, 2 * HOUR_S)];
/// Host tokens shown from one client address, good or not: 60 an hour. Each is read with keys that are opened for it.
pub const HOST_IP: Budget = &[Rule::per_s(60, HOUR_S)];
/// Messages that a member has sent as a test: 10 an hour.
pub const TEST_MESSAGE: Budget = &[Rule::per_s(10, HOUR_S)];
/// Questions to the models of one agent as a test: 30 an hour.
pub const MODEL_CHECK: Budget = &[Rule::per_s(30, HOUR_S)];
/// Invitations to the console mailed to one address, whoever invites: 5 a day.
pub const INVITE_ADDRESS: Budget = &[Rule::per_s(5, DAY_S)];
/// Invitations that one member sends: 30 a day.
pub const INVITE_MEMBER: Budget = &[Rule::per_s(30, DAY_S)];
/// Messages of one conversation: 10, then one a second.
pub const MESSAGE: Budget = &[Rule::Bucket { burst: 10, every_ms: 1000 }];

/// It is too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooOften {
    /// Seconds, at least 1, after which the same may pass if nothing else takes it first.
    pub retry_after_s: u32,
}

/// What was counted so far for one key. Always taken with the same budget; store it after every take.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// When it happened, oldest first, no longer ago than the longest window: never more than that window's limit.
    #[serde(default)]
    times: Vec<u64>,
    /// For each bucket of the budget, in order: when it is full again. (A log would not do: a bucket that is drained
    /// steadily remembers a burst for ever. This is the generic cell rate algorithm of ITU-T I.371.)
    #[serde(default)]
    full_at: Vec<u64>,
}

impl Tally {
    /// Counts one, if every rule allows it now. What is refused is not counted, so that trying does not prolong a wait.
    ///
    /// # Errors
    /// [`TooOften`] with the longest wait of all rules.
    pub fn take(&mut self, rules: &[Rule], now: Millis) -> Result<(), TooOften> {
        self.check(rules, now)?;
        let mut longest = 0;
        let mut buckets = Vec::new();
        let mut before = self.full_at.iter().copied();
        for rule in rules {
            match *rule {
                Rule::Window { period_ms, .. } => longest = longest.max(period_ms),
                Rule::Bucket { every_ms, .. } => {
                    buckets.push(before.next().unwrap_or(0).max(now.0).saturating_add(every_ms));
                }
            }
        }
        self.full_at = buckets;
        // Sorted, because a clock that stepped back must not hide newer entries behind an older one.
        let at = self.times.partition_point(|time| *time <= now.0);
        self.times.insert(at, now.0);
        self.times.retain(|time| now.0.saturating_sub(*time) < longest);
        Ok(())
    }

    /// Takes the newest use back: what was counted for did not happen. Only for uses whose outcome is known.
    pub fn give_back(&mut self, rules: &[Rule]) {
        self.times.pop();
        let every = rules.iter().filter_map(|rule| match *rule {
            Rule::Bucket { every_ms, .. } => Some(every_ms),
            Rule::Window { .. } => None,
        });
        for (full_at, every_ms) in self.full_at.iter_mut().zip(every) {
            *full_at = full_at.saturating_sub(every_ms);
        }
    }

    /// Whether one more would be allowed now; counts nothing.
    ///
    /// # Errors
    /// [`TooOften`] as [`Tally::take`] would say.
    pub fn check(&self, rules: &[Rule], now: Millis) -> Result<(), TooOften> {
        let mut full_at = self.full_at.iter().copied();
        let mut wait = 0;
        for rule in rules {
            wait = wait.max(match *rule {
                Rule::Window { limit, period_ms } => self.window_wait(limit, period_ms, now),
                Rule::Bucket { burst, every_ms } => {
                    let ahead = full_at.next().unwrap_or(0).saturating_sub(now.0).saturating_add(every_ms);
                    ahead.saturating_sub(u64::from(burst).saturating_mul(every_ms))
                }
            });
        }
        if wait == 0 {
            return Ok(());
        }
        Err(TooOften { retry_after_s: u32::try_from(wait.div_ceil(1000)).unwrap_or(u32::MAX) })
    }

    /// Milliseconds until the window has room: until the oldest of its newest `limit` entries leaves it.
    fn window_wait(&self, limit: u32, period_ms: u64, now: Millis) -> u64 {
        let Some(nth) = (limit as usize).checked_sub(1) else { return period_ms };
        let Some(time) = self.times.iter().rev().nth(nth) else { return 0 };
        time.saturating_add(period_ms).saturating_sub(now.0)
    }

    /// From when on this tally holds nothing that still counts: it may be deleted then.
    pub fn forgotten_at(&self, rules: &[Rule]) -> Millis {
        let periods = rules.iter().map(|rule| match *rule {
            Rule::Window { period_ms, .. } => period_ms,
            Rule::Bucket { .. } => 0,
        });
        let windows = self.times.last().map_or(0, |last| last.saturating_add(periods.max().unwrap_or(0)));
        Millis(self.full_at.iter().copied().max().unwrap_or(0).max(windows))
    }
}

/// What was used of a budget that begins anew with each day (UTC), such as model tokens (R59). Store it after every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meter {
    /// Days since 1970-01-01.
    day: u64,
    /// How much of it.
    used: u64,
}

impl Meter {
    /// Uses up `amount`, if the day has it left of `most`. What is refused is not counted.
    ///
    /// # Errors
    /// [`TooOften`] until the next day begins. An amount over `most` is refused every day.
    pub fn spend(&mut self, amount: u32, most: u32, now: Millis) -> Result<(), TooOften> {
        let used = self.used(now).saturating_add(u64::from(amount));
        if used > u64::from(most) {
            let left_s = DAY_S - now.secs() % DAY_S;
            return Err(TooOften { retry_after_s: u32::try_from(left_s).unwrap_or(u32::MAX) });
        }
        *self = Self { day: day(now), used };
        Ok(())
    }

    /// Puts what it really came to in place of an estimate that was spent at `spent_at`. It may go over the budget: it
    /// was used. An estimate of a day that is over is left alone; what was used belongs to that day.
    pub fn adjust(&mut self, estimate: u32, real: u32, spent_at: Millis) {
        if day(spent_at) == self.day {
            self.used = self.used.saturating_sub(u64::from(estimate)).saturating_add(u64::from(real));
        }
    }

    /// How much of the day's budget is used. A clock that stepped back frees nothing.
    pub fn used(&self, now: Millis) -> u64 {
        if day(now) > self.day { 0 } else { self.used }
    }
}

fn day(at: Millis) -> u64 {
    at.secs() / DAY_S
}

/// The key under which logins with one user name are limited ([`LOGIN_NAME`]): the action and the name in one spelling,
/// so that `Ann`, `ann `, `A n n` and `Ánn` share a budget. Databases compare names more loosely than programs do, and
/// every spelling that finds the same account would else bring five more guesses.
///
/// The spelling: NFKD without combining marks, upper and then lower case, and nothing that is blank, invisible or ignored.
pub fn login_key(action: &str, user_name: &str) -> String {
    let is_seen = |c: &char| !(c.is_whitespace() || is_combining_mark(*c) || is_invisible(*c) || is_blank(*c));
    let folded = user_name.nfkd().filter(is_seen).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    // Some letters fall into a letter and a mark when their case changes.
    let name: String = folded.nfkd().filter(is_seen).collect();
    format!("{action}\n{name}")
}

/// The key under which a client address is limited (R16): IPv4 as it is, IPv6 by its /64 (one subscriber has all of
/// it), IPv4-mapped IPv6 (RFC 4291, section 2.5.5.2) as IPv4. Unreadable text shares one key, so that a malformed
/// header is limited like everybody instead of not at all.
pub fn client_key(ip: &str) -> String {
    match ip.trim_ascii().parse() {
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Ok(IpAddr::V6(v6)) => v6.to_ipv4_mapped().map_or_else(|| prefix_64(v6), |v4| v4.to_string()),
        Err(_) => "unknown".to_owned(),
    }
}

fn prefix_64(v6: Ipv6Addr) -> String {
    let [a, b, c, d, ..] = v6.segments();
    format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
}
