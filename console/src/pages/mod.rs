//! The pages, a file or folder each. Everything of an agent is a room of `agent`.

pub mod actions;
pub mod agent;
pub mod agents;
pub mod appearance;
pub mod audit;
pub mod claim;
pub mod collections;
pub mod conversations;
pub mod customer_auth;
pub mod general;
pub mod install;
pub mod later;
pub mod members;
pub mod missing;
pub mod sign_in;
pub mod tokens;
