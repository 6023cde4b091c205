//! Meta's WhatsApp Cloud API (`POST /{version}/{phone number id}/messages`): an approved template of category
//! `authentication`, whose button copies the code.

use domain::agent::MetaSettings;
use serde_json::json;

use super::CodeMessage;
use super::post::{Post, send as post};
use crate::config::Config;
use crate::failure::{Answer, Failure};

/// The version of the API whose description we keep to.
const VERSION: &str = "v23.0";

/// Hands the message over.
pub async fn send(config: &Config, account: &MetaSettings, token: &str, message: &CodeMessage<'_>) -> Answer<()> {
    let id = &account.phone_number_id;
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Failure::Internal("meta: the number's id is none".to_owned()));
    }
    let code = [json!({"type": "text", "text": message.code.expose()})];
    let body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to.as_str(),
        "type": "template",
        "template": {
            "name": account.template,
            "language": {"code": account.language},
            // The code twice: in the text, and in the button that copies it.
            "components": [
                {"type": "body", "parameters": code},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
            ],
        },
        // Comes back with each status: one address takes those of all conversations.
        "biz_opaque_callback_data": ours(message),
    });
    post(&Post {
        to: "meta",
        url: format!("{}/{VERSION}/{id}/messages", config.phone.meta.trim_end_matches('/')),
        authorization: format!("Bearer {token}"),
        content_type: "application/json",
        body: &body.to_string(),
    })
    .await
}

fn ours(message: &CodeMessage<'_>) -> String {
    format!("{}/{}", message.conversation, message.send)
}
