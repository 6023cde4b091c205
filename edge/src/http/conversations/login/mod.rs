//! `/api/conversations/{id}/login/…`

pub mod action;
pub mod cancel;
pub mod host;
pub mod passkey;
pub mod start;
pub mod verify;
