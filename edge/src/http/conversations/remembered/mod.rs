//! `GET /api/conversations/{id}/remembered`: what this chat remembers about the person who asks.

pub mod erase;

use shared::id::ConversationId;
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, cookie};

/// Answers.
pub async fn answer(ask: &Ask, id: &ConversationId) -> Answer<Response> {
    let caller = cookie::caller(ask, id).await?;
    match conversation::tell(&ask.env, id, Act::Remembered { caller }).await? {
        ConversationReply::Remembered { remembered } => Ok(Response::from_json(&remembered)?),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
