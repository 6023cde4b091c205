//! `/api/conversations/{id}/login/…`

pub mod action;
pub mod cancel;
pub mod google;
pub mod host;
pub mod r#match;
pub mod passkey;
pub mod start;
pub mod verify;
