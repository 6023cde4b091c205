//! Members: who may open the console, and what each may do (O5).

use serde::{Deserialize, Serialize};

use crate::id::AgentId;

/// What a member may do, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees dashboards.
    Analyst,
    /// Also sees and changes the texts and the looks of the chat and its login card.
    Editor,
    /// Everything.
    Owner,
}

/// `GET /api/admin/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The address that was proved; none for an API token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The role that holds for every agent of the deployment, if there is one. Such an owner may also make agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub everywhere: Option<Role>,
    /// The roles that hold for one agent each.
    pub agents: Vec<AgentRole>,
}

/// A role for one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRole {
    /// The agent.
    pub agent: AgentId,
    /// The role.
    pub role: Role,
}

/// `POST /api/admin/claim`: a one-time token of an invitation, or of the deployment's first owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The token, from the link.
    pub token: String,
}

impl core::fmt::Debug for Claim {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Claim(…)")
    }
}

/// The settings that an editor may see and change, as JSON pointers: each stands for all that lies under it.
pub const TEXTS: [&str; 8] = [
    "/id",
    "/name",
    "/greeting",
    "/suggested",
    "/theme",
    "/customer_auth/title",
    "/customer_auth/subtitle",
    "/customer_auth/texts",
];

/// Whether a role may change what stands at this JSON pointer of the settings.
pub fn may_change(role: Role, pointer: &str) -> bool {
    let covers = |text: &str| pointer.strip_prefix(text).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    pointer != "/id" && (role == Role::Owner || (role == Role::Editor && TEXTS.iter().copied().any(covers)))
}
