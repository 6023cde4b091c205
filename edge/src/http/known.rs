//! The second cookie: whom this browser proved before. Read with every caller, written with every login (R12, L5).

use domain::keys::Purpose;
use domain::session::known::{self, Known};
use shared::card::Method;
use shared::id::{AgentId, PersonId};
use worker::Response;

use super::{Ask, cookie};
use crate::clock::now;
use crate::failure::Answer;
use crate::random;

/// What is known of the request's browser. None for a cookie that is absent, forged or over.
pub fn of(ask: &Ask, agent: &AgentId) -> Answer<Option<Known>> {
    let header = ask.request.headers().get("cookie")?.unwrap_or_default();
    let Some(text) = known::read_cookie(&header, agent) else { return Ok(None) };
    let key = ask.config.master.derive(agent, Purpose::Known);
    Ok(known::verify(text, &ask.config.signing, &key, agent, &ask.config.origin, now()).ok())
}

/// Sets the cookie of a browser that just proved this person. In a test chat nothing is proved that counts elsewhere.
pub fn remember(ask: &Ask, response: Response, agent: &AgentId, person: &PersonId, method: Method) -> Answer<Response> {
    if agent.tested().is_some() {
        return Ok(response);
    }
    let known = of(ask, agent)?.map_or_else(|| random::id22().map(Known::new), Ok)?;
    let known = known.with(person, method);
    let key = ask.config.master.derive(agent, Purpose::Known);
    match known::sign(&known, &ask.config.signing, (&key, random::bytes()?), agent, &ask.config.origin, now()) {
        Some(signed) => cookie::with(response, &known::set_cookie(agent, &signed)),
        None => Ok(response),
    }
}
