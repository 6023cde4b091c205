//! `/api/conversations/…`

pub mod login;
pub mod logout;
pub mod remembered;
pub mod socket;
