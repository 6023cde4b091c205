//! Mail: one code or one invitation to one address, handed to the mail service once, whatever happens on the way.

#[cfg(feature = "dev")]
mod outbox;
mod resend;
mod words;

pub use words::escape;

use domain::address::EmailAddress;
use domain::challenge::code::Code;
use worker::Env;

use crate::config::{Config, Mail};
use crate::failure::Answer;

/// A mail with a one-time code.
pub struct CodeMail<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The language of its words: one of [`crate::words`].
    pub language: &'static str,
    /// To whom.
    pub to: &'a EmailAddress,
    /// The code.
    pub code: &'a Code,
    /// The word that stands on the card too.
    pub reference: &'a str,
    /// How long the code lives, minutes.
    pub minutes: u8,
    /// The same on every try, so that the service sends one mail at most.
    pub idempotency_key: String,
}

/// A mail with an invitation to the console.
pub struct InviteMail<'a> {
    /// What the invitation is for: the agent's name, or the console as a whole.
    pub what: &'a str,
    /// To whom.
    pub to: &'a EmailAddress,
    /// As what, in a word.
    pub role: &'a str,
    /// The one-time link.
    pub link: &'a str,
    /// How long the link lives, days.
    pub days: u64,
    /// The same on every try.
    pub idempotency_key: String,
}

/// To whom a mail goes.
struct Letter<'a> {
    to: &'a EmailAddress,
    idempotency_key: &'a str,
}

/// Sends a code. An error means that the mail was not taken, tries and all.
pub async fn send(env: &Env, config: &Config, mail: CodeMail<'_>) -> Answer<()> {
    let letter = Letter { to: mail.to, idempotency_key: &mail.idempotency_key };
    post(env, config, &letter, words::Words::of(&mail)?).await
}

/// Sends an invitation. An error means that the mail was not taken, tries and all.
pub async fn invite(env: &Env, config: &Config, mail: InviteMail<'_>) -> Answer<()> {
    let letter = Letter { to: mail.to, idempotency_key: &mail.idempotency_key };
    post(env, config, &letter, words::Words::of_invitation(&mail)).await
}

async fn post(env: &Env, config: &Config, letter: &Letter<'_>, words: words::Words) -> Answer<()> {
    match &config.mail {
        Mail::Resend { base_url, key, from } => {
            resend::send(&resend::Account { base_url, key, from }, letter, &words).await
        }
        #[cfg(feature = "dev")]
        Mail::Outbox => outbox::put(env, letter, words).await,
    }
    .inspect_err(|failure| crate::failure::log("mail_failed", "", &format!("{failure:?}")))?;
    let _ = env;
    Ok(())
}
