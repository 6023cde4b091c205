//! Conversations as members see them (O3): the list, and one of them, redacted.

use serde::{Deserialize, Serialize};

use crate::admin::trail::TrailEntry;
use crate::card::Method;
use crate::frame::{Numbered, State};
use crate::id::{ConversationId, PersonId};

/// The most conversations, records, or entries of the trail, that one request gives.
pub const MAX_PAGE: u32 = 200;

/// The largest number that can be asked for: JSON carries each up to here exactly (RFC 8259, section 6).
pub const MAX_SEQ: u64 = (1 << 53) - 1;

/// How many it gives unless it is told.
pub const PAGE: u32 = 50;

/// `GET /api/admin/agents/{agent}/conversations`: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversations {
    /// This page.
    pub conversations: Vec<Summary>,
    /// What to ask for as `before` to see older ones; none when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// What the list says of a conversation: what its trail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// Which.
    pub id: ConversationId,
    /// When it began. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub began: String,
    /// When something was noted last. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub newest: String,
    /// Its state.
    pub state: State,
    /// How its person signed in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Whose it is: an id that says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// What became of the login.
    pub outcome: Outcome,
    /// How many entries of the trail tell of it.
    pub entries: u32,
    /// A member tried settings that were not saved.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub test: bool,
}

/// What became of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// None was asked for.
    NotAsked,
    /// The card was shown.
    Asked,
    /// What was shown as a proof was not accepted.
    Refused,
    /// The visitor closed the card.
    Cancelled,
    /// A person was proved.
    SignedIn,
    /// The session was ended.
    SignedOut,
}

/// `GET /api/admin/agents/{agent}/conversations/{id}`. Addresses and numbers are masked, and codes were never stored. Who only
/// shows the frames need not know all their types: `F`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation<F = Numbered> {
    /// What the list says of it.
    pub summary: Summary,
    /// The state that it is in now.
    pub state: State,
    /// What was said and shown after the asked number, oldest first.
    pub frames: Vec<F>,
    /// The number to ask for as `after`, to see what is new.
    pub newest: u64,
    /// The newest entries of the trail that tell of it, oldest first: proofs, what was read, calls with their outcome and
    /// how long they took.
    pub trail: Vec<TrailEntry>,
}
