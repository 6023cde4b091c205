//! Collections: what their records look like.

use domain::collection;
use domain::time::Millis;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::admin::collections::Field;
use shared::id::AgentId;
use worker::{Env, query};

use crate::config::database;
use crate::failure::Answer;
use crate::store::was_changed;

/// How many records are read to find out what is in them.
const SAMPLE: u32 = 200;

/// How many records are looked through at a time.
const AT_A_TIME: usize = 2_000;

/// A collection.
pub struct Stored {
    /// Its name.
    pub name: String,
    /// What members read.
    pub title: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Rises with each change.
    pub version: u64,
    /// How many records it has.
    pub records: u64,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    title: String,
    fields: String,
    version: u64,
    records: u64,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Data {
    id: String,
    data: String,
}

/// Every collection of an agent, by name.
pub async fn list(env: &Env, agent: &AgentId, now: Millis) -> Answer<Vec<Stored>> {
    adopt(env, agent, now).await?;
    let statement = query!(
        &database(env)?,
        "SELECT name, title, fields, version, \
         (SELECT count(*) FROM record r WHERE r.agent = c.agent AND r.collection = c.name) AS records \
         FROM collection c WHERE agent = ?1 ORDER BY title COLLATE NOCASE, name",
        agent.as_str()
    )?;
    statement.all().await?.results::<Row>()?.into_iter().map(stored).collect()
}

/// A collection, if there is one of this name.
pub async fn find(env: &Env, agent: &AgentId, name: &str, now: Millis) -> Answer<Option<Stored>> {
    let statement = query!(
        &database(env)?,
        "SELECT name, title, fields, version, \
         (SELECT count(*) FROM record r WHERE r.agent = c.agent AND r.collection = c.name) AS records \
         FROM collection c WHERE agent = ?1 AND name = ?2",
        agent.as_str(),
        name
    )?;
    if let Some(row) = statement.first::<Row>(None).await? {
        return stored(row).map(Some);
    }
    adopt(env, agent, now).await?;
    statement.first::<Row>(None).await?.map(stored).transpose()
}

fn stored(row: Row) -> Answer<Stored> {
    let Row { name, title, fields, version, records } = row;
    Ok(Stored { name, title, fields: serde_json::from_str(&fields)?, version, records })
}

/// Describes what has records and no description, by what is in them.
async fn adopt(env: &Env, agent: &AgentId, now: Millis) -> Answer<()> {
    let database = database(env)?;
    let names = query!(
        &database,
        "WITH RECURSIVE names (name) AS (SELECT min(collection) FROM record WHERE agent = ?1 UNION ALL \
         SELECT (SELECT min(collection) FROM record WHERE agent = ?1 AND collection > name) FROM names WHERE name IS NOT NULL) \
         SELECT name FROM names WHERE name IS NOT NULL AND name NOT IN (SELECT name FROM collection WHERE agent = ?1)",
        agent.as_str()
    )?;
    for Name { name } in names.all().await?.results::<Name>()? {
        let keyed = query!(
            &database,
            "SELECT DISTINCT field AS name FROM record_key WHERE agent = ?1 AND collection = ?2",
            agent.as_str(),
            name
        )?;
        let keyed: Vec<String> = keyed.all().await?.results::<Name>()?.into_iter().map(|row| row.name).collect();
        let sample = query!(
            &database,
            "SELECT id, data FROM record WHERE agent = ?1 AND collection = ?2 ORDER BY id LIMIT ?3",
            agent.as_str(),
            name,
            SAMPLE
        )?;
        let sample = sample.all().await?.results::<Data>()?;
        let records: Vec<Map<String, Value>> =
            sample.iter().filter_map(|row| serde_json::from_str(&row.data).ok()).collect();
        insert(env, agent, (&name, &name), &collection::inferred(&records, &keyed), now).await?;
    }
    Ok(())
}

/// Stores a new collection. False when there is one of this name.
pub async fn insert(
    env: &Env,
    agent: &AgentId,
    (name, title): (&str, &str),
    fields: &[Field],
    now: Millis,
) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "INSERT INTO collection (agent, name, title, fields, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        agent.as_str(),
        name,
        title,
        serde_json::to_string(fields)?,
        now.0 as f64
    )?;
    was_changed(&statement.run().await?)
}

/// Stores title and fields in place of those of this version. False when it is another version by now.
pub async fn replace(env: &Env, agent: &AgentId, before: &Stored, (title, fields): (&str, &[Field])) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "UPDATE collection SET title = ?1, fields = ?2, version = version + 1 \
         WHERE agent = ?3 AND name = ?4 AND version = ?5",
        title,
        serde_json::to_string(fields)?,
        agent.as_str(),
        before.name,
        before.version as f64
    )?;
    was_changed(&statement.run().await?)
}

/// Removes a collection with its records and imports, if it is of this version. All of it goes, or nothing.
pub async fn remove(env: &Env, agent: &AgentId, stored: &Stored) -> Answer<bool> {
    let (database, agent, name, version) = (database(env)?, agent.as_str(), &stored.name, stored.version as f64);
    let is_it = "EXISTS (SELECT 1 FROM collection WHERE agent = ?1 AND name = ?2 AND version = ?3)";
    let mut statements = Vec::new();
    for table in ["import_row", "import_key", "import_error"] {
        let sql = format!(
            "DELETE FROM {table} WHERE import IN (SELECT id FROM import WHERE agent = ?1 AND collection = ?2) AND {is_it}"
        );
        statements.push(query!(&database, sql, agent, name, version)?);
    }
    for table in ["import", "record_key", "record"] {
        let sql = format!("DELETE FROM {table} WHERE agent = ?1 AND collection = ?2 AND {is_it}");
        statements.push(query!(&database, sql, agent, name, version)?);
    }
    let sql = "DELETE FROM collection WHERE agent = ?1 AND name = ?2 AND version = ?3";
    statements.push(query!(&database, sql, agent, name, version)?);
    let results = database.batch(statements).await?;
    results.last().map_or(Ok(false), was_changed)
}

/// Makes every record be found by these fields too. May be done again at any time.
pub async fn add_keys(env: &Env, agent: &AgentId, name: &str, fields: &[Field]) -> Answer<()> {
    let database = database(env)?;
    let mut after = String::new();
    loop {
        let page = query!(
            &database,
            "SELECT id, data FROM record WHERE agent = ?1 AND collection = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            agent.as_str(),
            name,
            after,
            AT_A_TIME as f64
        )?;
        let page = page.all().await?.results::<Data>()?;
        let mut found: Vec<(String, String, &str)> = Vec::new();
        for row in &page {
            let Ok(data) = serde_json::from_str::<Map<String, Value>>(&row.data) else { continue };
            found.extend(
                collection::keys(fields, &data).into_iter().map(|(field, value)| (field, value, row.id.as_str())),
            );
        }
        query!(
            &database,
            "INSERT INTO record_key (agent, collection, field, value, id) \
             SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING",
            agent.as_str(),
            name,
            serde_json::to_string(&found)?
        )?
        .run()
        .await?;
        match page.last() {
            Some(last) if page.len() == AT_A_TIME => after.clone_from(&last.id),
            _ => return Ok(()),
        }
    }
}

/// Makes no record be found by another field than these.
pub async fn keep_keys(env: &Env, agent: &AgentId, name: &str, fields: &[&str]) -> Answer<()> {
    query!(
        &database(env)?,
        "DELETE FROM record_key WHERE agent = ?1 AND collection = ?2 AND field NOT IN (SELECT value FROM json_each(?3))",
        agent.as_str(),
        name,
        serde_json::to_string(fields)?
    )?
    .run()
    .await?;
    Ok(())
}

/// Whether two records share a value of this field.
pub async fn is_shared(env: &Env, agent: &AgentId, name: &str, field: &str) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "SELECT field AS name FROM record_key WHERE agent = ?1 AND collection = ?2 AND field = ?3 \
         GROUP BY value HAVING count(*) > 1 LIMIT 1",
        agent.as_str(),
        name,
        field
    )?;
    Ok(statement.first::<Name>(None).await?.is_some())
}
