//! Meta's signature and the statuses of its messages (WhatsApp Cloud API, "Webhooks").

use core::fmt::Write as _;

use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// Whether `header` (`X-Hub-Signature-256`) is Meta's over this body: `sha256=` and the hexadecimal HMAC-SHA-256 of the
/// bytes as they came, keyed with the app's secret.
///
/// # Panics
/// Never: HMAC takes a key of any length.
#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
pub fn is_signed(app_secret: &str, body: &[u8], header: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()).expect("a key of any length");
    mac.update(body);
    let mut expected = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(expected, "{byte:02x}");
    }
    bool::from(expected.as_bytes().ct_eq(header.as_bytes())) && !app_secret.is_empty()
}

/// Whether the word with which Meta asks for the address is the agreed one, in constant time. An empty one never is.
pub fn is_word(agreed: &str, given: &str) -> bool {
    bool::from(agreed.as_bytes().ct_eq(given.as_bytes())) && !agreed.is_empty()
}

/// What became of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What we sent along with the message, for us to know it by.
    pub ours: String,
    /// Whether it will not arrive.
    pub is_lost: bool,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    value: ChangeValue,
}

#[derive(Deserialize, Default)]
struct ChangeValue {
    #[serde(default)]
    statuses: Vec<StatusValue>,
}

#[derive(Deserialize)]
struct StatusValue {
    status: String,
    #[serde(default)]
    biz_opaque_callback_data: Option<String>,
}

/// The statuses of our messages in a body; none when it has another form. Messages of visitors are no statuses.
pub fn statuses(body: &[u8]) -> Vec<Status> {
    let Ok(payload) = serde_json::from_slice::<Payload>(body) else { return Vec::new() };
    let changes = payload.entry.into_iter().flat_map(|entry| entry.changes);
    let all = changes.flat_map(|change| change.value.statuses);
    all.filter_map(|one| Some(Status { ours: one.biz_opaque_callback_data?, is_lost: one.status == "failed" }))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Status, is_signed, is_word, statuses};

    fn vendors(file: &str) -> Option<Value> {
        let path = format!("{}/../../shared/vendors/{file}", env!("CARGO_MANIFEST_DIR"));
        Some(serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap())
    }

    #[test]
    fn a_signature_is_judged_as_in_all_collected_cases() {
        let Some(file) = vendors("signatures/x_hub_signature_256.json") else { return };
        let vectors = file["vectors"].as_array().unwrap();
        assert!(vectors.len() >= 2);
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            assert!(is_signed(text("secret"), text("payload").as_bytes(), text("signature")));
            assert!(!is_signed(text("secret"), format!("{} ", text("payload")).as_bytes(), text("signature")));
            assert!(!is_signed("another", text("payload").as_bytes(), text("signature")));
        }
    }

    #[test]
    fn only_the_whole_signature_will_do() {
        let right = "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914";
        assert!(is_signed("secret", b"test", right));
        for wrong in ["", "sha256=", &right[7..], &right[..70], &right.to_uppercase(), &right.replace("256", "1")] {
            assert!(!is_signed("secret", b"test", wrong), "{wrong}");
        }
        // HMAC of the empty key.
        assert!(!is_signed("", b"", "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
        assert!(is_word("word", "word") && !is_word("word", "Word") && !is_word("", ""));
    }

    #[test]
    fn the_statuses_of_our_messages_are_read_and_nothing_else() {
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
            "statuses": [
                {"id": "wamid.1", "status": "failed", "timestamp": "1", "recipient_id": "1650", "biz_opaque_callback_data": "a"},
                {"id": "wamid.2", "status": "delivered", "timestamp": "1", "recipient_id": "1650", "biz_opaque_callback_data": "b"},
                {"id": "wamid.3", "status": "failed", "timestamp": "1", "recipient_id": "1650"},
            ],
        }}]}]});
        let read = statuses(body.to_string().as_bytes());
        let status = |ours: &str, is_lost| Status { ours: ours.to_owned(), is_lost };
        assert_eq!(read, vec![status("a", true), status("b", false)]);
        for other in
            ["", "[]", "null", "{\"entry\":null}", "{\"entry\":[{\"changes\":[{\"value\":{\"statuses\":[1]}}]}]}"]
        {
            assert_eq!(statuses(other.as_bytes()), Vec::new());
        }
    }

    #[test]
    fn the_vendors_own_examples_are_read_without_a_complaint() {
        let Some(file) = vendors("meta-whatsapp/webhook_examples.json") else { return };
        for example in file.as_object().unwrap().values() {
            assert!(statuses(example.to_string().as_bytes()).iter().all(|status| !status.ours.is_empty()));
        }
    }
}
