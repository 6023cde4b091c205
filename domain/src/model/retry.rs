//! Whether a request that failed before anything was heard is sent again, and when.

/// The most requests of one answer.
pub const TRIES: u32 = 3;

/// The longest wait that a provider may ask for, milliseconds.
pub const MAX_WAIT_MS: u64 = 10_000;

/// The longest first wait of our own, milliseconds; it doubles with every try.
const FIRST_WAIT_MS: u64 = 400;

/// What must be left of the turn after the wait, so that an answer still has a chance, milliseconds.
const WORTHWHILE_MS: u64 = 2_000;

/// How long to wait before the next try, milliseconds; none when there is to be none.
///
/// `status` is the answer's, or none when there was no answer. `asked_ms` is what the provider asked for
/// (`Retry-After`, RFC 9110 §10.2.3): it is kept or the request is given up, never sent earlier. Without it the wait
/// is drawn from the whole of an interval that doubles (full jitter). `tried` counts the requests so far, `left_ms` is
/// the rest of the turn, `draw` a random number.
pub fn wait_ms(status: Option<u16>, asked_ms: Option<u64>, tried: u32, left_ms: u64, draw: u64) -> Option<u64> {
    let passing = status.is_none_or(|status| matches!(status, 429 | 500 | 502 | 503 | 504 | 529));
    if !passing || tried >= TRIES {
        return None;
    }
    let interval = FIRST_WAIT_MS << tried.saturating_sub(1).min(8);
    let wait = asked_ms.unwrap_or(draw % (interval + 1));
    (wait <= MAX_WAIT_MS && wait.saturating_add(WORTHWHILE_MS) <= left_ms).then_some(wait)
}

/// The seconds of a `Retry-After`, as milliseconds. None for a date, which the caller reads.
pub fn seconds_ms(retry_after: &str) -> Option<u64> {
    let seconds: f64 = retry_after.trim().parse().ok()?;
    // Some providers send fractions.
    (seconds.is_finite() && seconds >= 0.0).then_some((seconds * 1_000.0).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::{MAX_WAIT_MS, TRIES, seconds_ms, wait_ms};

    #[test]
    fn only_what_may_pass_is_tried_again_and_not_for_ever() {
        for status in [None, Some(429), Some(500), Some(502), Some(503), Some(504), Some(529)] {
            assert!(wait_ms(status, None, 1, 60_000, 7).is_some(), "{status:?}");
            assert_eq!(wait_ms(status, None, TRIES, 60_000, 7), None);
        }
        for status in [400, 401, 403, 404, 413, 422, 301, 200] {
            assert_eq!(wait_ms(Some(status), None, 1, 60_000, 7), None, "{status}");
        }
    }

    #[test]
    fn what_the_provider_asks_for_is_kept_or_nothing_is_sent() {
        assert_eq!(wait_ms(Some(429), Some(3_000), 1, 60_000, 7), Some(3_000));
        assert_eq!(wait_ms(Some(429), Some(MAX_WAIT_MS), 1, 60_000, 7), Some(MAX_WAIT_MS));
        assert_eq!(wait_ms(Some(429), Some(MAX_WAIT_MS + 1), 1, 60_000, 7), None);
        assert_eq!(wait_ms(Some(429), Some(3_000), 1, 4_999, 7), None);
        assert_eq!(wait_ms(Some(429), Some(u64::MAX), 1, u64::MAX, 7), None);
    }

    #[test]
    fn waits_of_our_own_are_spread_over_an_interval_that_doubles() {
        let longest = |tried| (0..5_000).filter_map(|draw| wait_ms(None, None, tried, 60_000, draw)).max();
        assert_eq!((longest(1), longest(2)), (Some(400), Some(800)));
        assert_eq!(wait_ms(None, None, 1, 60_000, 0), Some(0));
    }

    #[test]
    fn retry_after_is_read_in_seconds() {
        assert_eq!(seconds_ms("2"), Some(2_000));
        assert_eq!(seconds_ms(" 0.5 "), Some(500));
        for other in ["", "-1", "NaN", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(seconds_ms(other), None, "{other}");
        }
    }
}
