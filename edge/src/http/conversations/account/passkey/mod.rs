//! `POST /api/conversations/{id}/account/passkey`: what a new passkey is made with.

pub mod keep;

use shared::id::ConversationId;
use shared::passkey::NewPasskey;
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let NewPasskey {} = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    match conversation::tell(&ask.env, id, Act::NewPasskey { caller }).await? {
        ConversationReply::PasskeyMaking { options } => Ok(Response::from_json(&options)?),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
