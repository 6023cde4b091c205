//! `POST /api/conversations/{id}/remembered/erase`: the person wants it forgotten.

use shared::id::ConversationId;
use shared::remembered::Erase;
use worker::Response;

use crate::durable::conversation::{self, Act};
use crate::failure::Answer;
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let Erase {} = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    conversation::tell(&ask.env, id, Act::Erase { caller }).await?;
    Ok(Response::empty()?.with_status(204))
}
