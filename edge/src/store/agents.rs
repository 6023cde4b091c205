//! Agents and their settings, cached per isolate for a few seconds: settings are read at every request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use domain::action::check;
use domain::agent::Agent;
use domain::member;
use domain::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use shared::admin::CONSOLE_AGENT;
use shared::id::AgentId;
use worker::{Env, query};

use crate::action;
use crate::clock::now;
use crate::config::{Config, database};
use crate::failure::{Answer, Failure, log};
use crate::store::was_changed;

/// How long an isolate serves settings that it has read, milliseconds.
const FRESH_MS: u64 = 5_000;

/// The most agents that an isolate keeps.
const MOST: usize = 500;

/// What was found, and when.
type Found = (Millis, Option<Arc<Agent>>);

thread_local! {
    static CACHE: RefCell<HashMap<AgentId, Found>> = RefCell::new(HashMap::new());
}

#[derive(Deserialize)]
struct Row {
    settings: String,
}

/// Leaves out actions that should never have been saved: what is wrong with one must not show when it is called.
fn sound(mut agent: Agent) -> Agent {
    let faults = check::faults(&agent, &action::allowed());
    for fault in &faults {
        log("action_left_out", "", &format!("{} {fault}", agent.id));
    }
    agent.actions.retain(|action| !faults.iter().any(|fault| fault.action == action.name));
    agent
}

/// The agent's settings, or none when there is no such agent.
pub async fn find(env: &Env, id: &AgentId) -> Answer<Option<Arc<Agent>>> {
    let cached = CACHE.with_borrow(|cache| cache.get(id).cloned());
    if let Some((at, agent)) = cached
        && now().since(at) < FRESH_MS
    {
        return Ok(agent);
    }
    let agent = as_saved(env, id).await?.map(|agent| Arc::new(sound(agent)));
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(id.clone(), (now(), agent.clone()));
    });
    Ok(agent)
}

/// The settings as they were saved, faults and all: for a test run, which says what is wrong with an action. None of an agent
/// that is archived.
pub async fn as_saved(env: &Env, id: &AgentId) -> Answer<Option<Agent>> {
    if id.as_str() == CONSOLE_AGENT {
        return Ok(Some(member::console_agent(&Config::read(env)?.origin)?));
    }
    if id.tested().is_some() {
        return Ok(super::test_chats::find(env, id).await?.map(|(agent, _)| agent));
    }
    let statement =
        query!(&database(env)?, "SELECT settings FROM agent WHERE id = ?1 AND archived_at IS NULL", id.as_str())?;
    let Some(row) = statement.first::<Row>(None).await? else { return Ok(None) };
    serde_json::from_str(&row.settings)
        .map(Some)
        .map_err(|error| Failure::Internal(format!("settings of {id}: line {}", error.line())))
}

/// Reads the settings anew at the next request of this isolate; others do within seconds.
pub fn forget(id: &AgentId) {
    CACHE.with_borrow_mut(|cache| cache.remove(id));
}

/// An agent as the admin API sees it.
pub struct Stored {
    /// Its settings, as JSON.
    pub settings: Value,
    /// Rises with each change.
    pub version: u64,
    /// Whether it is archived.
    pub archived: bool,
}

#[derive(Deserialize)]
struct StoredRow {
    settings: String,
    version: u64,
    archived_at: Option<f64>,
}

/// The agent with its version, archived or not.
pub async fn stored(env: &Env, id: &AgentId) -> Answer<Option<Stored>> {
    let statement =
        query!(&database(env)?, "SELECT settings, version, archived_at FROM agent WHERE id = ?1", id.as_str())?;
    let Some(row) = statement.first::<StoredRow>(None).await? else { return Ok(None) };
    Ok(Some(Stored {
        settings: serde_json::from_str(&row.settings)?,
        version: row.version,
        archived: row.archived_at.is_some(),
    }))
}

/// What is shown of an agent in a list.
#[derive(Deserialize)]
pub struct Listed {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub name: String,
    /// When it was archived, milliseconds.
    pub archived_at: Option<f64>,
}

/// Every agent, by name.
pub async fn list(env: &Env) -> Answer<Vec<Listed>> {
    let statement = query!(
        &database(env)?,
        "SELECT id, json_extract(settings, '$.name') AS name, archived_at FROM agent ORDER BY name COLLATE NOCASE, id"
    );
    Ok(statement.all().await?.results()?)
}

/// Stores settings in place of those of this version. False when it is another version by now.
pub async fn replace(env: &Env, id: &AgentId, version: u64, settings: &Value) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "UPDATE agent SET settings = ?1, version = version + 1 WHERE id = ?2 AND version = ?3",
        settings.to_string(),
        id.as_str(),
        version as f64
    )?;
    let changed = was_changed(&statement.run().await?)?;
    forget(id);
    Ok(changed)
}

/// Archives an agent, or restores it. False when it is so already, or not there.
pub async fn archive(env: &Env, id: &AgentId, at: Option<Millis>) -> Answer<bool> {
    let database = database(env)?;
    let statement = match at {
        Some(at) => query!(
            &database,
            "UPDATE agent SET archived_at = ?1 WHERE id = ?2 AND archived_at IS NULL",
            at.0 as f64,
            id.as_str()
        )?,
        None => query!(
            &database,
            "UPDATE agent SET archived_at = NULL WHERE id = ?1 AND archived_at IS NOT NULL",
            id.as_str()
        )?,
    };
    let changed = was_changed(&statement.run().await?)?;
    forget(id);
    Ok(changed)
}

/// Stores a new agent. False when there is one of this id.
pub async fn insert(env: &Env, id: &AgentId, settings: &Value) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "INSERT INTO agent (id, settings) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        id.as_str(),
        settings.to_string()
    )?;
    was_changed(&statement.run().await?)
}
