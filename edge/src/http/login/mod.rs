//! `/login/…`: pages of windows of their own.

pub mod google;
