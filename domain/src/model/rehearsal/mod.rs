//! The rehearsal model (G1): a deterministic stand-in that needs no key and is no AI.
//!
//! It compares the visitor's words with the person's data, the tools and the owner's knowledge text, and answers from
//! the best match in plain English sentences. It knows no shop: every noun comes from settings and data. Nothing that
//! it reads is an instruction to it, and what it was told about itself it never repeats. Only the visitor's own
//! messages choose tools and give arguments; what it asked before it knows from the conversation alone.

mod ask;
mod choice;
mod clause;
mod clauses;
mod fill;
mod parameters;
mod question;
mod records;
mod refer;
mod relevance;
mod report;
mod small_talk;
mod spans;
mod speak;
mod tools;
mod topics;
mod turn;
mod value;
mod verbs;
mod words;

use super::{ModelEvent, ModelRequest, Stop};

/// The whole answer, in the pieces in which it streams: words, calls, and one `Done` at the end.
pub fn answer(request: &ModelRequest) -> Vec<ModelEvent> {
    let turn::Answer { text, calls } = turn::decide(request);
    let stop = if calls.is_empty() { Stop::End } else { Stop::ToolCalls };
    let words = text.split_inclusive([' ', '\n']).map(|word| ModelEvent::Text(word.to_owned()));
    words.chain(calls.into_iter().map(ModelEvent::Call)).chain([ModelEvent::Done(stop)]).collect()
}

#[cfg(test)]
mod tests;
