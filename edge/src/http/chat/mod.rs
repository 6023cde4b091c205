//! `/chat/{agent}/…`: pages of the chat in a window of their own.

pub mod passkey;
