//! Who calls, as an object is told by the Worker that verified the cookie.

use domain::session::known::Known;
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use shared::id::{PersonId, SessionId};

/// The holder of a verified cookie. Built only in `http::cookie`; the client's words never make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The session of the cookie.
    pub session: SessionId,
    /// The person, when the cookie is a session's and the session lives.
    pub person: Option<PersonId>,
    /// When the cookie ends.
    pub expires_at: Millis,
    /// Whom this browser proved before, by its other cookie; it signs nobody in (R12).
    #[serde(default)]
    pub known: Option<Known>,
}
