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
    /// When the session ends if nothing more is done; a visitor's is the cookie's end.
    #[serde(default = "never")]
    pub idle_at: Millis,
    /// From when on what is done is worth telling the person's object.
    #[serde(default = "never")]
    pub tell_at: Millis,
    /// What to call the browser: `Firefox on Windows`.
    #[serde(default)]
    pub device: String,
    /// Whom this browser proved before, by its other cookie; it signs nobody in (R12).
    #[serde(default)]
    pub known: Option<Known>,
}

/// What stands in for a time in a caller that was stored before there was one.
fn never() -> Millis {
    Millis(u64::MAX >> 12)
}
