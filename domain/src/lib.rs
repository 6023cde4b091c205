//! The rules of Countersign: pure, synchronous, tested natively.
//!
//! No Workers, no clock, no randomness, no I/O: time, randomness and ids are arguments. The edge performs what is
//! decided here.

pub mod agent;
pub mod model;
pub mod text;
pub mod autofetch;
pub mod conversation;
pub mod policy;
pub mod prompt;
pub mod address;
pub mod audit;
pub mod challenge;
pub mod context;
pub mod identity;
pub mod keys;
pub mod limits;
pub mod session;
pub mod time;

mod mac;
