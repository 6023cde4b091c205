//! The rules of Countersign: pure, synchronous, tested natively.
//!
//! No Workers, no clock, no randomness, no I/O: time, randomness and ids are arguments. The edge performs what is
//! decided here.

pub mod action;
pub mod address;
pub mod agent;
pub mod assurance;
pub mod audit;
pub mod autofetch;
pub mod challenge;
pub mod collection;
pub mod context;
pub mod conversation;
pub mod conversations;
pub mod host_token;
pub mod identity;
pub mod install;
pub mod json;
pub mod jwt;
pub mod keys;
pub mod language;
pub mod limits;
pub mod lookup;
pub mod member;
pub mod merge_patch;
pub mod model;
pub mod oidc;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod passkey;
pub mod phone;
pub mod policy;
pub mod prompt;
pub mod secrets;
pub mod session;
pub mod settings;
pub mod text;
pub mod time;
pub mod webhook;

mod mac;
