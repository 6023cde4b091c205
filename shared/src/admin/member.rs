//! Members: who may open the console, and what each may do (O5).

use serde::{Deserialize, Serialize};

use crate::id::AgentId;

/// What a member may do, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentRole {
    /// The agent.
    pub agent: AgentId,
    /// The role.
    pub role: Role,
}

/// `GET /api/admin/agents/{agent}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Members {
    /// Who may open the console for this agent, by address.
    pub members: Vec<ListedMember>,
    /// Who was invited and has not come yet.
    pub invitations: Vec<Invitation>,
}

/// A member, as an owner sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedMember {
    /// Names them in the address of a change.
    pub id: String,
    /// The address that they proved.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether the role holds for every agent of the deployment. Such a member is changed by such an owner alone.
    pub everywhere: bool,
    /// Whether it is the asker.
    pub you: bool,
    /// Since when. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub since: String,
}

impl ListedMember {
    /// The person's id: what follows the first letter, which says where the role holds, and its `_`.
    #[must_use]
    pub fn person(&self) -> &str {
        self.id.get(2..).unwrap_or_default()
    }
}

/// An invitation that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// Names it in the address of a change.
    pub id: String,
    /// Whom it was sent to.
    pub email: String,
    /// What they will be.
    pub role: Role,
    /// Whether the role will hold for every agent of the deployment.
    pub everywhere: bool,
    /// When it was sent. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub sent: String,
    /// When its link is over. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub expires: String,
    /// Whether it is over.
    pub over: bool,
}

/// `POST /api/admin/agents/{agent}/members`: invite somebody. Once more sends a new link, and the old one is no good.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Whom. The link is good for whoever signs in with this address.
    pub email: String,
    /// As what.
    pub role: Role,
    /// For every agent of the deployment: owners of every agent may.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub everywhere: bool,
}

impl core::fmt::Debug for Invite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Invite(…)")
    }
}

/// `PATCH /api/admin/agents/{agent}/members/{id}`: another role for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// The new role.
    pub role: Role,
}

/// `POST /api/admin/claim`: a one-time token of an invitation, or of the deployment's first owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
pub const TEXTS: [&str; 9] = [
    "/id",
    "/name",
    "/greeting",
    "/suggested",
    "/language",
    "/languages",
    "/theme",
    "/customer_auth/title",
    "/customer_auth/subtitle",
];

/// Whether a role may change what stands at this JSON pointer of the settings.
pub fn may_change(role: Role, pointer: &str) -> bool {
    let covers = |text: &str| pointer.strip_prefix(text).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    pointer != "/id" && (role == Role::Owner || (role == Role::Editor && TEXTS.iter().copied().any(covers)))
}
