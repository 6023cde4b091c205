//! The key under which a call is made once (R63).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use shared::id::ConversationId;

use super::value::Values;

/// The `Idempotency-Key` of a call: the same for the same call of the same turn, another for any other. 43 characters.
///
/// Each part is preceded by its length, so that a byte that moves from one to the next makes another key.
pub fn idempotency_key(conversation: &ConversationId, turn: u64, action: &str, values: &Values) -> String {
    let mut hash = Sha256::new();
    let turn = turn.to_be_bytes();
    let canonical = values.canonical();
    for part in [b"action".as_slice(), conversation.as_str().as_bytes(), &turn, action.as_bytes(), canonical.as_bytes()]
    {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}
