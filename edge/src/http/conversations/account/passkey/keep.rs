//! `POST /api/conversations/{id}/account/passkey/keep`: a new passkey.

use shared::id::ConversationId;
use shared::passkey::KeepPasskey;
use worker::Response;

use crate::durable::conversation::{self, Act};
use crate::failure::Answer;
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let KeepPasskey { credential } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    conversation::tell(&ask.env, id, Act::KeepPasskey { caller, credential }).await?;
    Ok(Response::empty()?.with_status(204))
}
