//! `/api/agents/…`

pub mod visit;
