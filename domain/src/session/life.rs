//! When a session ends (K1, K3, K4, R25). Held by the edge at every use, by the settings of that moment.

use crate::agent::SessionLimits;
use crate::time::Millis;

/// The life of a session that lasts until its person signs out, days: as long as a browser keeps a cookie.
pub const UNTIL_SIGN_OUT_DAYS: u64 = 400;

/// The longest between an interaction and the writing down of the next, milliseconds.
const WRITE_AFTER_MS: u64 = 60_000;
const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// How long a session lasts by an agent's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It ends when nothing is done for a while, and at a fixed time whatever is done.
    Bounded {
        /// Milliseconds without an interaction after which it ends.
        inactivity_ms: u64,
        /// Milliseconds after its begin at which it ends.
        absolute_ms: u64,
    },
    /// It ends when its person says so, or does not come for [`UNTIL_SIGN_OUT_DAYS`].
    UntilSignOut,
}

impl Life {
    /// The limits, held to what is sound: 5 minutes to 30 days without anything done, an hour to 400 days in all.
    pub fn of(limits: &SessionLimits) -> Self {
        if limits.until_sign_out {
            return Self::UntilSignOut;
        }
        Self::Bounded {
            inactivity_ms: u64::from(limits.inactivity_minutes.clamp(5, 30 * 24 * 60)) * MINUTE_MS,
            absolute_ms: u64::from(limits.absolute_hours.clamp(1, 9_600)) * HOUR_MS,
        }
    }

    /// When a cookie that is signed now ends: sliding within it needs no other cookie, so that no two tabs race for one.
    pub fn cookie_end(self, created: Millis, now: Millis) -> Millis {
        match self {
            Self::Bounded { absolute_ms, .. } => created.plus_ms(absolute_ms),
            Self::UntilSignOut => now.plus_ms(UNTIL_SIGN_OUT_DAYS * DAY_MS),
        }
    }

    /// When a session ends if nothing more is done: it began at `created`, and something was last done at `seen`.
    pub fn ends_at(self, created: Millis, seen: Millis) -> Millis {
        match self {
            Self::Bounded { inactivity_ms, absolute_ms } => {
                seen.max(created).plus_ms(inactivity_ms).min(created.plus_ms(absolute_ms))
            }
            Self::UntilSignOut => seen.max(created).plus_ms(UNTIL_SIGN_OUT_DAYS * DAY_MS),
        }
    }

    /// From when on an interaction is written down again. Not each one is: a session ends earlier by this much at most,
    /// which is a minute or a twentieth of the limit.
    pub fn write_again_at(self, seen: Millis) -> Millis {
        let most = match self {
            Self::Bounded { inactivity_ms, .. } => inactivity_ms / 20,
            Self::UntilSignOut => WRITE_AFTER_MS,
        };
        seen.plus_ms(most.min(WRITE_AFTER_MS))
    }

    /// Whether a cookie that ends at `end` should be signed again to end later. Never to end earlier: of two answers that
    /// cross, the one that comes last must not take anything away.
    pub fn outgrew(self, end: Millis, created: Millis, now: Millis) -> bool {
        let slack = match self {
            // A token's times are whole seconds.
            Self::Bounded { .. } => 1_000,
            Self::UntilSignOut => DAY_MS,
        };
        self.cookie_end(created, now).since(end) >= slack
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, HOUR_MS, Life, MINUTE_MS, Millis, SessionLimits};

    const NOW: Millis = Millis(1_795_262_400_000);

    fn life(inactivity_minutes: u32, absolute_hours: u32) -> Life {
        Life::of(&SessionLimits { inactivity_minutes, absolute_hours, until_sign_out: false })
    }

    const FOREVER: SessionLimits = SessionLimits { inactivity_minutes: 5, absolute_hours: 1, until_sign_out: true };

    #[test]
    fn a_session_ends_when_nothing_is_done_or_its_time_is_over_whichever_is_first() {
        let life = life(30, 2);
        for (seen_min, ends_min) in [(0, 30), (10, 40), (89, 119), (90, 120), (100, 120), (119, 120)] {
            let seen = NOW.plus_minutes(seen_min);
            assert_eq!(life.ends_at(NOW, seen), NOW.plus_minutes(ends_min), "{seen_min}");
        }
        assert_eq!(life.ends_at(NOW, Millis(0)), NOW.plus_minutes(30), "a clock that stepped back takes nothing away");
        assert_eq!(life.cookie_end(NOW, NOW.plus_minutes(60)), NOW.plus_hours(2));
    }

    #[test]
    fn limits_are_held_to_what_is_sound() {
        let ms = |life: Life| match life {
            Life::Bounded { inactivity_ms, absolute_ms } => (inactivity_ms, absolute_ms),
            Life::UntilSignOut => (0, 0),
        };
        assert_eq!(ms(life(0, 0)), (5 * MINUTE_MS, HOUR_MS));
        assert_eq!(ms(life(4, 1)), (5 * MINUTE_MS, HOUR_MS));
        assert_eq!(ms(life(5, 9_600)), (5 * MINUTE_MS, 400 * DAY_MS));
        assert_eq!(ms(life(u32::MAX, u32::MAX)), (30 * DAY_MS, 400 * DAY_MS));
    }

    #[test]
    fn until_sign_out_ends_400_days_after_the_last_visit() {
        let life = Life::of(&FOREVER);
        let seen = NOW.plus_hours(24 * 300);
        assert_eq!(life.ends_at(NOW, seen), seen.plus_ms(400 * DAY_MS));
        assert_eq!(life.cookie_end(NOW, seen), seen.plus_ms(400 * DAY_MS));
    }

    #[test]
    fn an_interaction_is_written_at_most_once_a_minute_and_often_enough_for_a_short_limit() {
        for (minutes, after_s) in [(5, 15), (10, 30), (20, 60), (1_440, 60)] {
            assert_eq!(life(minutes, 24).write_again_at(NOW), NOW.plus_s(after_s), "{minutes}");
        }
        assert_eq!(Life::of(&FOREVER).write_again_at(NOW), NOW.plus_s(60));
    }

    #[test]
    fn a_cookie_is_signed_again_to_last_longer_and_never_to_end_earlier() {
        let two_hours = life(30, 2);
        assert!(!two_hours.outgrew(NOW.plus_hours(2), NOW, NOW.plus_minutes(90)));
        assert!(!two_hours.outgrew(NOW.plus_hours(24), NOW, NOW), "the settings became shorter");
        assert!(two_hours.outgrew(NOW.plus_hours(1), NOW, NOW), "they became longer");
        let forever = Life::of(&FOREVER);
        let end = forever.cookie_end(NOW, NOW);
        assert!(!forever.outgrew(end, NOW, NOW.plus_hours(23)));
        assert!(forever.outgrew(end, NOW, NOW.plus_hours(24)));
    }
}
