//! The admin API: who asks, whether they may, and which handler answers.
//!
//! Invariant: a handler of something of an agent is called with [`Granted`], which only [`grant`] makes. Whoever may not even
//! know of an agent hears the same as of one that does not exist.

mod actor;
mod agents;
mod claim;
mod me;
mod problem;

use std::collections::BTreeMap;

use domain::audit::{AuditKind, Entry};
use domain::member::{allows, needed, opens};
use shared::admin::member::Role;
use shared::admin::problem::Code;
use shared::admin::route::{AdminRoute, OfAgent, Verb};
use shared::id::AgentId;
use worker::{Env, Method, Request, Response};

use self::actor::Actor;
pub use self::problem::{Done, Refused};
use super::Ask;
use super::cookie::Keeper;
use crate::clock::now;
use crate::config::Config;
use crate::durable::ledger::{self, LedgerCommand};
use crate::durable::limiter::{Budget, take};
use crate::random;

/// Somebody who may do what they ask for with this agent.
pub struct Granted {
    /// The request.
    pub ask: Ask,
    /// Who.
    pub actor: Actor,
    /// The agent.
    pub agent: AgentId,
    /// As which role; an API token counts as an owner, within its scopes.
    pub role: Role,
}

/// Answers a request under `/api/admin/`.
pub async fn answer(request: Request, env: Env, request_id: &str) -> worker::Result<Response> {
    match dispatch(request, env).await {
        Ok(response) => {
            response.headers().set("cache-control", "no-store")?;
            Ok(response)
        }
        Err(refused) => refused.respond(request_id),
    }
}

async fn dispatch(request: Request, env: Env) -> Done<Response> {
    let path = request.path();
    let Some(route) = AdminRoute::parse(&path) else { return Err(Code::NotFound.into()) };
    let verb = verb(&request).filter(|verb| route.verbs().contains(verb));
    let Some(verb) = verb else { return Err(Refused::method(route.verbs())) };
    let config = Config::read(&env)?;
    // An API token is brought by a header; a browser's session by its cookie alone.
    let ask = Ask { request, env, config, keeper: Keeper::Cookie };
    let actor = actor::of(&ask, verb).await?;
    match (route, verb) {
        (AdminRoute::Me, _) => me::answer(&actor),
        (AdminRoute::Claim, _) => claim::answer(ask, &actor).await,
        (AdminRoute::Agents, Verb::Post) => agents::create(ask, &actor).await,
        (AdminRoute::Agents, _) => agents::list(&ask, &actor).await,
        (AdminRoute::Of(agent, what), verb) => {
            let granted = grant(ask, actor, agent, &what, verb)?;
            of_agent(granted, what, verb).await
        }
    }
}

/// Lets pass who may do this with the agent.
fn grant(ask: Ask, actor: Actor, agent: AgentId, what: &OfAgent, verb: Verb) -> Done<Granted> {
    let role = actor.role(&agent).ok_or(Code::NotFound)?;
    let needed = needed(what, verb);
    let may = match &actor {
        Actor::Member(_) => opens(role, needed.0),
        Actor::Token(token) => allows(&token.scopes, needed),
    };
    if may { Ok(Granted { ask, actor, agent, role }) } else { Err(Code::NotAllowed.into()) }
}

async fn of_agent(granted: Granted, what: OfAgent, verb: Verb) -> Done<Response> {
    match (what, verb) {
        (OfAgent::Settings, Verb::Get) => agents::settings::read(&granted).await,
        (OfAgent::Settings, _) => agents::settings::change(granted).await,
        (OfAgent::Archive, _) => agents::archive::answer(&granted, true).await,
        (OfAgent::Restore, _) => agents::archive::answer(&granted, false).await,
        (OfAgent::Check, _) => agents::check::answer(granted).await,
        (OfAgent::Secrets, _) => agents::secrets::list(&granted).await,
        (OfAgent::Secret(name), Verb::Delete) => agents::secrets::secret::remove(&granted, &name).await,
        (OfAgent::Secret(name), _) => agents::secrets::secret::put(granted, &name).await,
        (OfAgent::ActionTrial, _) => agents::actions::trial::answer(granted).await,
        (OfAgent::ActionVerdict, _) => agents::actions::verdict::answer(granted).await,
        (OfAgent::InstallCheck, _) => agents::install::check::answer(granted).await,
        _ => Err(Code::NotFound.into()),
    }
}

impl Granted {
    /// Writes into the agent's trail what was done, and who did it.
    pub async fn note(&self, kind: AuditKind, mut detail: BTreeMap<String, String>) -> Done<()> {
        detail.insert("by".to_owned(), self.actor.name());
        let entry = Entry { at: now(), id: random::id22()?, kind, conversation: None, person: None, detail };
        ledger::tell(&self.ask.env, &self.agent, &LedgerCommand::Append { entries: vec![entry] }).await?;
        Ok(())
    }

    /// Counts a request that is sent to an address which the asker chose: nobody makes a hammer of this edge.
    pub async fn may_call_out(&self) -> Done<()> {
        let Ask { env, config, .. } = &self.ask;
        take(env, &config.master, &self.agent, Budget::ConsoleCall, &self.actor.name()).await?;
        Ok(())
    }
}

fn verb(request: &Request) -> Option<Verb> {
    Some(match request.method() {
        Method::Get => Verb::Get,
        Method::Post => Verb::Post,
        Method::Put => Verb::Put,
        Method::Patch => Verb::Patch,
        Method::Delete => Verb::Delete,
        _ => return None,
    })
}
