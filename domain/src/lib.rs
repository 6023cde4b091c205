//! The rules of Countersign: pure, synchronous, tested natively.
//!
//! No Workers, no clock, no randomness, no I/O: time, randomness and ids are arguments. The edge performs what is
//! decided here.

pub mod agent;
pub mod model;
