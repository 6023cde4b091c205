//! The wire: what two programs of Countersign must agree on.
//!
//! Serde only; nothing here decides anything. JSON shapes are held by golden tests (`shared/src/golden.rs`): changing a
//! literal there is changing the protocol (`docs/protocol.md`).

pub mod account;
pub mod admin;
pub mod block;
pub mod card;
pub mod confirm;
pub mod error;
pub mod frame;
#[cfg(test)]
mod golden;
pub mod id;
pub mod login;
pub mod passkey;
pub mod remembered;
pub mod route;
pub mod skeleton;
pub mod visit;
