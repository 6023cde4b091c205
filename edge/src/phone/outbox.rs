//! Without an account: the message is kept and shown at `/dev/inbox`.

use worker::Env;

use super::{CodeMessage, words};
use crate::clock::now;
use crate::config::Config;
use crate::durable::outbox::{OutboxCommand, OutboxMail, tell};
use crate::failure::Answer;

/// Keeps the message.
pub async fn put(env: &Env, config: &Config, message: &CodeMessage<'_>) -> Answer<()> {
    let mail = OutboxMail {
        channel: message.channel,
        to: message.to.as_str().to_owned(),
        subject: String::new(),
        text: words::text(config, message),
        at: now().rfc3339(),
    };
    tell(env, &OutboxCommand::Put { mail }).await.map(|_| ())
}
