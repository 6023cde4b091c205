//! The first request of an opened widget: who am I, and what did I miss?

use serde::{Deserialize, Serialize};

use crate::frame::{Numbered, State};
use crate::id::ConversationId;

/// `POST /api/agents/{agent}/visit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The conversation that the page already shows, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// The newest number that the page has of it.
    #[serde(default)]
    pub after: u64,
    /// Start anew where the cookie's conversation is refused, instead of being told `signed_out`. A page asks for this
    /// only after trying again: another tab may be signing in right now, and its cookie must not be overwritten.
    #[serde(default)]
    pub fresh: bool,
    /// No cookie sticks here: the frame keeps the token in its own memory and sends it as `Authorization: Bearer …`, and in the
    /// socket's `Sec-WebSocket-Protocol` as `bearer.…` beside [`SOCKET_PROTOCOL`]. No cookie is read or set then.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub bearer: bool,
}

/// The protocol that a socket of the frame speaks, named where the frame sends its token that way.
pub const SOCKET_PROTOCOL: &str = "countersign";

/// What comes before the token in the list of a socket's protocols.
pub const SOCKET_BEARER: &str = "bearer.";

/// What any answer may carry that would set the cookie: the token, where the frame keeps it itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// From now on the frame sends this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<String>,
}

impl core::fmt::Debug for Kept {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Kept(…)")
    }
}

/// Who the visitor is and what the page lacks. The cookie is in the response's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visited {
    /// The conversation. When it differs from the one the page shows, the page starts empty.
    pub conversation: ConversationId,
    /// The conversation's state.
    pub state: State,
    /// What to call the person, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Frames after the asked number, at most the newest 200.
    pub frames: Vec<Numbered>,
    /// The time on the edge. RFC 3339, UTC. Countdowns are counted against it, not against the visitor's clock.
    pub now: String,
}
