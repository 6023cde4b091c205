//! `POST /hooks/twilio/{conversation}?send={name}`: what became of a message that Twilio carries.

use domain::webhook::twilio;
use shared::error::ErrorCode;
use shared::id::ConversationId;
use worker::{Method, Response};

use super::{header, query, secret};
use crate::durable::conversation::{self, Act};
use crate::failure::Answer;
use crate::http::{Ask, body};
use crate::phone::TWILIO_AUTH_TOKEN;

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    if ask.request.method() != Method::Post {
        return Err(ErrorCode::MethodNotAllowed.into());
    }
    let raw = body::bytes(&mut ask.request).await?;
    let parameters: Vec<(String, String)> = form_urlencoded::parse(&raw).into_owned().collect();
    let token = secret(&ask, &id.agent()?, TWILIO_AUTH_TOKEN).await?;
    // The address as Twilio was given it; what stands before us may have changed the host or the scheme.
    let url = ask.request.url()?;
    let asked = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{}{}{asked}", ask.config.origin, url.path());
    if !twilio::is_signed(&token, &url, &parameters, &header(&ask, "x-twilio-signature")?) {
        return Err(ErrorCode::WrongOrigin.into());
    }
    let status = parameters.iter().find(|(name, _)| name == "MessageStatus").map(|(_, value)| value.as_str());
    if status.is_some_and(twilio::is_lost)
        && let Some(send) = query(&ask)?.remove("send")
    {
        conversation::tell(&ask.env, id, Act::Undelivered { send }).await?;
    }
    Ok(Response::empty()?.with_status(204))
}
