//! The Durable Objects: one aggregate each, with its invariant in its doc comment and its schema in `new`.

pub mod conversation;
pub mod ledger;
pub mod limiter;
#[cfg(feature = "dev")]
pub mod outbox;
pub mod person;
pub mod rpc;
