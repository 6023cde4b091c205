//! What is wrong with an agent's actions, told when they are saved.

use core::fmt;

use super::address::Allowed;
use crate::agent::Agent;

/// Something that keeps an action from being saved.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The action's name, as it was given; empty for what concerns no single one.
    pub action: String,
    /// Which of its fields: `url`, `headers.X-Key`, `parameters.order_number`, `kind.remembers.user_id`.
    pub field: String,
    /// What is wrong and how it is mended, one sentence or two.
    pub sentence: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.action, self.field, self.sentence)
    }
}

/// Everything that is wrong with the agent's actions; empty when they can be saved.
pub fn faults(_agent: &Agent, _allowed: &Allowed) -> Vec<Fault> {
    Vec::new()
}
