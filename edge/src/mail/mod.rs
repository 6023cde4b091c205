//! Mail: one code to one address, handed to the mail service once, whatever happens on the way.

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

/// Sends the mail. An error means that it was not taken, tries and all.
pub async fn send(env: &Env, config: &Config, mail: CodeMail<'_>) -> Answer<()> {
    let words = words::Words::of(&mail);
    match &config.mail {
        Mail::Resend { base_url, key, from } => {
            resend::send(&resend::Account { base_url, key, from }, &mail, &words).await
        }
        #[cfg(feature = "dev")]
        Mail::Outbox => outbox::put(env, &mail, words).await,
    }
    .inspect_err(|failure| crate::failure::log("mail_failed", "", &format!("{failure:?}")))?;
    let _ = env;
    Ok(())
}
