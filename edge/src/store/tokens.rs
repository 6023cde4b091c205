//! API tokens.

use std::collections::BTreeSet;

use domain::time::Millis;
use serde::Deserialize;
use shared::admin::token::{MAX_TOKENS, Scope};
use shared::id::{AgentId, PersonId};
use worker::{Env, query};

use crate::config::database;
use crate::failure::Answer;
use crate::store::members::EVERY;
use crate::store::{hash, was_changed};

/// What an API token may do, and with which agent.
pub struct Rights {
    /// Its id.
    pub id: String,
    /// Its agent.
    pub agent: AgentId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
}

#[derive(Deserialize)]
struct RightsRow {
    id: String,
    agent: AgentId,
    scopes: String,
}

/// The rights of an API token, if it lives. Notes that it was used.
pub async fn rights(env: &Env, token: &str, now: Millis) -> Answer<Option<Rights>> {
    let statement = query!(
        &database(env)?,
        "UPDATE api_token SET used_at = ?1 WHERE hash = ?2 AND expires_at > ?1 RETURNING id, agent, scopes",
        now.0 as f64,
        hash(token)
    )?;
    let Some(row) = statement.first::<RightsRow>(None).await? else { return Ok(None) };
    Ok(Some(Rights { id: row.id, agent: row.agent, scopes: serde_json::from_str(&row.scopes)? }))
}

/// A token, as it is stored.
#[derive(Deserialize)]
pub struct Stored {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do: a JSON list.
    pub scopes: String,
    /// The address of whoever made it, while they are a member.
    pub email: Option<String>,
    /// When it was made, milliseconds.
    pub at: f64,
    /// When it is over, milliseconds.
    pub expires_at: f64,
    /// When it was used last, milliseconds.
    pub used_at: Option<f64>,
}

/// An agent's tokens, newest first.
pub async fn list(env: &Env, agent: &AgentId) -> Answer<Vec<Stored>> {
    let statement = query!(
        &database(env)?,
        "SELECT id, name, scopes, at, expires_at, used_at, \
         (SELECT email FROM member WHERE person = api_token.by AND member.agent IN (?1, ?2) LIMIT 1) AS email \
         FROM api_token WHERE agent = ?1 ORDER BY at DESC, id",
        agent.as_str(),
        EVERY
    )?;
    Ok(statement.all().await?.results()?)
}

/// A token to be stored.
pub struct New<'a> {
    /// The token itself; its hash is stored.
    pub token: &'a str,
    /// Its id.
    pub id: &'a str,
    /// What it is for.
    pub name: &'a str,
    /// What it may do.
    pub scopes: &'a BTreeSet<Scope>,
    /// Who makes it.
    pub by: &'a PersonId,
    /// When it is made.
    pub at: Millis,
    /// When it is over.
    pub expires: Millis,
}

/// Stores a token. False when the agent has as many as it may have, or its maker is no owner any more.
pub async fn insert(env: &Env, agent: &AgentId, new: &New<'_>) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "INSERT INTO api_token (hash, id, agent, name, scopes, by, at, expires_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 \
         WHERE (SELECT count(*) FROM api_token WHERE agent = ?3) < ?9 AND EXISTS \
         (SELECT 1 FROM member WHERE person = ?6 AND role = 'owner' AND agent IN (?3, ?10))",
        hash(new.token),
        new.id,
        agent.as_str(),
        new.name,
        serde_json::to_string(new.scopes)?,
        new.by.as_str(),
        new.at.0 as f64,
        new.expires.0 as f64,
        MAX_TOKENS,
        EVERY
    )?;
    was_changed(&statement.run().await?)
}

/// Revokes a token of the agent. False when there is none.
pub async fn remove(env: &Env, agent: &AgentId, id: &str) -> Answer<bool> {
    let statement = query!(&database(env)?, "DELETE FROM api_token WHERE id = ?1 AND agent = ?2", id, agent.as_str())?;
    was_changed(&statement.run().await?)
}
