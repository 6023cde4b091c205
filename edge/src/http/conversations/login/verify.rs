//! `POST /api/conversations/{id}/login/verify`: a guess; when it is right, the session's cookie.

use shared::id::ConversationId;
use shared::login::{Verified, VerifyCode};
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let VerifyCode { card, code } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    match conversation::tell(&ask.env, id, Act::Verify { caller, card, code }).await? {
        ConversationReply::Proved { person, session, conversation, times, method, card } => {
            let response = Response::from_json(&Verified { card })?;
            cookie::sign_in(&ask, response, (conversation, session, person), times, method)
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
