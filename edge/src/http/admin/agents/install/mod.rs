//! Whether the agent is installed.

pub mod check;
