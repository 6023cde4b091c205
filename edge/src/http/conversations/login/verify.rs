//! `POST /api/conversations/{id}/login/verify`: a guess; when it is right, the session's cookie.

use domain::session::Token;
use domain::time::Millis;
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
        ConversationReply::Proved { person, session, conversation, times: (began, ends), card } => {
            let (began, ends) = (Millis(began), Millis(ends));
            let token = Token::session(
                &ask.config.origin,
                conversation,
                session,
                person,
                began,
                began,
                ends.since(began) / 1_000,
            )?;
            cookie::set(&ask, Response::from_json(&Verified { card })?, &token)
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
