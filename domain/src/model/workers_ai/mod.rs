//! Cloudflare's Workers AI, text generation: a request's input and the answer's stream. No I/O.

mod body;
mod stream;

pub use body::body;
pub use stream::{WorkersAi, WorkersAiStream};

#[cfg(test)]
mod tests;
