//! Twilio's Messages resource (`POST /2010-04-01/Accounts/{Sid}/Messages.json`): text messages, and WhatsApp by an approved
//! template.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::agent::TwilioSettings;
use shared::card::Channel;
use shared::route::Route;

use super::post::{Post, send as post};
use super::{CodeMessage, words};
use crate::config::Config;
use crate::failure::{Answer, Failure};

/// Hands the message over.
pub async fn send(
    config: &Config,
    account: &TwilioSettings,
    auth_token: &str,
    message: &CodeMessage<'_>,
) -> Answer<()> {
    let sid = &account.account_sid;
    if !is_sid(sid, "AC") {
        return Err(Failure::Internal("twilio: the account's id is none".to_owned()));
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters(config, account, message)? {
        form.append_pair(name, &value);
    }
    post(&Post {
        to: "twilio",
        url: format!("{}/2010-04-01/Accounts/{sid}/Messages.json", config.phone.twilio.trim_end_matches('/')),
        authorization: format!("Basic {}", STANDARD.encode(format!("{sid}:{auth_token}"))),
        content_type: "application/x-www-form-urlencoded",
        body: &form.finish(),
    })
    .await
}

fn parameters(
    config: &Config,
    account: &TwilioSettings,
    message: &CodeMessage<'_>,
) -> Answer<Vec<(&'static str, String)>> {
    let number = message.to.as_str();
    let from = |address: &str, prefix: &str| {
        if is_sid(address, "MG") {
            ("MessagingServiceSid", address.to_owned())
        } else {
            ("From", format!("{prefix}{address}"))
        }
    };
    let mut all = match message.channel {
        Channel::Whatsapp => {
            let content = account.whatsapp_content_sid.clone();
            let content = content.ok_or_else(|| Failure::Internal("twilio: no template for WhatsApp".to_owned()))?;
            let variables = serde_json::json!({"1": message.code.expose()}).to_string();
            vec![
                ("To", format!("whatsapp:{number}")),
                from(account.whatsapp_from.as_deref().unwrap_or(&account.from), "whatsapp:"),
                ("ContentSid", content),
                ("ContentVariables", variables),
            ]
        }
        _ => vec![("To", number.to_owned()), from(&account.from, ""), ("Body", words::text(config, message))],
    };
    // What comes back must name this sending: of two codes on one card the older one may be the one that was lost.
    let hook = Route::TwilioHook(message.conversation.clone()).path();
    all.push(("StatusCallback", format!("{}{hook}?send={}", config.origin, message.send)));
    Ok(all)
}

/// Twilio's ids: two letters and 32 hexadecimal digits.
fn is_sid(text: &str, kind: &str) -> bool {
    text.strip_prefix(kind).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}
