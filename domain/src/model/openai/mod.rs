//! `OpenAI`'s chat completions, which many providers speak: a request's body and the answer's stream. No I/O.

mod body;
mod form;
mod stream;

pub use body::body;
pub(super) use body::{said, tools};
pub use form::{Form, endpoint, key_header};
pub(super) use stream::chunk_of;
pub use stream::{OpenAi, OpenAiStream};

#[cfg(test)]
mod tests;
