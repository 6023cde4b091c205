//! Records of collections.

use domain::address::EmailAddress;
use domain::collection;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::admin::collections::Field;
use shared::id::AgentId;
use worker::{Env, query};

use super::collections::Stored;
use crate::config::database;
use crate::failure::Answer;
use crate::store::was_changed;

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
        agent.saved().as_str(),
        collection,
        field,
        value,
        most
    )?;
    let rows = statement.all().await?.results::<Row>()?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.data).ok()).collect())
}

/// A record as it is stored.
#[derive(Deserialize)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// Its JSON.
    pub data: String,
}

/// A record that is to be stored in a collection, as long as that is of the version whose fields it was judged by.
pub struct Writing<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The collection.
    pub collection: &'a Stored,
    /// The record's id.
    pub id: &'a str,
    /// What it holds.
    pub data: &'a Map<String, Value>,
}

/// One record.
pub async fn get(env: &Env, agent: &AgentId, collection: &str, id: &str) -> Answer<Option<Kept>> {
    let statement = query!(
        &database(env)?,
        "SELECT id, data FROM record WHERE agent = ?1 AND collection = ?2 AND id = ?3",
        agent.as_str(),
        collection,
        id
    )?;
    Ok(statement.first::<Kept>(None).await?)
}

/// What is looked for: a text that a value holds, or how the value of a key begins.
pub struct Search<'a> {
    /// In lower case; empty for every record.
    pub text: &'a str,
    /// In the one spelling of keys; empty where there is none.
    pub key: &'a str,
}

/// The records after this id, by id.
pub async fn page(
    env: &Env,
    agent: &AgentId,
    collection: &str,
    search: &Search<'_>,
    (after, most): (&str, u32),
) -> Answer<Vec<Kept>> {
    let statement = query!(
        &database(env)?,
        "SELECT id, data FROM record r WHERE agent = ?1 AND collection = ?2 AND id > ?3 AND (?4 = '' \
         OR EXISTS (SELECT 1 FROM json_each(r.data) v WHERE instr(lower(v.value), ?4)) \
         OR (?5 <> '' AND id IN (SELECT k.id FROM record_key k WHERE k.agent = ?1 AND k.collection = ?2 \
         AND k.value >= ?5 AND k.value < ?5 || char(1114111)))) ORDER BY id LIMIT ?6",
        agent.as_str(),
        collection,
        after,
        search.text,
        search.key,
        most
    )?;
    Ok(statement.all().await?.results()?)
}

/// When a record may be stored: the collection is of this version, and nobody else has a value of its unique fields.
const FITS: &str = "EXISTS (SELECT 1 FROM collection WHERE agent = ?1 AND name = ?2 AND version = ?4) \
    AND NOT EXISTS (SELECT 1 FROM json_each(?5) j CROSS JOIN record_key k ON k.agent = ?1 AND k.collection = ?2 \
    AND k.field = j.value ->> 0 AND k.value = j.value ->> 1 AND k.id <> ?3)";

/// The values of unique fields, as JSON.
fn unique(fields: &[Field], keys: &[(String, String)]) -> Answer<String> {
    let is_unique = |name: &str| fields.iter().any(|field| field.unique && field.name == name);
    Ok(serde_json::to_string(&keys.iter().filter(|(name, _)| is_unique(name)).collect::<Vec<_>>())?)
}

/// Stores a new record, or this one in place of what was there `before`. False when it was not as said, or did not fit.
pub async fn write(env: &Env, writing: &Writing<'_>, before: Option<&str>) -> Answer<bool> {
    let Writing { agent, collection, id, data } = writing;
    let (database, agent, name, version) =
        (database(env)?, agent.as_str(), collection.name.as_str(), collection.version as f64);
    let keys = collection::keys(&collection.fields, data);
    let (unique, keys) = (unique(&collection.fields, &keys)?, serde_json::to_string(&keys)?);
    let data = serde_json::to_string(data)?;
    let first = match before {
        None => {
            let sql = format!(
                "INSERT INTO record (agent, collection, id, data) SELECT ?1, ?2, ?3, ?6 WHERE {FITS} ON CONFLICT DO NOTHING"
            );
            query!(&database, sql, agent, name, id, version, unique, data)?
        }
        Some(before) => {
            let sql = format!(
                "UPDATE record SET data = ?6 WHERE agent = ?1 AND collection = ?2 AND id = ?3 AND data = ?7 AND {FITS}"
            );
            query!(&database, sql, agent, name, id, version, unique, data, before)?
        }
    };
    // Its keys are those of what is there now, whoever put it there.
    let is_there = "EXISTS (SELECT 1 FROM record WHERE agent = ?1 AND collection = ?2 AND id = ?3 AND data = ?4)";
    let forget = format!("DELETE FROM record_key WHERE agent = ?1 AND collection = ?2 AND id = ?3 AND {is_there}");
    let keep = format!(
        "INSERT INTO record_key (agent, collection, field, value, id) \
         SELECT ?1, ?2, value ->> 0, value ->> 1, ?3 FROM json_each(?5) WHERE {is_there}"
    );
    let statements = vec![
        first,
        query!(&database, forget, agent, name, id, data)?,
        query!(&database, keep, agent, name, id, data, keys)?,
    ];
    let results = database.batch(statements).await?;
    results.first().map_or(Ok(false), was_changed)
}

/// The unique fields of which another record has the value.
pub async fn taken(env: &Env, writing: &Writing<'_>) -> Answer<Vec<String>> {
    #[derive(Deserialize)]
    struct Taken {
        field: String,
    }
    let keys = collection::keys(&writing.collection.fields, writing.data);
    let unique = unique(&writing.collection.fields, &keys)?;
    let statement = query!(
        &database(env)?,
        "SELECT DISTINCT k.field FROM json_each(?4) j CROSS JOIN record_key k ON k.agent = ?1 AND k.collection = ?2 \
         AND k.field = j.value ->> 0 AND k.value = j.value ->> 1 AND k.id <> ?3",
        writing.agent.as_str(),
        writing.collection.name,
        writing.id,
        unique
    )?;
    Ok(statement.all().await?.results::<Taken>()?.into_iter().map(|row| row.field).collect())
}

/// Removes a record and the values by which it was found. False when it was not there, or does not hold what was seen of it.
pub async fn remove(env: &Env, (agent, collection, id): (&AgentId, &str, &str), seen: Option<&str>) -> Answer<bool> {
    let (database, agent) = (database(env)?, agent.as_str());
    let record = "DELETE FROM record WHERE agent = ?1 AND collection = ?2 AND id = ?3 AND (?4 IS NULL OR data = ?4)";
    let keys = "DELETE FROM record_key WHERE agent = ?1 AND collection = ?2 AND id = ?3 \
                AND NOT EXISTS (SELECT 1 FROM record WHERE agent = ?1 AND collection = ?2 AND id = ?3)";
    let statements =
        vec![query!(&database, record, agent, collection, id, seen)?, query!(&database, keys, agent, collection, id)?];
    let results = database.batch(statements).await?;
    results.first().map_or(Ok(false), was_changed)
}
