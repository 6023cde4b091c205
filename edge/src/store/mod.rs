//! The control plane in D1. SQL stands here and in the objects, nowhere else.

pub mod agents;
pub mod collections;
pub mod imports;
pub mod invitations;
pub mod loads;
pub mod members;
pub mod records;
pub mod secrets;
pub mod test_chats;
pub mod tokens;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use worker::D1Result;

use crate::failure::Answer;

/// Whether a conditional statement did what it was for (R66).
pub fn was_changed(result: &D1Result) -> Answer<bool> {
    Ok(result.meta()?.and_then(|meta| meta.changes).unwrap_or_default() > 0)
}

/// How a one-time or API token is stored: its SHA-256, base64url.
pub fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
