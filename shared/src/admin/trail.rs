//! The trail as members see it (O1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, PersonId};

/// `GET /api/admin/agents/{agent}/audit`: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trail {
    /// This page.
    pub entries: Vec<TrailEntry>,
    /// What to ask for as `before` to see older ones; none when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailEntry {
    /// Its number in the chain.
    pub seq: u64,
    /// When it happened. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub at: String,
    /// What happened, in a word: `login_succeeded`.
    pub kind: String,
    /// In which conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// To whom: an id that says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// More about it.
    pub detail: BTreeMap<String, String>,
}
