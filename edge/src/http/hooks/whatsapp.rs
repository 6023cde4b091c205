//! `/hooks/whatsapp/{agent}`: Meta asks once whether the address is ours (GET), then tells what became of messages (POST).

use domain::webhook::meta;
use shared::error::ErrorCode;
use shared::id::{AgentId, ConversationId};
use worker::{Headers, Method, Response};

use super::{header, query, secret};
use crate::durable::conversation::{self, Act};
use crate::failure::Answer;
use crate::http::{Ask, body};
use crate::phone::{WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN};

/// The most statuses of one call that are looked at: each may wake a conversation.
const MOST: usize = 100;

/// Answers.
pub async fn answer(mut ask: Ask, agent: &AgentId) -> Answer<Response> {
    if ask.request.method() == Method::Get {
        return subscribe(&ask, agent).await;
    }
    let raw = body::bytes(&mut ask.request).await?;
    let app_secret = secret(&ask, agent, WHATSAPP_APP_SECRET).await?;
    if !meta::is_signed(&app_secret, &raw, &header(&ask, "x-hub-signature-256")?) {
        return Err(ErrorCode::WrongOrigin.into());
    }
    for status in meta::statuses(&raw).into_iter().filter(|status| status.is_lost).take(MOST) {
        let Some((conversation, send)) = status.ours.split_once('/') else { continue };
        let Ok(conversation) = ConversationId::parse(conversation) else { continue };
        // The secret is this agent's: it says nothing about another's conversations.
        if conversation.agent().is_ok_and(|owner| owner == *agent) {
            conversation::tell(&ask.env, &conversation, Act::Undelivered { send: send.to_owned() }).await?;
        }
    }
    Ok(Response::empty()?.with_status(204))
}

/// Meta wants its challenge back, if the word is the agreed one.
async fn subscribe(ask: &Ask, agent: &AgentId) -> Answer<Response> {
    let mut asked = query(ask)?;
    let agreed = secret(ask, agent, WHATSAPP_VERIFY_TOKEN).await?;
    let word = asked.remove("hub.verify_token").unwrap_or_default();
    let challenge = asked.remove("hub.challenge").unwrap_or_default();
    let is_plain = (1..=128).contains(&challenge.len()) && challenge.bytes().all(|b| b.is_ascii_alphanumeric());
    if asked.get("hub.mode").is_none_or(|mode| mode != "subscribe") || !meta::is_word(&agreed, &word) || !is_plain {
        return Err(ErrorCode::WrongOrigin.into());
    }
    let headers = Headers::new();
    headers.set("content-type", "text/plain")?;
    Ok(Response::ok(challenge)?.with_headers(headers))
}
