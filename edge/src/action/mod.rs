//! Sends what an action came to: one request, signed, bounded in time and size, never redirected.
//!
//! What is sent stands in no log: only the action's name, the status and what failed.

pub mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::action::address::Allowed;
use domain::action::answer::{self, AnswerFault, Read};
use domain::action::template::{Prepared, Unprepared, Uses};
use domain::action::{Action, Kind, Verb, sign};
use domain::keys::Purpose;
use domain::secrets::is_own;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use shared::id::AgentId;
use wasm_bindgen::JsValue;
use worker::{
    AbortController, AbortSignal, CacheMode, Delay, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
    Response,
};

use crate::clock::now;
use crate::config::Config;
use crate::failure::{Answer, log};
use crate::store::secrets;

/// The most bytes of an answer that are read (R52).
const MOST_BYTES: usize = 256 * 1024;

/// The least and the most that a call may take, whatever the settings say, milliseconds.
const TIMEOUT_MS: core::ops::RangeInclusive<u32> = 100..=10_000;

/// What came back.
#[derive(Debug)]
pub struct Answered {
    /// The HTTP status; a redirect is one like any other.
    pub status: u16,
    /// The body, read.
    pub read: Read,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFault {
    /// It certainly did not reach the API: it may be sent again.
    NotSent(&'static str),
    /// Nobody knows whether it arrived and what it did.
    Unknown(&'static str),
}

impl core::fmt::Display for SendFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotSent(why) => write!(f, "not sent: {why}"),
            Self::Unknown(why) => write!(f, "outcome unknown: {why}"),
        }
    }
}

/// The addresses that actions of this deployment may call: public ones, and in development builds this machine's.
pub fn allowed() -> Allowed {
    Allowed { ports: Vec::new(), loopback: cfg!(feature = "dev") }
}

/// The agent's secrets that a template uses and that may be sent to its host.
pub async fn known_secrets(
    env: &Env,
    config: &Config,
    agent: &AgentId,
    uses: &Uses,
) -> Answer<BTreeMap<String, String>> {
    let names: BTreeSet<String> = uses.secrets.iter().filter(|name| !is_own(name)).cloned().collect();
    secrets::find(env, config, agent, &names, Some(&uses.host)).await
}

/// Why a template could not be filled, without any value: for logs.
pub fn why(unprepared: &Unprepared) -> &'static str {
    match unprepared {
        Unprepared::MissingContext(_) => "the person has not got a field that it needs",
        Unprepared::MissingSecret(_) => "the agent has not got a secret that it needs",
        Unprepared::MissingStep(_) => "the step before did not give what it needs",
        Unprepared::Template(_) => "the template cannot be filled",
        Unprepared::Address(_) => "the address is refused",
    }
}

/// Sends it, and reads the answer within the action's time.
///
/// `key` names the call: the API is to take it once (R63). `client` is the visitor's address; a login action hands it on,
/// signed, so that the API can bound guesses by it (R18). The answer is not logged, nor what was sent.
pub async fn send(
    config: &Config,
    agent: &AgentId,
    action: &Action,
    prepared: Prepared,
    key: &str,
    client: Option<&str>,
) -> Result<Answered, SendFault> {
    let outcome = bounded(config, agent, action, prepared, key, client).await;
    match &outcome {
        Ok(answered) if answered.status < 500 => {}
        Ok(answered) => log("action_answered", "", &format!("{agent} {}: {}", action.name, answered.status)),
        Err(fault) => log("action_failed", "", &format!("{agent} {}: {fault}", action.name)),
    }
    outcome
}

/// As [`send`]: when the time is over the request is aborted, its body with it.
async fn bounded(
    config: &Config,
    agent: &AgentId,
    action: &Action,
    prepared: Prepared,
    key: &str,
    client: Option<&str>,
) -> Result<Answered, SendFault> {
    let request =
        request(config, agent, action, &prepared, key, client).map_err(|_| SendFault::NotSent("no such request"))?;
    let most_ms = action.timeout_ms.clamp(*TIMEOUT_MS.start(), *TIMEOUT_MS.end());
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchanged = exchange(request, &signal);
    let delay = Delay::from(Duration::from_millis(u64::from(most_ms)));
    let outcome = match select(std::pin::pin!(exchanged), std::pin::pin!(delay)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(SendFault::Unknown("no answer in time")),
    };
    // An answer that was given up would otherwise still be read by the runtime.
    if outcome.is_err() {
        controller.abort();
    }
    outcome
}

fn request(
    config: &Config,
    agent: &AgentId,
    action: &Action,
    prepared: &Prepared,
    key: &str,
    client: Option<&str>,
) -> worker::Result<Request> {
    let headers = Headers::new();
    for (name, value) in &prepared.headers {
        headers.append(name, value)?;
    }
    let body = prepared.body.as_deref();
    if body.is_some() && !headers.has("content-type")? {
        headers.set("content-type", "application/json")?;
    }
    if !headers.has("accept")? {
        headers.set("accept", "application/json")?;
    }
    headers.set("user-agent", crate::USER_AGENT)?;
    if prepared.method != Verb::Get {
        headers.set("idempotency-key", key)?;
    }
    // After the settings' own headers: what we vouch for cannot be written by them.
    let (secret, at) = (config.master.derive(&agent.saved(), Purpose::Outgoing), now().secs());
    headers.set("webhook-id", key)?;
    headers.set("webhook-timestamp", &at.to_string())?;
    headers.set("webhook-signature", &sign::signature(&secret, key, at, body.unwrap_or_default()))?;
    headers.delete("countersign-client-ip")?;
    headers.delete("countersign-client-ip-signature")?;
    if let (Kind::Login { .. }, Some(client)) = (&action.kind, client) {
        headers.set("countersign-client-ip", client)?;
        headers.set("countersign-client-ip-signature", &sign::signature(&secret, key, at, client))?;
    }
    let mut init = RequestInit::new();
    init.with_method(match prepared.method {
        Verb::Get => Method::Get,
        Verb::Post => Method::Post,
        Verb::Put => Method::Put,
        Verb::Patch => Method::Patch,
        Verb::Delete => Method::Delete,
    })
    .with_headers(headers)
    .with_redirect(RequestRedirect::Manual)
    // One person's answer must never be another's: no cache between.
    .with_cache(CacheMode::NoStore)
    .with_body(body.map(JsValue::from_str));
    Request::new_with_init(&prepared.url, &init)
}

async fn exchange(request: Request, signal: &AbortSignal) -> Result<Answered, SendFault> {
    let sent = Fetch::Request(request).send_with_signal(signal).await;
    // The runtime does not tell a name that is not found from a connection that was cut after the request.
    let mut response = sent.map_err(|_| SendFault::Unknown("no connection, or it was cut"))?;
    let status = response.status_code();
    let body = whole(&mut response).await?;
    let read = answer::read(status, &body).map_err(|fault| {
        SendFault::Unknown(match fault {
            AnswerFault::TooLarge => "the answer is too large",
            AnswerFault::TooDeep => "the answer is nested too deep",
        })
    })?;
    Ok(Answered { status, read })
}

/// The body, never more of it in memory than may be read and the chunk that is over it.
async fn whole(response: &mut Response) -> Result<Vec<u8>, SendFault> {
    let mut body = Vec::new();
    // A response without a body has no stream.
    let Ok(mut stream) = response.stream() else { return Ok(body) };
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| SendFault::Unknown("the answer was cut"))?;
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(SendFault::Unknown("the answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
