//! `POST /api/conversations/{id}/login/cancel`: the visitor closes the card.

use shared::id::ConversationId;
use shared::login::CancelLogin;
use worker::Response;

use crate::durable::conversation::{self, Act};
use crate::failure::Answer;
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let CancelLogin { card } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    conversation::tell(&ask.env, id, Act::Cancel { caller, card }).await?;
    Ok(Response::empty()?.with_status(204))
}
