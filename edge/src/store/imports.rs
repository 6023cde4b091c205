//! Imports: CSV files on their way in. What they brought stands beside the records until all of it is put in place at once.

use domain::collection::csv::Place;
use domain::collection::row::{Plan, Row};
use domain::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use shared::admin::collections::{Import, LineError, MAX_ERRORS, Mode, NewImport, Stage};
use shared::id::AgentId;
use worker::{D1Database, D1PreparedStatement, Env, query};

use super::collections::Stored;
use crate::config::database;
use crate::failure::Answer;
use crate::random;
use crate::store::was_changed;

/// How long an import may take, milliseconds.
const DAY_MS: u64 = 86_400_000;
/// The most bytes of JSON in one statement: D1 binds no value over 2 MB.
const MOST_BYTES: usize = 400_000;

/// Whose import it is.
pub struct Whose<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The collection.
    pub collection: &'a str,
    /// The import.
    pub id: &'a str,
}

/// An import with what the next part needs.
pub struct Open {
    /// As it is shown.
    pub import: Import,
    /// The collection's version when it began.
    pub version: u64,
    /// Which column fills what.
    pub plan: Plan,
    /// Where the next part begins; none before the first.
    pub place: Option<Place>,
    /// How many bytes of lines with errors are kept.
    pub kept: u64,
}

#[derive(Deserialize)]
struct Stands {
    id: String,
    version: u64,
    asked: String,
    plan: String,
    offset: u64,
    line: u64,
    skipping: u8,
    rows: u64,
    errors: u64,
    kept: u64,
    at: u64,
    done_at: Option<f64>,
}

const COLUMNS: &str = "id, version, asked, plan, offset, line, skipping, rows, errors, kept, at, done_at";

fn open(row: Stands) -> Answer<Open> {
    let asked: NewImport = serde_json::from_str(&row.asked)?;
    let stage = match row.done_at {
        Some(_) => Stage::Done,
        None if row.offset == asked.bytes => Stage::Complete,
        None => Stage::Open,
    };
    let place = (row.offset > 0).then_some(Place { line: row.line, skipping: row.skipping == 1 });
    let Stands { id, version, plan, offset, rows, errors, kept, at, .. } = row;
    let import = Import { id, asked, stage, offset, rows, errors, found: Vec::new(), at };
    Ok(Open { import, version, plan: serde_json::from_str(&plan)?, place, kept })
}

/// Begins one.
pub async fn insert(
    env: &Env,
    whose: &Whose<'_>,
    asked: &NewImport,
    (version, plan): (u64, &Plan),
    now: Millis,
) -> Answer<()> {
    query!(
        &database(env)?,
        "INSERT INTO import (id, agent, collection, version, asked, plan, bytes, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        whose.id,
        whose.agent.as_str(),
        whose.collection,
        version as f64,
        serde_json::to_string(asked)?,
        serde_json::to_string(plan)?,
        asked.bytes as f64,
        now.0 as f64
    )?
    .run()
    .await?;
    Ok(())
}

/// One import.
pub async fn find(env: &Env, whose: &Whose<'_>) -> Answer<Option<Open>> {
    let sql = format!("SELECT {COLUMNS} FROM import WHERE id = ?1 AND agent = ?2 AND collection = ?3");
    let statement = query!(&database(env)?, sql, whose.id, whose.agent.as_str(), whose.collection)?;
    statement.first::<Stands>(None).await?.map(open).transpose()
}

/// The imports of a collection that are not in place, the newest first.
pub async fn list(env: &Env, agent: &AgentId, collection: &str, now: Millis) -> Answer<Vec<Import>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM import WHERE agent = ?1 AND collection = ?2 AND done_at IS NULL AND at > ?3 ORDER BY at DESC"
    );
    let since = now.0.saturating_sub(DAY_MS) as f64;
    let rows = query!(&database(env)?, sql, agent.as_str(), collection, since)?.all().await?.results::<Stands>()?;
    rows.into_iter().map(|row| open(row).map(|open| open.import)).collect()
}

/// What was wrong in it.
pub async fn errors(env: &Env, id: &str) -> Answer<Vec<LineError>> {
    #[derive(Deserialize)]
    struct Error {
        error: String,
    }
    let statement = query!(&database(env)?, "SELECT error FROM import_error WHERE import = ?1 ORDER BY n", id)?;
    let rows = statement.all().await?.results::<Error>()?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(&row.error).ok()).collect())
}

/// The header and the lines with errors, as they stood in the file, as far as they are kept.
pub async fn lines(env: &Env, id: &str) -> Answer<Vec<(u64, String)>> {
    #[derive(Deserialize)]
    struct Line {
        line: u64,
        text: String,
    }
    let statement = query!(&database(env)?, "SELECT line, text FROM import_line WHERE import = ?1 ORDER BY line", id)?;
    Ok(statement.all().await?.results::<Line>()?.into_iter().map(|row| (row.line, row.text)).collect())
}

/// Of these values those that an earlier part brought: field, value and line.
pub async fn seen(env: &Env, id: &str, values: &[(&str, &str)]) -> Answer<Vec<(String, String, u64)>> {
    #[derive(Deserialize)]
    struct Seen {
        field: String,
        value: String,
        line: u64,
    }
    let database = database(env)?;
    let mut found = Vec::new();
    for chunk in chunks(values)? {
        let statement = query!(
            &database,
            "SELECT k.field, k.value, min(k.line) AS line FROM json_each(?2) j CROSS JOIN import_key k \
             ON k.import = ?1 AND k.field = j.value ->> 0 AND k.value = j.value ->> 1 GROUP BY k.field, k.value",
            id,
            chunk
        )?;
        let rows = statement.all().await?.results::<Seen>()?;
        found.extend(rows.into_iter().map(|row| (row.field, row.value, row.line)));
    }
    Ok(found)
}

/// What a part brought.
pub struct Part {
    /// Where the next one begins.
    pub offset: u64,
    /// In which line.
    pub place: Place,
    /// Its records.
    pub rows: Vec<Row>,
    /// What is wrong in it.
    pub errors: Vec<LineError>,
    /// The header, if it is in this part, and lines with errors, as they stand in the file.
    pub kept: Vec<(u64, String)>,
}

/// Takes a part in: all of it, and only after the part before it. False when another one came first.
pub async fn take(env: &Env, open: &Open, part: &Part) -> Answer<bool> {
    let (database, id, token) = (database(env)?, &open.import.id, random::id22()?);
    let (rows, errors) = (part.rows.len() as f64, part.errors.len() as f64);
    let skipping = u8::from(part.place.skipping);
    let mut statements = vec![query!(
        &database,
        "UPDATE import SET offset = ?1, line = ?2, skipping = ?3, rows = rows + ?4, errors = errors + ?5, plan = ?6, part = ?7, \
         kept = kept + ?10 WHERE id = ?8 AND offset = ?9 AND done_at IS NULL",
        part.offset as f64,
        part.place.line as f64,
        skipping,
        rows,
        errors,
        serde_json::to_string(&open.plan)?,
        token,
        id,
        open.import.offset as f64,
        part.kept.iter().map(|(_, text)| text.len()).sum::<usize>() as f64
    )?];
    let is_ours = "EXISTS (SELECT 1 FROM import WHERE id = ?1 AND part = ?3)";
    let insert = |sql: &str, json: String| query!(&database, format!("{sql} WHERE {is_ours}"), id, json, token);
    let prefix: String = id.chars().take(10).collect();
    let row = |row: &Row| {
        (row.line, format!("{prefix}-{:07}", row.line), row.key.clone(), Value::Object(row.data.clone()).to_string())
    };
    for chunk in chunks(&part.rows.iter().map(row).collect::<Vec<_>>())? {
        let sql = "INSERT INTO import_row (import, line, id, key, data) \
                   SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?2)";
        statements.push(insert(sql, chunk)?);
    }
    let keys: Vec<_> =
        part.rows.iter().flat_map(|row| row.keys.iter().map(|(field, value)| (field, value, row.line))).collect();
    for chunk in chunks(&keys)? {
        let sql = "INSERT INTO import_key (import, field, value, line) \
                   SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)";
        statements.push(insert(sql, chunk)?);
    }
    let kept = u64::from(MAX_ERRORS).saturating_sub(open.import.errors) as usize;
    let errors: Vec<_> = part
        .errors
        .iter()
        .take(kept)
        .zip(open.import.errors..)
        .map(|(error, n)| Ok((n, serde_json::to_string(error)?)))
        .collect::<Answer<_>>()?;
    for chunk in chunks(&errors)? {
        let sql = "INSERT INTO import_error (import, n, error) SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2)";
        statements.push(insert(sql, chunk)?);
    }
    for chunk in chunks(&part.kept)? {
        let sql = "INSERT INTO import_line (import, line, text) SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2)";
        statements.push(insert(sql, chunk)?);
    }
    let results = database.batch(statements).await?;
    results.first().map_or(Ok(false), was_changed)
}

/// Lists of JSON, each small enough to be bound.
fn chunks<T: serde::Serialize>(items: &[T]) -> Answer<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for item in items {
        let json = serde_json::to_string(item)?;
        match found.last_mut() {
            Some(list) if list.len() + json.len() < MOST_BYTES => {
                list.push(',');
                list.push_str(&json);
            }
            _ => found.push(format!("[{json}")),
        }
    }
    for list in &mut found {
        list.push(']');
    }
    Ok(found)
}

/// In lines of a merge whose unique value another record than the line's own has: `i` is the value, `k` the other's. Of the
/// agent ?1, the collection ?2, the import ?3, merged by ?4, with the unique fields ?5.
const TAKEN: &str = "import_key i JOIN import_row r ON r.import = i.import AND r.line = i.line JOIN record_key k \
    ON k.agent = ?1 AND k.collection = ?2 AND k.field = i.field AND k.value = i.value \
    WHERE i.import = ?3 AND i.field IN (SELECT value FROM json_each(?5)) AND k.id <> coalesce((SELECT o.id FROM record_key o \
    WHERE o.agent = ?1 AND o.collection = ?2 AND o.field = ?4 AND o.value = r.key), '')";

/// The first lines of a merge with a unique value that another record has.
pub async fn taken(env: &Env, whose: &Whose<'_>, open: &Open) -> Answer<Vec<(u64, String)>> {
    #[derive(Deserialize)]
    struct Taken {
        line: u64,
        field: String,
    }
    let Some(key) = &open.plan.key else { return Ok(Vec::new()) };
    let sql = format!("SELECT DISTINCT i.line, i.field FROM {TAKEN} ORDER BY i.line LIMIT 20");
    let (agent, unique) = (whose.agent.as_str(), unique(&open.plan)?);
    let statement = query!(&database(env)?, sql, agent, whose.collection, whose.id, key, unique)?;
    Ok(statement.all().await?.results::<Taken>()?.into_iter().map(|row| (row.line, row.field)).collect())
}

fn unique(plan: &Plan) -> Answer<String> {
    let names = plan.fields.iter().filter(|field| field.unique && plan.key.as_ref() != Some(&field.name));
    Ok(serde_json::to_string(&names.map(|field| &field.name).collect::<Vec<_>>())?)
}

/// Puts everything in place at once, or nothing: as long as all bytes are there, nobody did it before, the collection is of
/// the version of the beginning, and no unique value would be there twice.
pub async fn commit(env: &Env, whose: &Whose<'_>, open: &Open, collection: &Stored, now: Millis) -> Answer<bool> {
    let (database, token) = (database(env)?, random::id22()?);
    let (agent, name, id) = (whose.agent.as_str(), whose.collection, whose.id);
    let key = open.plan.key.clone().unwrap_or_default();
    let first = format!(
        "UPDATE import SET done_at = ?6, part = ?7 WHERE id = ?3 AND done_at IS NULL AND offset = bytes AND version = ?8 \
         AND EXISTS (SELECT 1 FROM collection WHERE agent = ?1 AND name = ?2 AND version = ?8) \
         AND (?4 = '' OR NOT EXISTS (SELECT 1 FROM {TAKEN}))"
    );
    let (version, unique) = (collection.version as f64, unique(&open.plan)?);
    let mut statements = vec![query!(&database, first, agent, name, id, key, unique, now.0 as f64, token, version)?];
    // Whose agent and collection it is was asked when it was found; here it binds every number.
    let then = |sql: &str| -> Answer<D1PreparedStatement> {
        let sql = format!(
            "{sql} AND EXISTS (SELECT 1 FROM import WHERE id = ?3 AND part = ?4 AND agent = ?1 AND collection = ?2)"
        );
        Ok(query!(&database, sql, agent, name, id, token)?)
    };
    match open.import.asked.mode {
        Mode::Replace => {
            statements.push(then("DELETE FROM record_key WHERE agent = ?1 AND collection = ?2")?);
            statements.push(then("DELETE FROM record WHERE agent = ?1 AND collection = ?2")?);
        }
        Mode::Merge => {
            statements.extend(merged(&database, whose, open, &token)?);
            statements.push(then(
                "UPDATE record SET data = json_patch(data, (SELECT r.data FROM import_row r INDEXED BY import_row_by_id WHERE r.import = ?3 AND r.id = record.id)) \
                 WHERE agent = ?1 AND collection = ?2 AND id IN (SELECT r.id FROM import_row r WHERE r.import = ?3)")?);
        }
    }
    // Nulls empty a field: what is new has none. What was changed above is there already.
    statements.push(then(
        "INSERT OR IGNORE INTO record (agent, collection, id, data) \
         SELECT ?1, ?2, r.id, json_patch('{}', r.data) FROM import_row r WHERE r.import = ?3",
    )?);
    statements.push(then(
        "INSERT OR IGNORE INTO record_key (agent, collection, field, value, id) SELECT ?1, ?2, k.field, k.value, r.id \
         FROM import_key k JOIN import_row r ON r.import = k.import AND r.line = k.line WHERE k.import = ?3",
    )?);
    for table in ["import_row", "import_key"] {
        statements.push(then(&format!("DELETE FROM {table} WHERE import = ?3"))?);
    }
    let results = database.batch(statements).await?;
    results.first().map_or(Ok(false), was_changed)
}

/// Gives each line the id of the record that it changes, and forgets the values by which that was found in the file's fields.
fn merged(database: &D1Database, whose: &Whose<'_>, open: &Open, token: &str) -> Answer<Vec<D1PreparedStatement>> {
    let (agent, name, id) = (whose.agent.as_str(), whose.collection, whose.id);
    let is_ours = "EXISTS (SELECT 1 FROM import WHERE id = ?3 AND part = ?4)";
    let find = format!(
        "UPDATE import_row SET id = coalesce((SELECT k.id FROM record_key k WHERE k.agent = ?1 AND k.collection = ?2 \
         AND k.field = ?5 AND k.value = import_row.key LIMIT 1), id) WHERE import = ?3 AND {is_ours}"
    );
    let forget = format!(
        "DELETE FROM record_key WHERE agent = ?1 AND collection = ?2 AND field IN (SELECT value FROM json_each(?5)) \
         AND id IN (SELECT r.id FROM import_row r WHERE r.import = ?3) AND {is_ours}"
    );
    let filled: Vec<&String> = open.plan.columns.iter().flatten().collect();
    Ok(vec![
        query!(database, find, agent, name, id, token, open.plan.key)?,
        query!(database, forget, agent, name, id, token, serde_json::to_string(&filled)?)?,
    ])
}

/// Drops one. False when it was not there.
pub async fn remove(env: &Env, whose: &Whose<'_>) -> Answer<bool> {
    let database = database(env)?;
    let own = "SELECT id FROM import WHERE id = ?1 AND agent = ?2 AND collection = ?3";
    let results = drop_those(own, |sql| Ok(query!(&database, sql, whose.id, whose.agent.as_str(), whose.collection)?))?;
    database.batch(results).await?.last().map_or(Ok(false), was_changed)
}

/// Drops those that were left alone for a day, whosever they are.
pub async fn drop_old(env: &Env, now: Millis) -> Answer<()> {
    let database = database(env)?;
    let before = now.0.saturating_sub(DAY_MS) as f64;
    let statements = drop_those("SELECT id FROM import WHERE at <= ?1", |sql| Ok(query!(&database, sql, before)?))?;
    database.batch(statements).await?;
    Ok(())
}

fn drop_those(which: &str, bound: impl Fn(String) -> Answer<D1PreparedStatement>) -> Answer<Vec<D1PreparedStatement>> {
    let mut statements = Vec::new();
    for table in ["import_row", "import_key", "import_error", "import_line"] {
        statements.push(bound(format!("DELETE FROM {table} WHERE import IN ({which})"))?);
    }
    statements.push(bound(format!("DELETE FROM import WHERE id IN ({which})"))?);
    Ok(statements)
}
