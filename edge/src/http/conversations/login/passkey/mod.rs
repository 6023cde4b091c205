//! `POST /api/conversations/{id}/login/passkey`: what a passkey is to sign.

pub mod verify;

use shared::id::ConversationId;
use shared::passkey::AskPasskey;
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let AskPasskey { card } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    match conversation::tell(&ask.env, id, Act::AskPasskey { caller, card }).await? {
        ConversationReply::PasskeyAsked { options } => Ok(Response::from_json(&options)?),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
