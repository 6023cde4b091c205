//! `POST /api/conversations/{id}/account/revoke`: the person signs one of their devices out.

use shared::account::RevokeDevice;
use shared::error::ErrorCode;
use shared::id::ConversationId;
use worker::Response;

use crate::durable::person::{self, Act, PersonReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let RevokeDevice { id: device } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    let person = caller.person.ok_or(ErrorCode::SignedOut)?;
    let act = Act::Revoke { session: caller.session, device };
    match person::tell(&ask.env, &id.agent()?, &person, act).await? {
        PersonReply::Done => Ok(Response::empty()?.with_status(204)),
        PersonReply::Gone => Err(ErrorCode::SignedOut.into()),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
