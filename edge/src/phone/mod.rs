//! Codes to phones: a text message or WhatsApp, through the agent's own account (M2, M3).

mod meta;
#[cfg(feature = "dev")]
mod outbox;
mod post;
mod twilio;
mod words;

use std::collections::BTreeSet;

use domain::agent::{Agent, PhoneSettings};
use domain::challenge::code::Code;
use domain::phone::PhoneNumber;
use shared::card::Channel;
use shared::id::ConversationId;
use worker::Env;

use crate::config::Config;
use crate::failure::{Answer, Failure};
use crate::store::secrets;

pub use domain::secrets::{TWILIO_AUTH_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_TOKEN, WHATSAPP_VERIFY_TOKEN};

/// A code for a phone.
pub struct CodeMessage<'a> {
    /// Whose visitor it is.
    pub agent: &'a Agent,
    /// In which conversation.
    pub conversation: &'a ConversationId,
    /// Names this sending: what is told of it later comes back with this.
    pub send: &'a str,
    /// To whom.
    pub to: &'a PhoneNumber,
    /// What it travels by.
    pub channel: Channel,
    /// The code.
    pub code: &'a Code,
    /// The word that stands on the card too.
    pub reference: &'a str,
}

/// Who carries a message.
enum Carrier<'a> {
    Twilio(&'a domain::agent::TwilioSettings),
    Meta(&'a domain::agent::MetaSettings),
    #[cfg(feature = "dev")]
    Outbox,
}

/// Sends the message. An error means that nobody said they took it, tries and all; it may have gone out all the same.
pub async fn send(env: &Env, config: &Config, message: CodeMessage<'_>) -> Answer<()> {
    let sent = match carrier(message.agent.customer_auth.phone.as_ref(), message.channel) {
        Some(Carrier::Twilio(account)) => {
            let token = secret(env, config, &message, TWILIO_AUTH_TOKEN).await?;
            twilio::send(config, account, &token, &message).await
        }
        Some(Carrier::Meta(account)) => {
            let token = secret(env, config, &message, WHATSAPP_TOKEN).await?;
            meta::send(config, account, &token, &message).await
        }
        #[cfg(feature = "dev")]
        Some(Carrier::Outbox) => outbox::put(env, config, &message).await,
        None => Err(Failure::Internal(format!("{} has nobody to carry {:?}", message.agent.id, message.channel))),
    };
    sent.inspect_err(|failure| crate::failure::log("message_failed", "", &format!("{failure:?}")))
}

fn carrier(settings: Option<&PhoneSettings>, channel: Channel) -> Option<Carrier<'_>> {
    let settings = settings?;
    let carrier = match (channel, &settings.twilio, &settings.meta) {
        (Channel::Sms, Some(twilio), _) => Some(Carrier::Twilio(twilio)),
        (Channel::Whatsapp, _, Some(meta)) => Some(Carrier::Meta(meta)),
        (Channel::Whatsapp, Some(twilio), None) if twilio.whatsapp_content_sid.is_some() => {
            Some(Carrier::Twilio(twilio))
        }
        _ => None,
    };
    #[cfg(feature = "dev")]
    if settings.twilio.is_none() && settings.meta.is_none() {
        return Some(Carrier::Outbox);
    }
    carrier
}

async fn secret(env: &Env, config: &Config, message: &CodeMessage<'_>, name: &str) -> Answer<String> {
    let mut found = secrets::find(env, config, &message.agent.id, &BTreeSet::from([name.to_owned()]), None).await?;
    found.remove(name).ok_or_else(|| Failure::Internal(format!("{} has no secret {name}", message.agent.id)))
}
