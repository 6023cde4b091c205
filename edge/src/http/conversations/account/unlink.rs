//! `POST /api/conversations/{id}/account/unlink`: the person takes away a way to sign in.

use shared::account::Unlink;
use shared::id::ConversationId;
use worker::Response;

use crate::durable::conversation::{self, Act};
use crate::failure::Answer;
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let Unlink { id: proof } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    conversation::tell(&ask.env, id, Act::Unlink { caller, id: proof }).await?;
    Ok(Response::empty()?.with_status(204))
}
