//! `POST /api/conversations/{id}/login/action`: the form of a login action. When the company's API accepts it, the
//! session's cookie.

use shared::error::ErrorCode;
use shared::id::ConversationId;
use shared::login::{SubmitLogin, Submitted};
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::agents::visit::client_address;
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let SubmitLogin { card, action, values } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    let (client, address) = (client_address(&ask)?, ask.request.headers().get("cf-connecting-ip")?.unwrap_or_default());
    let act = Act::Submit { caller, card, action, values, client, address };
    match conversation::tell(&ask.env, id, act).await? {
        ConversationReply::Card { card } => Ok(Response::from_json(&Submitted { card })?),
        ConversationReply::Proved { person, session, conversation, times, method, card } => {
            let response = Response::from_json(&Submitted { card })?;
            cookie::sign_in(&ask, response, (conversation, session, person), times, method)
        }
        ConversationReply::LoginRefused { message } => {
            let code = ErrorCode::LoginRefused;
            Err(message.map_or_else(|| code.into(), |words| Failure::Said(code, words)))
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
