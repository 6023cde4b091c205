//! Agents and their settings, cached per isolate for a few seconds: settings are read at every request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use domain::action::check;
use domain::agent::Agent;
use domain::time::Millis;
use serde::Deserialize;
use shared::id::AgentId;
use worker::{Env, query};

use crate::action;
use crate::clock::now;
use crate::config::database;
use crate::failure::{Answer, Failure, log};

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

/// The settings as they were saved, faults and all: for a test run, which says what is wrong with an action.
pub async fn as_saved(env: &Env, id: &AgentId) -> Answer<Option<Agent>> {
    let statement = query!(&database(env)?, "SELECT settings FROM agent WHERE id = ?1", id.as_str())?;
    let Some(row) = statement.first::<Row>(None).await? else { return Ok(None) };
    serde_json::from_str(&row.settings)
        .map(Some)
        .map_err(|error| Failure::Internal(format!("settings of {id}: line {}", error.line())))
}
