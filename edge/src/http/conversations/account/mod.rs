//! `GET /api/conversations/{id}/account`: where the person is signed in, and how they can sign in.

pub mod passkey;
pub mod revoke;
pub mod unlink;

use shared::error::ErrorCode;
use shared::id::ConversationId;
use worker::Response;

use crate::durable::person::{self, Act, PersonReply};
use crate::failure::{Answer, Failure};
use crate::http::{Ask, cookie};

/// Answers.
pub async fn answer(ask: &Ask, id: &ConversationId) -> Answer<Response> {
    let caller = cookie::caller(ask, id).await?;
    let person = caller.person.ok_or(ErrorCode::SignedOut)?;
    match person::tell(&ask.env, &id.agent()?, &person, Act::Account { session: caller.session }).await? {
        PersonReply::Account { account } => Ok(Response::from_json(&account)?),
        PersonReply::Gone => Err(ErrorCode::SignedOut.into()),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
