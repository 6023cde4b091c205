//! The control plane in D1. SQL stands here and in the objects, nowhere else.

pub mod agents;
pub mod collections;
pub mod imports;
pub mod members;
pub mod records;
pub mod secrets;

use worker::D1Result;

use crate::failure::Answer;

/// Whether a conditional statement did what it was for (R66).
pub fn was_changed(result: &D1Result) -> Answer<bool> {
    Ok(result.meta()?.and_then(|meta| meta.changes).unwrap_or_default() > 0)
}
