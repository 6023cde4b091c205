//! How long to wait before the next attempt to connect.

/// The first wait is at most this, in milliseconds.
const BASE_MS: u32 = 500;

/// No wait is longer than this, in milliseconds.
const CAP_MS: u32 = 30_000;

/// The wait before attempt `attempt` (the first is 0), in milliseconds.
///
/// Full jitter: anywhere between nothing and the doubled bound, so that ten thousand pages that lost the same server do
/// not come back in the same second. Never under [`BASE_MS`], so that no page spins. `random` is in `0.0..1.0`.
pub fn wait_ms(attempt: u32, random: f64) -> u32 {
    let bound = BASE_MS.saturating_mul(2_u32.saturating_pow(attempt.saturating_add(1))).min(CAP_MS);
    BASE_MS + (f64::from(bound - BASE_MS) * random) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_between_half_a_second_and_half_a_minute() {
        for attempt in [0, 1, 5, 10, 31, 32, u32::MAX] {
            for random in [0.0, 0.5, 0.999_999] {
                let wait = wait_ms(attempt, random);
                assert!((BASE_MS..=CAP_MS).contains(&wait), "{attempt} {random} {wait}");
            }
        }
    }

    #[test]
    fn the_bound_doubles_with_each_attempt() {
        assert_eq!(wait_ms(0, 1.0), 1_000);
        assert_eq!(wait_ms(1, 1.0), 2_000);
        assert_eq!(wait_ms(2, 1.0), 4_000);
        assert_eq!(wait_ms(20, 1.0), CAP_MS);
    }
}
