//! `POST /api/conversations/{id}/login/passkey/verify`: what a passkey signed; when it is right, the session's cookie.

use shared::id::ConversationId;
use shared::login::Verified;
use shared::passkey::PasskeyAnswer;
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::agents::visit::client_address;
use crate::http::{Ask, body, cookie};

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let PasskeyAnswer { card, credential } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    let act = Act::VerifyPasskey { caller, card, credential, client: client_address(&ask)? };
    match conversation::tell(&ask.env, id, act).await? {
        ConversationReply::Proved { person, session, conversation, times, method, card } => {
            let response = Response::from_json(&Verified { card })?;
            cookie::sign_in(&ask, response, (conversation, session, person), times, method)
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
