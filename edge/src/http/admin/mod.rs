//! The admin API: who asks, whether they may, and which handler answers.
//!
//! Invariant: a handler of something of an agent is called with [`Granted`], which only [`grant`] makes. Whoever may not even
//! know of an agent hears the same as of one that does not exist.

mod actor;
mod agents;
mod audit;
mod claim;
mod conversations;
mod me;
mod members;
mod problem;
mod tokens;
mod trail;

use domain::member::{allows, needed, opens};
use shared::admin::CONSOLE_AGENT;
use shared::admin::member::Role;
use shared::admin::problem::Code;
use shared::admin::route::{AdminRoute, OfAgent, Verb};
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{Env, Request, Response};

use self::actor::Actor;
use self::agents::collections;
pub use self::problem::{Done, Refused};
use super::cookie::Keeper;
use super::{Ask, guard};
use crate::config::Config;
use crate::durable::limiter::{Budget, take};
use crate::failure::Answer;
use crate::store::test_chats;

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
    // What another site begins is neither noted of the member nor a use of their session. A program brings its token itself.
    if ask.request.headers().get("authorization")?.is_none() {
        guard::no_other_site(&ask.request)?;
    }
    let actor = actor::of(&ask, verb, !is_watching(&route, &ask.request)).await?;
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

/// The live view of a conversation, which asks for what is new every other second as long as its page is open.
fn is_watching(route: &AdminRoute, request: &Request) -> bool {
    let has_after = || request.url().is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "after"));
    matches!(route, AdminRoute::Of(_, OfAgent::Conversation(_))) && has_after()
}

/// Lets pass who may see the agent's texts and looks, for the page that previews them. Anybody else hears that there is no
/// such page.
pub async fn grant_preview(ask: Ask, agent: AgentId) -> Answer<Granted> {
    // Its frame loads itself anew while somebody types; the console's own requests say whether somebody does.
    let granted = match actor::of(&ask, Verb::Get, false).await {
        Ok(actor) => grant(ask, actor, agent, &OfAgent::Settings, Verb::Get),
        Err(refused) => Err(refused),
    };
    granted.map_err(Refused::hidden)
}

/// Lets pass the member who began this test chat, by the console's session. Anybody else hears that there is no such agent.
pub async fn grant_test(ask: &Ask, chat: &AgentId) -> Answer<()> {
    let (_, maker) = test_chats::find(&ask.env, chat).await?.ok_or(ErrorCode::NotFound)?;
    let member = actor::member(ask, false).await.map_err(Refused::hidden)?;
    if member.person == maker { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}

/// Lets pass who may do this with the agent.
fn grant(ask: Ask, actor: Actor, agent: AgentId, what: &OfAgent, verb: Verb) -> Done<Granted> {
    let role = match what {
        // What is done in the console itself: who became a member, and who signed in or tried to.
        OfAgent::Audit | OfAgent::AuditExport if agent.as_str() == CONSOLE_AGENT => actor.deployment(),
        _ => actor.role(&agent),
    };
    let role = role.ok_or(Code::NotFound)?;
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
        (OfAgent::ModelCheck, _) => agents::model_check::answer(granted).await,
        (OfAgent::TestMessage, _) => agents::test_message::answer(granted).await,
        (OfAgent::TestChat, _) => agents::test_chat::answer(granted).await,
        (OfAgent::Collections, Verb::Post) => collections::create(granted).await,
        (OfAgent::Collections, _) => collections::list(&granted).await,
        (OfAgent::Collection(name), Verb::Patch) => collections::change(granted, &name).await,
        (OfAgent::Collection(name), Verb::Delete) => collections::remove(&granted, &name).await,
        (OfAgent::Collection(name), _) => collections::read(&granted, &name).await,
        (OfAgent::Records(name), Verb::Post) => collections::records::create(granted, &name).await,
        (OfAgent::Records(name), _) => collections::records::list(&granted, &name).await,
        (OfAgent::Record(name, id), Verb::Put) => collections::records::replace(granted, &name, &id).await,
        (OfAgent::Record(name, id), Verb::Delete) => collections::records::remove(&granted, &name, &id).await,
        (OfAgent::Record(name, id), _) => collections::records::read(&granted, &name, &id).await,
        (OfAgent::Export(name), _) => collections::export::answer(&granted, &name).await,
        (OfAgent::Imports(name), Verb::Post) => collections::imports::create(granted, &name).await,
        (OfAgent::Imports(name), _) => collections::imports::list(&granted, &name).await,
        (OfAgent::Import(name, id), Verb::Patch) => collections::imports::part(granted, &name, &id).await,
        (OfAgent::Import(name, id), Verb::Delete) => collections::imports::remove(&granted, &name, &id).await,
        (OfAgent::Import(name, id), _) => collections::imports::read(&granted, &name, &id).await,
        (OfAgent::ImportCommit(name, id), _) => collections::imports::commit(granted, &name, &id).await,
        (OfAgent::ImportErrors(name, id), _) => collections::imports::errors(&granted, &name, &id).await,
        (OfAgent::Conversations, _) => conversations::list(&granted).await,
        (OfAgent::Conversation(id), _) => conversations::read(&granted, id).await,
        (OfAgent::Audit, _) => audit::list(&granted).await,
        (OfAgent::AuditExport, _) => audit::export(granted).await,
        (OfAgent::Members, Verb::Get) => members::list(&granted).await,
        (OfAgent::Members, _) => members::invite(granted).await,
        (OfAgent::Member(id), Verb::Patch) => members::member::change(granted, &id).await,
        (OfAgent::Member(id), _) => members::member::remove(&granted, &id).await,
        (OfAgent::Tokens, Verb::Get) => tokens::list(&granted).await,
        (OfAgent::Tokens, _) => tokens::create(granted).await,
        (OfAgent::Token(id), _) => tokens::revoke(&granted, &id).await,
        (OfAgent::Archive, _) => agents::archive::answer(&granted, true).await,
        (OfAgent::Restore, _) => agents::archive::answer(&granted, false).await,
        (OfAgent::Check, _) => agents::check::answer(granted).await,
        (OfAgent::Secrets, _) => agents::secrets::list(&granted).await,
        (OfAgent::Secret(name), Verb::Delete) => agents::secrets::secret::remove(&granted, &name).await,
        (OfAgent::Secret(name), _) => agents::secrets::secret::put(granted, &name).await,
        (OfAgent::ActionTrial, _) => agents::actions::trial::answer(granted).await,
        (OfAgent::ActionVerdict, _) => agents::actions::verdict::answer(granted).await,
        (OfAgent::Install, _) => agents::install::read(&granted).await,
        (OfAgent::InstallCheck, _) => agents::install::check::answer(granted).await,
    }
}

impl Granted {
    /// The entity tag that a change names in `If-Match`, without its quotes. A weak one is taken for what it was before something
    /// between us and the asker packed the answer: every tag here stands for one state. A text that is no tag is one that
    /// nothing has.
    pub fn if_match(&self) -> Done<String> {
        self.if_match_given()?.ok_or_else(|| Code::VersionNeeded.into())
    }

    /// The same, of a change that need not name one.
    pub fn if_match_given(&self) -> Done<Option<String>> {
        let Some(header) = self.ask.request.headers().get("if-match")? else { return Ok(None) };
        let tag = header.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let inside = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inside.map(|tag| Some(tag.to_owned())).ok_or_else(|| Code::Changed.into())
    }

    /// Counts a request that is sent to an address which the asker chose: nobody makes a hammer of this edge.
    pub async fn may_call_out(&self) -> Done<()> {
        let Ask { env, config, .. } = &self.ask;
        take(env, &config.master, &self.agent, Budget::ConsoleCall, &self.actor.name()).await?;
        Ok(())
    }
}

/// The method, read as it came: the runtime's own type takes every method that it does not know for a `GET`.
fn verb(request: &Request) -> Option<Verb> {
    Some(match request.inner().method().as_str() {
        "GET" => Verb::Get,
        "POST" => Verb::Post,
        "PUT" => Verb::Put,
        "PATCH" => Verb::Patch,
        "DELETE" => Verb::Delete,
        _ => return None,
    })
}
