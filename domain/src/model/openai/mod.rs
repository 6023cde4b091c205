//! `OpenAI`'s chat completions, which many providers speak: a request's body and the answer's stream. No I/O.

mod body;
mod stream;

pub use body::body;
pub use stream::OpenAiStream;

#[cfg(test)]
mod tests;
