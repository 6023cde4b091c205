//! The one place that reads the clock.

/// The time now.
#[cfg(not(feature = "dev"))]
pub fn now() -> domain::time::Millis {
    domain::time::Millis(worker::Date::now().as_millis())
}

#[cfg(feature = "dev")]
pub use shifted::{now, shift};

/// The test clock: the real one plus an offset, for every object of the process. Not in a release build.
#[cfg(feature = "dev")]
mod shifted {
    use std::sync::atomic::{AtomicU64, Ordering};

    use domain::time::Millis;

    static OFFSET_MS: AtomicU64 = AtomicU64::new(0);

    /// The time now, shifted.
    pub fn now() -> Millis {
        Millis(worker::Date::now().as_millis() + OFFSET_MS.load(Ordering::Relaxed))
    }

    /// Sets the offset, milliseconds.
    pub fn shift(offset_ms: u64) {
        OFFSET_MS.store(offset_ms, Ordering::Relaxed);
    }
}
