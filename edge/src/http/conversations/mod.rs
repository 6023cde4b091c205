//! `/api/conversations/…`

pub mod account;
pub mod login;
pub mod logout;
pub mod remembered;
pub mod socket;
