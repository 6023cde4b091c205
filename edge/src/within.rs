//! Deadlines for what comes from outside.

use std::time::Duration;

use futures_util::future::{Either, select};
use worker::Delay;

use crate::failure::{Answer, Failure};

/// The outcome of a future, or a failure when it takes longer than this many milliseconds.
pub async fn within<T>(most_ms: u64, future: impl Future<Output = T>) -> Answer<T> {
    let delay = Delay::from(Duration::from_millis(most_ms));
    match select(std::pin::pin!(future), std::pin::pin!(delay)).await {
        Either::Left((outcome, _)) => Ok(outcome),
        Either::Right(_) => Err(Failure::Internal(format!("no answer within {most_ms} ms"))),
    }
}
