//! `POST /api/conversations/{id}/login/host`: the host page says who its user is.

use serde::Deserialize;
use serde_json::Value;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::ConversationId;
use shared::login::HostSignedIn;
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::agents::visit::client_address;
use crate::http::{Ask, body, cookie};

/// [`shared::login::HostLogin`], with whatever a page's template writes where nobody is signed in: a token that is missing, null
/// or a list proves nobody like any other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    #[serde(default)]
    token: Value,
}

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let Shown { token } = body::read(&mut ask.request).await?;
    // The host page says it at each load: nobody did anything.
    let caller = cookie::onlooker(&ask, id).await?;
    let Value::String(token) = token else { return Err(ErrorCode::ProofRefused.into()) };
    let client = client_address(&ask)?;
    match conversation::tell(&ask.env, id, Act::Host { caller, token, client }).await? {
        ConversationReply::Done => Ok(Response::empty()?.with_status(204)),
        ConversationReply::Vouched { person, session, conversation, times } => {
            let response = Response::from_json(&HostSignedIn { conversation: conversation.clone() })?;
            cookie::sign_in(&ask, response, (conversation, session, person), times, Method::HostToken)
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
