//! What vendors call us with, and whether it is really they (R58). A webhook says what became of a message; it never proves
//! who anybody is.

pub mod meta;
pub mod twilio;
