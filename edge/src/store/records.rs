//! Records of collections.

use domain::address::EmailAddress;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::id::AgentId;
use worker::{Env, query};

use crate::config::database;
use crate::failure::Answer;

/// The most records that one look-up reads.
const MOST: u32 = 500;

#[derive(Deserialize)]
struct Row {
    data: String,
}

/// The records of a collection whose field holds this address. A record that is no JSON object is passed over.
pub async fn by_email(
    env: &Env,
    agent: &AgentId,
    collection: &str,
    field: &str,
    email: &EmailAddress,
) -> Answer<Vec<Map<String, Value>>> {
    by_value(env, agent, collection, (field, email.as_str()), MOST).await
}

/// The records of a collection whose field holds what [`domain::lookup::key`] made of a value: at most two, because a value
/// that two have is nobody's.
pub async fn by_key(
    env: &Env,
    agent: &AgentId,
    collection: &str,
    field: &str,
    key: &str,
) -> Answer<Vec<Map<String, Value>>> {
    by_value(env, agent, collection, (field, key), 2).await
}

async fn by_value(
    env: &Env,
    agent: &AgentId,
    collection: &str,
    (field, value): (&str, &str),
    most: u32,
) -> Answer<Vec<Map<String, Value>>> {
    let statement = query!(
        &database(env)?,
        "SELECT r.data FROM record_key k \
         JOIN record r ON r.agent = k.agent AND r.collection = k.collection AND r.id = k.id \
         WHERE k.agent = ?1 AND k.collection = ?2 AND k.field = ?3 AND k.value = ?4 LIMIT ?5",
        agent.as_str(),
        collection,
        field,
        value,
        most
    )?;
    let rows = statement.all().await?.results::<Row>()?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.data).ok()).collect())
}
