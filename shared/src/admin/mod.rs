//! The admin API: what the console, and whoever holds an API token, sets and reads. JSON over HTTPS under `/api/admin`,
//! described by `/openapi.json`.

pub mod action;
pub mod collections;
pub mod conversation;
pub mod install;
pub mod member;
pub mod odds;
pub mod problem;
pub mod route;
pub mod secret;
pub mod theme;
pub mod token;
pub mod trail;
pub mod trial;

use serde::{Deserialize, Serialize};

use crate::id::AgentId;

/// The agent under which members sign in: by the same card, codes, passkeys and sessions as visitors. Its settings are the
/// deployment's own; nobody changes them.
pub const CONSOLE_AGENT: &str = "ag_console";

/// The most bytes of a body of settings or records: the longest texts in any script.
pub const MAX_SETTINGS_BYTES: usize = 1024 * 1024;

/// The most bytes of one part of an import.
pub const MAX_PART_BYTES: usize = 1024 * 1024;

/// `GET /api/admin/agents`: one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentSummary {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub name: String,
    /// What the asker may do with it.
    pub role: member::Role,
    /// Whether it is archived: it answers nobody, and can be restored.
    pub archived: bool,
}

/// `GET /api/admin/agents/{agent}`. Its version is also the `ETag`, and a change names it in `If-Match` (RFC 9110).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentDocument<S> {
    /// Rises with each change.
    pub version: u64,
    /// Whether it is archived.
    pub archived: bool,
    /// What the asker may do with it.
    pub role: member::Role,
    /// The settings, as far as the asker may see them.
    pub settings: S,
}

/// `POST /api/admin/agents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    /// What it is called, 1 to 80 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// The agent whose settings it begins with. Secrets, records and members do not come along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<AgentId>,
}
