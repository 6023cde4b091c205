//! Test chats: settings that are not saved, under an id of their own, for the member who began them and for nobody else.

use domain::agent::Agent;
use domain::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use shared::admin::member::Role;
use shared::id::{AgentId, PersonId};
use worker::{Env, query};

use crate::clock::now;
use crate::config::{Config, database};
use crate::failure::Answer;
use crate::store::members::{EVERY, name};

/// The most test chats of one member with one agent; the oldest ends for a new one.
const MOST: u32 = 4;

/// A test chat to be stored.
pub struct New<'a> {
    /// Its id: [`AgentId::test`].
    pub id: &'a AgentId,
    /// Who begins it.
    pub person: &'a PersonId,
    /// As which role.
    pub role: Role,
    /// The settings.
    pub settings: &'a Value,
    /// When it is over.
    pub expires: Millis,
}

/// Stores a test chat, and forgets what is over.
pub async fn insert(env: &Env, new: &New<'_>) -> Answer<()> {
    let (database, agent, person) = (database(env)?, new.id.saved(), new.person.as_str());
    let stale = query!(
        &database,
        "DELETE FROM test_chat WHERE expires_at <= ?1 OR (agent = ?2 AND person = ?3 AND id NOT IN \
         (SELECT id FROM test_chat WHERE agent = ?2 AND person = ?3 ORDER BY expires_at DESC LIMIT ?4))",
        now().0 as f64,
        agent.as_str(),
        person,
        MOST - 1
    )?;
    let insert = query!(
        &database,
        "INSERT INTO test_chat (id, agent, person, role, settings, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        new.id.as_str(),
        agent.as_str(),
        person,
        name(new.role),
        new.settings.to_string(),
        new.expires.0 as f64
    )?;
    database.batch(vec![stale, insert]).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Row {
    person: PersonId,
    settings: String,
}

/// The agent of a test chat and the member who began it, while it lasts: until its time is over, the agent is archived, or the
/// member is no longer what they were. The console alone may embed it.
pub async fn find(env: &Env, id: &AgentId) -> Answer<Option<(Agent, PersonId)>> {
    let statement = query!(
        &database(env)?,
        "SELECT t.person, t.settings FROM test_chat t JOIN agent a ON a.id = t.agent AND a.archived_at IS NULL \
         WHERE t.id = ?1 AND t.agent = ?2 AND t.expires_at > ?3 AND EXISTS (SELECT 1 FROM member m \
         WHERE m.person = t.person AND m.agent IN (t.agent, ?4) AND m.role IN (t.role, 'owner'))",
        id.as_str(),
        id.saved().as_str(),
        now().0 as f64,
        EVERY
    )?;
    let Some(Row { person, settings }) = statement.first::<Row>(None).await? else { return Ok(None) };
    let agent: Agent = serde_json::from_str(&settings)?;
    Ok(Some((Agent { id: id.clone(), origins: vec![Config::read(env)?.origin], ..agent }, person)))
}
