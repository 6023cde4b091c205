//! `POST /api/conversations/{id}/login/match`: the other window is the visitor's own; then the session's cookie.

use shared::id::ConversationId;
use shared::login::{MatchWindow, Verified};
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let MatchWindow { card, code } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    match conversation::tell(&ask.env, id, Act::Match { caller, card, code }).await? {
        ConversationReply::Proved { person, session, conversation, times, method, card } => {
            let response = Response::from_json(&Verified { card })?;
            cookie::sign_in(&ask, response, (conversation, session, person), times, method)
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
