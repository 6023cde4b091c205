//! `GET /login/google/callback`: the window, back from Google. Finishes no login: what it brought waits in the conversation.

use domain::agent::Agent;
use domain::keys::Purpose;
use domain::oidc::attempt::{Attempt, Said};
use shared::error::ErrorCode;
use worker::Response;

use super::page::Shown;
use super::{cookies, page};
use crate::clock::now;
use crate::durable::conversation::{self, Act, Came, ConversationReply, Returned};
use crate::durable::limiter::{self, Budget};
use crate::failure::{Answer, Failure};
use crate::google;
use crate::http::agents::visit::client_address;
use crate::http::{Ask, cookie};
use crate::store::agents;

/// The most bytes of a code.
const MOST_CODE: usize = 2048;

/// What stands in the address, each at most once.
#[derive(Default)]
struct Brought {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

/// Answers.
pub async fn answer(ask: &Ask) -> Answer<Response> {
    let Some(brought) = read(ask)? else { return page::answer(ask, None, &Shown::Ended) };
    let Some(said) = brought.state.as_deref().and_then(Said::parse) else {
        return page::answer(ask, None, &Shown::Ended);
    };
    let agent = agents::find(&ask.env, &said.conversation.agent()?).await?;
    let key = ask.config.master.derive(&said.conversation.agent()?, Purpose::Window);
    let window = cookies::read(&ask.request, &cookies::window_name(&said.flow))?.unwrap_or_default();
    let Ok(attempt) = said.attempt(&key, &window, now()) else {
        return page::answer(ask, agent.as_deref(), &Shown::Ended);
    };
    if let (Some(agent), Some(retry_after_s)) = (&agent, counted(ask, &attempt).await?) {
        // What it brought is not looked at: the window is not over by this.
        return page::answer(ask, Some(agent), &Shown::TooOften { retry_after_s });
    }
    let shown = take(ask, agent.as_deref(), &attempt, &key, brought).await?;
    let mut response = page::answer(ask, agent.as_deref(), &shown)?;
    for gone in cookies::clear(&attempt.flow) {
        response = cookie::with(response, &gone)?;
    }
    Ok(response)
}

/// Counts a window that came back, before its conversation is asked: whoever sets out may come back as often as they like,
/// and to any conversation. How long to wait where too many did.
async fn counted(ask: &Ask, attempt: &Attempt) -> Answer<Option<u32>> {
    let (agent, client) = (attempt.conversation.agent()?, client_address(ask)?);
    match limiter::take(&ask.env, &ask.config.master, &agent, Budget::WindowBackIp, &client).await {
        Ok(()) => Ok(None),
        Err(Failure::Client(refusal)) if refusal.code == ErrorCode::TooOften => {
            Ok(Some(refusal.retry_after_s.unwrap_or_default()))
        }
        Err(failure) => Err(failure),
    }
}

/// What the window shows about what it brought.
async fn take(ask: &Ask, agent: Option<&Agent>, attempt: &Attempt, key: &[u8; 32], brought: Brought) -> Answer<Shown> {
    if agent.is_none() {
        return Ok(Shown::Ended);
    }
    let why = match (&brought.code, brought.error.as_deref()) {
        (Some(code), None) if is_code(code) && is_from(ask, brought.issuer.as_deref()).await => None,
        (_, Some("access_denied")) => Some(("cancelled", Shown::Cancelled)),
        (_, Some(_)) => Some(("error", Shown::Refused)),
        _ => Some(("answer", Shown::Refused)),
    };
    let conversation = &attempt.conversation;
    if let Some((why, shown)) = why {
        let act = Act::WindowLeft { flow: attempt.flow.clone(), why: why.to_owned() };
        conversation::tell(&ask.env, conversation, act).await?;
        return Ok(shown);
    }
    let returned = Returned {
        flow: attempt.flow.clone(),
        code: brought.code.unwrap_or_default(),
        verifier: attempt.verifier(key),
        nonce: attempt.nonce(key),
        binding: cookies::read(&ask.request, &cookies::binding_name(&attempt.flow))?,
    };
    match conversation::tell(&ask.env, conversation, Act::WindowBack { returned }).await? {
        ConversationReply::Window { came } => Ok(match came {
            Came::Back { card, code: Some(code) } => Shown::Code { code, card },
            Came::Back { .. } => Shown::Done,
            Came::Ended => Shown::Ended,
            Came::Refused => Shown::Refused,
            Came::Unavailable => Shown::Unavailable,
        }),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}

/// Reads the address. None when something that counts stands in it twice: which one the provider meant cannot be told.
fn read(ask: &Ask) -> Answer<Option<Brought>> {
    let mut brought = Brought::default();
    for (name, value) in ask.request.url()?.query_pairs() {
        let place = match name.as_ref() {
            "state" => &mut brought.state,
            "code" => &mut brought.code,
            "error" => &mut brought.error,
            "iss" => &mut brought.issuer,
            // Google says more: scope, authuser, prompt, hd. Nothing of it counts.
            _ => continue,
        };
        if place.replace(value.into_owned()).is_some() {
            return Ok(None);
        }
    }
    Ok(Some(brought))
}

fn is_code(code: &str) -> bool {
    (1..=MOST_CODE).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether the answer is the provider's, where it says whose it is (RFC 9207).
async fn is_from(ask: &Ask, issuer: Option<&str>) -> bool {
    match issuer {
        None => true,
        Some(issuer) => google::provider(&ask.env).await.is_ok_and(|provider| provider.is(issuer)),
    }
}
