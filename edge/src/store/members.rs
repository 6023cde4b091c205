//! Members, and the one-time tokens that make them.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::member::Scope;
use domain::time::Millis;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shared::admin::member::Role;
use shared::id::{AgentId, PersonId};
use worker::{Env, query};

use crate::config::database;
use crate::failure::Answer;
use crate::store::was_changed;

/// The agent of a row that stands for every agent.
pub const EVERY: &str = "*";

/// A role of a member, as it is stored.
#[derive(Deserialize)]
pub struct Row {
    /// The agent, or [`EVERY`].
    pub agent: String,
    /// The role.
    pub role: Role,
}

/// What a person may do.
pub async fn roles(env: &Env, person: &PersonId) -> Answer<Vec<Row>> {
    let statement =
        query!(&database(env)?, "SELECT agent, role FROM member WHERE person = ?1 ORDER BY agent", person.as_str())?;
    Ok(statement.all().await?.results()?)
}

/// How a one-time or API token is stored: its SHA-256, base64url.
pub fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// Uses a one-time token for this person: true when it was good, and they are a member from now on. Both happen or neither,
/// and of any number of concurrent uses one passes (R66).
pub async fn claim(env: &Env, token: &str, (person, email): (&PersonId, &str), now: Millis) -> Answer<bool> {
    let (database, hash, at) = (database(env)?, hash(token), now.0 as f64);
    let make = query!(
        &database,
        "INSERT INTO member (person, agent, email, role, at) \
         SELECT ?1, agent, ?2, role, ?3 FROM invitation \
         WHERE hash = ?4 AND used_at IS NULL AND expires_at > ?3 AND (person IS NULL OR person = ?1) \
         ON CONFLICT (person, agent) DO UPDATE SET role = excluded.role, email = excluded.email",
        person.as_str(),
        email,
        at,
        hash
    )?;
    let using = query!(
        &database,
        "UPDATE invitation SET used_at = ?1 \
         WHERE hash = ?2 AND used_at IS NULL AND expires_at > ?1 AND (person IS NULL OR person = ?3)",
        at,
        hash,
        person.as_str()
    )?;
    let results = database.batch(vec![make, using]).await?;
    results.first().map_or(Ok(false), was_changed)
}

/// Makes somebody an owner of an agent that they have just made.
pub async fn make_owner(env: &Env, agent: &AgentId, (person, email): (&PersonId, &str), now: Millis) -> Answer<()> {
    query!(
        &database(env)?,
        "INSERT INTO member (person, agent, email, role, at) VALUES (?1, ?2, ?3, 'owner', ?4) ON CONFLICT DO NOTHING",
        person.as_str(),
        agent.as_str(),
        email,
        now.0 as f64
    )?
    .run()
    .await?;
    Ok(())
}

/// What an API token may do, and with which agent.
pub struct TokenRights {
    /// Its id.
    pub id: String,
    /// Its agent.
    pub agent: AgentId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
}

#[derive(Deserialize)]
struct TokenRow {
    id: String,
    agent: AgentId,
    scopes: String,
}

/// The rights of an API token, if it lives.
pub async fn token(env: &Env, token: &str, now: Millis) -> Answer<Option<TokenRights>> {
    let statement = query!(
        &database(env)?,
        "UPDATE api_token SET used_at = ?1 WHERE hash = ?2 AND expires_at > ?1 RETURNING id, agent, scopes",
        now.0 as f64,
        hash(token)
    )?;
    let Some(row) = statement.first::<TokenRow>(None).await? else { return Ok(None) };
    Ok(Some(TokenRights { id: row.id, agent: row.agent, scopes: serde_json::from_str(&row.scopes)? }))
}
