//! `GET` and `POST /api/admin/agents`.

pub mod actions;
pub mod archive;
pub mod check;
pub mod collections;
pub mod install;
pub mod model_check;
pub mod secrets;
pub mod settings;
pub mod test_chat;
pub mod test_message;

use std::collections::BTreeMap;

use domain::agent::{Agent, CustomerAuth, ModelChoice, ModelLimits, Theme};
use domain::audit::AuditKind;
use domain::json;
use serde_json::Value;
use shared::admin::member::Role;
use shared::admin::problem::Code;
use shared::admin::{AgentSummary, MAX_SETTINGS_BYTES, NewAgent};
use shared::id::AgentId;
use worker::Response;

use super::actor::Actor;
use super::{Done, Refused, trail};
use crate::clock::now;
use crate::http::{Ask, body};
use crate::random;
use crate::store::{agents, members};

/// The agents that the asker may know of.
pub async fn list(ask: &Ask, actor: &Actor) -> Done<Response> {
    let listed = agents::list(&ask.env).await?.into_iter();
    let mine: Vec<AgentSummary> = listed
        .filter_map(|agent| {
            let role = actor.role(&agent.id)?;
            Some(AgentSummary { id: agent.id, name: agent.name, role, archived: agent.archived_at.is_some() })
        })
        .collect();
    Ok(Response::from_json(&mine)?)
}

/// Makes an agent, whose owner is whoever makes it: an owner of every agent, or of the one that it is a copy of.
pub async fn create(mut ask: Ask, actor: &Actor) -> Done<Response> {
    let member = actor.member()?;
    let NewAgent { name, copy_of } = body::read_up_to(&mut ask.request, MAX_SETTINGS_BYTES).await?;
    let rights = copy_of.as_ref().map_or(member.everywhere, |from| actor.role(from));
    if rights != Some(Role::Owner) {
        return Err(if copy_of.is_some() && rights.is_none() { Code::NotFound } else { Code::NotAllowed }.into());
    }
    let id = AgentId::parse(&format!("ag_{}", random::id22()?))?;
    let name = name.trim().to_owned();
    let settings = match &copy_of {
        Some(from) => {
            let mut settings = agents::stored(&ask.env, from).await?.ok_or(Code::NotFound)?.settings;
            if let Value::Object(fields) = &mut settings {
                fields.insert("id".to_owned(), id.as_str().into());
                fields.insert("name".to_owned(), name.into());
            }
            settings
        }
        None => json::value(&empty(id.clone(), name))?,
    };
    let settings = settings::judged(&settings, None)?;
    if !agents::insert(&ask.env, &id, &settings).await? {
        return Err(Refused::from(Code::Conflict));
    }
    members::make_owner(&ask.env, &id, (&member.person, member.email.as_str()), now()).await?;
    let copied: Vec<_> = copy_of.iter().map(|from| ("copy_of", from.as_str())).collect();
    trail::note(&ask.env, &id, actor, AuditKind::AgentMade, &copied).await?;
    Ok(settings::document(&settings, 1, false, Role::Owner)?.with_status(201))
}

/// What an agent begins with: it answers, signs in by email, and is embedded nowhere.
fn empty(id: AgentId, name: String) -> Agent {
    Agent {
        id,
        name,
        origins: Vec::new(),
        instructions: String::new(),
        greeting: "Hi! How can I help?".to_owned(),
        suggested: Vec::new(),
        language: "en".to_owned(),
        languages: BTreeMap::new(),
        knowledge: String::new(),
        theme: Theme::default(),
        customer_auth: CustomerAuth::default(),
        model: ModelChoice::default(),
        limits: ModelLimits::default(),
        actions: Vec::new(),
    }
}
