//! The token that says who calls, in the cookie or in the frame's own memory. The only place that makes a [`Caller`].
//!
//! Where no cookie sticks (K8), the frame says so at its visit, keeps the token itself and sends it with each request:
//! `Authorization: Bearer …` (RFC 6750), of a socket among its protocols, never in an address. A request that brings a token
//! that way is answered that way. Its cookie, if it has one all the same, is neither read nor set: what only the browser may
//! hold is not handed to a script.

use domain::json;
use domain::session::device;
use domain::session::life::Life;
use domain::session::{self, Token};
use domain::time::Millis;
use serde_json::{Map, Value};
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::{AgentId, ConversationId, PersonId, SessionId};
use shared::visit::{Kept, SOCKET_BEARER, SOCKET_PROTOCOL};
use worker::{Headers, Request, Response, ResponseBody};

use super::{Ask, known};
use crate::caller::Caller;
use crate::clock::now;
use crate::durable::person::{self, Act, Lasts, PersonReply};
use crate::failure::{Answer, Failure};

/// Where the browser keeps the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// In the cookie.
    Cookie,
    /// In the frame's own memory.
    Frame,
}

impl Keeper {
    /// As a request shows by what it brings.
    pub fn of(request: &Request) -> Answer<Self> {
        let brings = request.headers().has("authorization")? || protocols(request)?.is_some();
        Ok(if brings { Self::Frame } else { Self::Cookie })
    }
}

/// Whom the token names, verified, and the session found alive.
pub struct Holder {
    /// As the objects are told.
    pub caller: Caller,
    /// The conversation: the token's before a login, the person's current one after it.
    pub conversation: ConversationId,
    /// What to call the person.
    pub label: Option<String>,
    /// The token.
    token: Token,
    /// It is signed with the key that signs now.
    is_newest: bool,
    /// How long the person's session lasts.
    lasts: Option<Lasts>,
}

/// The holder of the request's token for this agent, who did something now. None for a token that is absent, forged, expired
/// or revoked.
pub async fn holder(ask: &Ask, agent: &AgentId) -> Answer<Option<Holder>> {
    held(ask, agent, true).await
}

/// As [`holder`]; without an interaction nobody did anything, and the session goes on ending.
pub async fn held(ask: &Ask, agent: &AgentId, interaction: bool) -> Answer<Option<Holder>> {
    let Some(text) = presented(ask, agent)? else { return Ok(None) };
    let Ok(token) = session::verify(&text, &ask.config.signing, agent, &ask.config.origin, now()) else {
        return Ok(None);
    };
    let is_newest = session::is_newest(&text, &ask.config.signing, agent);
    let (session, expires_at) = (token.sid().clone(), token.expires_at());
    let device = device::label(&ask.request.headers().get("user-agent")?.unwrap_or_default());
    let known = known::of(ask, agent)?;
    let Some(person) = token.person().cloned() else {
        let caller =
            Caller { session, person: None, expires_at, idle_at: expires_at, tell_at: expires_at, device, known };
        let conversation = token.conversation().clone();
        return Ok(Some(Holder { caller, conversation, label: None, token, is_newest, lasts: None }));
    };
    match person::tell(&ask.env, agent, &person, Act::Check { session: session.clone(), interaction }).await? {
        PersonReply::Alive { conversation, label, lasts } => {
            let Lasts { idle_at, tell_at, .. } = lasts;
            let caller = Caller { session, person: Some(person), expires_at, idle_at, tell_at, device, known };
            Ok(Some(Holder { caller, conversation, label: Some(label), token, is_newest, lasts: Some(lasts) }))
        }
        _ => Ok(None),
    }
}

/// The holder, who must be somebody, and whose conversation must be this one: a person has one thread, and a page that
/// still shows another has to visit first.
pub async fn caller(ask: &Ask, conversation: &ConversationId) -> Answer<Caller> {
    here(held(ask, &conversation.agent()?, true).await?, conversation)
}

/// The same of a page that comes back by itself: nobody did anything.
pub async fn onlooker(ask: &Ask, conversation: &ConversationId) -> Answer<Caller> {
    here(held(ask, &conversation.agent()?, false).await?, conversation)
}

fn here(holder: Option<Holder>, conversation: &ConversationId) -> Answer<Caller> {
    let holder = holder.filter(|holder| holder.conversation == *conversation);
    Ok(holder.ok_or(ErrorCode::SignedOut)?.caller)
}

/// The token's text, as the request brings it.
fn presented(ask: &Ask, agent: &AgentId) -> Answer<Option<String>> {
    let headers = ask.request.headers();
    if ask.keeper == Keeper::Cookie {
        let header = headers.get("cookie")?.unwrap_or_default();
        return Ok(session::read_cookie(&header, agent).map(str::to_owned));
    }
    if let Some(header) = headers.get("authorization")? {
        let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return Ok(token.map(|(_, token)| token.to_owned()));
    }
    protocols(&ask.request)
}

/// The token among a socket's protocols (RFC 6455, section 11.3.4): a browser lets a page send nothing else along.
fn protocols(request: &Request) -> Answer<Option<String>> {
    let Some(header) = request.headers().get("sec-websocket-protocol")? else { return Ok(None) };
    let mut listed = header.split(',').map(str::trim);
    if listed.next() != Some(SOCKET_PROTOCOL) {
        return Ok(None);
    }
    Ok(listed.next().and_then(|one| one.strip_prefix(SOCKET_BEARER)).map(str::to_owned))
}

/// Signs a token and hands it over: as the agent's cookie, for as long as it lives, or in the answer's body.
pub fn set(ask: &Ask, response: Response, token: &Token) -> Answer<Response> {
    let agent = token.agent();
    let signed = session::sign(token, &ask.config.signing, agent);
    match ask.keeper {
        Keeper::Frame => in_body(&response, signed),
        Keeper::Cookie => {
            let life_s = token.expires_at().since(now()) / 1_000;
            with(response, &session::set_cookie(agent, &signed, life_s))
        }
    }
}

/// Signs the holder's token again where that is due (K7): its key is no longer the one that signs, or it ends before the
/// session does. It never ends earlier than before, and nothing is ever cleared here: of two tabs that come at once, whichever
/// answer is the last leaves the browser signed in.
pub fn renew(ask: &Ask, response: Response, holder: &Holder, life: Life) -> Answer<Response> {
    let at = now();
    let end = holder.token.expires_at();
    let outgrown = holder.lasts.filter(|lasts| life.outgrew(end, lasts.began, at));
    if end <= at.plus_s(1) || (holder.is_newest && outgrown.is_none()) {
        return Ok(response);
    }
    let until = outgrown.map_or(end, |lasts| life.cookie_end(lasts.began, at));
    set(ask, response, &holder.token.renewed(holder.conversation.clone(), at, until))
}

/// Hands over the token of a person who has just proved who they are: where they go on, their fresh session, when it begins
/// and ends in Unix milliseconds, and how they proved it.
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

/// Clears the agent's cookie. What a frame keeps itself it forgets itself.
pub fn clear(ask: &Ask, response: Response, agent: &AgentId) -> Answer<Response> {
    match ask.keeper {
        Keeper::Cookie => with(response, &session::clear_cookie(agent)),
        Keeper::Frame => Ok(response),
    }
}

/// Adds a `Set-Cookie` header.
pub fn with(response: Response, cookie: &str) -> Answer<Response> {
    let headers: Headers = response.headers().clone();
    headers.append("set-cookie", cookie).map_err(Failure::from)?;
    Ok(response.with_headers(headers))
}

/// The same answer with the token in it.
fn in_body(response: &Response, signed: String) -> Answer<Response> {
    let mut fields: Map<String, Value> = match response.body() {
        ResponseBody::Body(bytes) => json::read(bytes)?,
        _ => return Err(Failure::Internal("no body for the token".to_owned())),
    };
    if let Value::Object(kept) = json::value(&Kept { bearer: Some(signed) })? {
        fields.extend(kept);
    }
    Ok(Response::from_json(&fields)?.with_status(response.status_code()))
}
