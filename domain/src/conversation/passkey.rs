//! What a passkey is asked to sign on a login card: used once, by the session that asked, for five minutes.

use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::id::{CardId, SessionId};

use super::Conversation;
use super::login::StartRefused;
use crate::agent::Agent;
use crate::passkey::CHALLENGE_MS;
use crate::time::Millis;

/// What a passkey is to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// 32 random bytes, base64url.
    pub challenge: String,
    /// The session that asked.
    pub session: SessionId,
    /// When.
    pub at: Millis,
}

impl Conversation {
    /// Notes what a passkey is to sign, in the place of what was asked before.
    ///
    /// # Errors
    /// [`StartRefused::CardGone`] and [`StartRefused::MethodOff`]; nothing has changed then.
    pub fn ask_passkey(&mut self, agent: &Agent, card: &CardId, asked: Asked) -> Result<(), StartRefused> {
        let auth = &agent.customer_auth;
        let Some(pending) = self.pending(card) else { return Err(StartRefused::CardGone) };
        if !auth.enabled || !auth.methods.contains(&Method::Passkey) || !pending.card.methods.contains(&Method::Passkey)
        {
            return Err(StartRefused::MethodOff);
        }
        pending.passkey = Some(asked);
        Ok(())
    }

    /// Takes what was to be signed, so that nothing is accepted for it twice. None where nothing was asked for, or it is
    /// over, or another session asked. The caller stores the conversation before it looks at an answer.
    pub fn take_passkey(&mut self, card: &CardId, session: &SessionId, now: Millis) -> Option<String> {
        let asked = self.pending(card)?.passkey.take()?;
        let serves = asked.session == *session && now.since(asked.at) <= CHALLENGE_MS;
        serves.then_some(asked.challenge)
    }
}
