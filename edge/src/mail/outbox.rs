//! Without a key: the mail is kept and shown at `/dev/inbox`.

use shared::card::Channel;
use worker::Env;

use super::Letter;
use super::words::Words;
use crate::clock::now;
use crate::durable::outbox::{OutboxCommand, OutboxMail, tell};
use crate::failure::Answer;

/// Keeps the mail.
pub async fn put(env: &Env, letter: &Letter<'_>, words: Words) -> Answer<()> {
    let mail = OutboxMail {
        channel: Channel::Email,
        to: letter.to.as_str().to_owned(),
        subject: words.subject,
        text: words.text,
        at: now().rfc3339(),
    };
    tell(env, &OutboxCommand::Put { mail }).await.map(|_| ())
}
