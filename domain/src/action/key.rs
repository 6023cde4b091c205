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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use shared::id::ConversationId;

    use super::idempotency_key;
    use crate::action::Parameter;
    use crate::action::value::Values;

    fn values(arguments: &serde_json::Value) -> Values {
        let text = json!([{ "name": "a", "optional": true }, { "name": "b", "optional": true }]);
        let parameters: Vec<Parameter> = serde_json::from_value(text).unwrap();
        Values::from_model(&parameters, arguments).unwrap()
    }

    #[test]
    fn the_same_call_has_the_same_key_and_no_other_call_has_it() {
        let here = ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let there = ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAB").unwrap();
        let some = values(&json!({ "a": "1", "b": "2" }));
        let key = idempotency_key(&here, 1, "move", &some);
        assert_eq!(key, idempotency_key(&here, 1, "move", &values(&json!({ "b": 2, "a": "1" }))));
        assert!(key.len() == 43 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        let keys = [
            key,
            idempotency_key(&there, 1, "move", &some),
            idempotency_key(&here, 2, "move", &some),
            idempotency_key(&here, 1, "moves", &some),
            idempotency_key(&here, 1, "", &some),
            idempotency_key(&here, 1, "move", &values(&json!({ "a": "12" }))),
            idempotency_key(&here, 1, "move", &values(&json!({ "a": "1\",\"b\":\"2" }))),
            idempotency_key(&here, 1, "move", &values(&json!({}))),
        ];
        assert_eq!(BTreeSet::from(keys).len(), 8);
    }
}
