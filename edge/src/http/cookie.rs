//! The cookie: who calls. The only place that makes a [`Caller`].

use domain::session::{self, Token};
use domain::time::Millis;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::{AgentId, ConversationId, PersonId, SessionId};
use worker::{Headers, Request, Response};

use super::{Ask, known};
use crate::caller::Caller;
use crate::clock::now;
use crate::durable::person::{self, Act, PersonReply};
use crate::failure::{Answer, Failure};

/// Whom the cookie names, verified, and the session found alive.
pub struct Holder {
    /// As the objects are told.
    pub caller: Caller,
    /// The conversation: the cookie's before a login, the person's current one after it.
    pub conversation: ConversationId,
    /// What to call the person.
    pub label: Option<String>,
}

/// The holder of the request's cookie for this agent. None for a cookie that is absent, forged, expired or revoked.
pub async fn holder(ask: &Ask, agent: &AgentId) -> Answer<Option<Holder>> {
    let Some(token) = token(&ask.request, ask, agent)? else { return Ok(None) };
    let (session, expires_at) = (token.sid().clone(), token.expires_at());
    let Some(person) = token.person().cloned() else {
        let caller = Caller { session, person: None, expires_at, known: known::of(ask, agent)? };
        return Ok(Some(Holder { caller, conversation: token.conversation().clone(), label: None }));
    };
    match person::tell(&ask.env, agent, &person, Act::Check { session: session.clone() }).await? {
        PersonReply::Alive { conversation, label } => {
            let known = known::of(ask, agent)?;
            let caller = Caller { session, person: Some(person), expires_at, known };
            Ok(Some(Holder { caller, conversation, label: Some(label) }))
        }
        _ => Ok(None),
    }
}

/// The holder, who must be somebody, and whose conversation must be this one: a person has one thread, and a page that
/// still shows another has to visit first.
pub async fn caller(ask: &Ask, conversation: &ConversationId) -> Answer<Caller> {
    let holder = holder(ask, &conversation.agent()?).await?.ok_or(ErrorCode::SignedOut)?;
    if holder.conversation != *conversation {
        return Err(ErrorCode::SignedOut.into());
    }
    Ok(holder.caller)
}

fn token(request: &Request, ask: &Ask, agent: &AgentId) -> Answer<Option<Token>> {
    let header = request.headers().get("cookie")?.unwrap_or_default();
    let Some(text) = session::read_cookie(&header, agent) else { return Ok(None) };
    Ok(session::verify(text, &ask.config.signing, agent, &ask.config.origin, now()).ok())
}

/// Signs a token and sets it as the agent's cookie, for as long as it lives.
pub fn set(ask: &Ask, response: Response, token: &Token) -> Answer<Response> {
    let agent = token.agent();
    let signed = session::sign(token, &ask.config.signing, agent);
    let life_s = token.expires_at().since(now()) / 1_000;
    with(response, &session::set_cookie(agent, &signed, life_s))
}

/// Sets the cookie of a person who has just proved who they are: where they go on, their fresh session, when it begins and
/// ends in Unix milliseconds, and how they proved it.
pub fn sign_in(
    ask: &Ask,
    response: Response,
    (conversation, session, person): (ConversationId, SessionId, PersonId),
    (began, ends): (u64, u64),
    method: Method,
) -> Answer<Response> {
    let (began, ends) = (Millis(began), Millis(ends));
    let life_s = ends.since(began) / 1_000;
    let proof = (method, began);
    let response = known::remember(ask, response, &conversation.agent()?, &person, method)?;
    let token = Token::session(&ask.config.origin, conversation, session, person, proof, began, life_s)?;
    set(ask, response, &token)
}

/// Clears the agent's cookie.
pub fn clear(response: Response, agent: &AgentId) -> Answer<Response> {
    with(response, &session::clear_cookie(agent))
}

pub(super) fn with(response: Response, cookie: &str) -> Answer<Response> {
    let headers: Headers = response.headers().clone();
    headers.append("set-cookie", cookie).map_err(Failure::from)?;
    Ok(response.with_headers(headers))
}
