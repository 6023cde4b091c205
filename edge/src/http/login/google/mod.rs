//! `/login/google/…`: the window in which somebody signs in with Google.

pub mod callback;
pub mod cookies;
mod page;
pub mod start;
