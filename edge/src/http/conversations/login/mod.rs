//! `/api/conversations/{id}/login/…`

pub mod cancel;
pub mod start;
pub mod verify;
