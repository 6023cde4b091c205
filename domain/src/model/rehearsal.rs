//! The rehearsal model: a deterministic stand-in that needs no key.

use super::{ModelEvent, ModelRequest, Stop};

/// The whole answer, in the pieces in which it streams.
pub fn answer(request: &ModelRequest) -> Vec<ModelEvent> {
    let _ = request;
    vec![ModelEvent::Done(Stop::End)]
}
