//! `GET`, `POST /api/admin/agents/{agent}/collections` and `GET`, `PATCH`, `DELETE …/{collection}`.

pub mod export;
pub mod imports;
pub mod records;

use domain::audit::AuditKind;
use domain::collection;
use domain::json;
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::collections::{Collection, CollectionChange, Field, NewCollection};
use shared::admin::problem::{Code, FieldError};
use shared::id::AgentId;
use worker::{Env, Response};

use crate::clock::now;
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::store::agents;
use crate::store::collections::{self, Stored};

/// Every collection of the agent.
pub async fn list(granted: &Granted) -> Done<Response> {
    let Granted { ask, agent, .. } = granted;
    let mut shown = Vec::new();
    for stored in collections::list(&ask.env, agent, now()).await? {
        shown.push(self::shown(&ask.env, agent, stored).await?);
    }
    Ok(Response::from_json(&shown)?)
}

/// Makes one.
pub async fn create(mut granted: Granted) -> Done<Response> {
    let new: NewCollection = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let mut errors = collection::faults(&new.title, &new.fields);
    if !is_word(&new.name) {
        let detail = "A collection's name is 1 to 64 letters, digits, _ and -.".to_owned();
        errors.push(FieldError { pointer: "/name".to_owned(), detail });
    }
    errors.extend(unkeyed(&granted, &new.name, &new.fields).await?);
    if !errors.is_empty() {
        return Err(Refused::invalid(errors));
    }
    let env = &granted.ask.env;
    let title = if new.title.trim().is_empty() { &new.name } else { new.title.trim() };
    // What has records already is a collection too.
    collections::find(env, &granted.agent, &new.name, now()).await?;
    if !collections::insert(env, &granted.agent, (&new.name, title), &new.fields, now()).await? {
        return Err(
            Refused::said(Code::Conflict, "There is a collection of this name. Choose another one.").at("/name")
        );
    }
    noted(&granted, &new.name, "made", None).await?;
    Ok(document(&granted, found(&granted, &new.name).await?).await?.with_status(201))
}

/// One.
pub async fn read(granted: &Granted, name: &str) -> Done<Response> {
    document(granted, found(granted, name).await?).await
}

/// Changes its title or fields.
pub async fn change(mut granted: Granted, name: &str) -> Done<Response> {
    let tag = granted.if_match()?;
    let change: CollectionChange = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let stored = found(&granted, name).await?;
    if tag != stored.version.to_string() {
        return Err(Code::Changed.into());
    }
    let title = change.title.unwrap_or_else(|| stored.title.clone());
    let fields = change.fields.unwrap_or_else(|| stored.fields.clone());
    let mut errors = collection::faults(&title, &fields);
    errors.extend(unkeyed(&granted, name, &fields).await?);
    if !errors.is_empty() {
        return Err(Refused::invalid(errors));
    }
    let (env, agent) = (&granted.ask.env, &granted.agent);
    let was = |field: &Field, is: fn(&Field) -> bool| stored.fields.iter().any(|old| old.name == field.name && is(old));
    let newly: Vec<Field> =
        fields.iter().filter(|field| field.is_keyed() && !was(field, Field::is_keyed)).cloned().collect();
    if !newly.is_empty() {
        collections::add_keys(env, agent, name, &newly).await?;
    }
    for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.unique && !was(field, |old| old.unique)) {
        if collections::is_shared(env, agent, name, &field.name).await? {
            let words = "Two records have the same value here. Change one of them, then mark the field as unique.";
            return Err(Refused::field(&format!("/fields/{at}/unique"), words));
        }
    }
    if !collections::replace(env, agent, &stored, (title.trim(), &fields)).await? {
        return Err(Code::Changed.into());
    }
    // Once more: of records that came by the old fields since.
    if !newly.is_empty() {
        collections::add_keys(env, agent, name, &newly).await?;
    }
    let keyed: Vec<&str> = fields.iter().filter(|field| field.is_keyed()).map(|field| field.name.as_str()).collect();
    collections::keep_keys(env, agent, name, &keyed).await?;
    noted(&granted, name, "fields", None).await?;
    document(&granted, found(&granted, name).await?).await
}

/// Removes it with its records. One that the settings use stays.
pub async fn remove(granted: &Granted, name: &str) -> Done<Response> {
    let stored = found(granted, name).await?;
    let uses = uses(&granted.ask.env, &granted.agent, name).await?;
    if let Some(first) = uses.first() {
        let words = "The agent's settings use this collection. Take it out of them first.";
        return Err(Refused::said(Code::Conflict, words).at(first));
    }
    if !collections::remove(&granted.ask.env, &granted.agent, &stored).await? {
        return Err(Code::Changed.into());
    }
    noted(granted, name, "removed", Some(stored.records)).await?;
    Ok(Response::empty()?.with_status(204))
}

/// The collection, or that there is none.
async fn found(granted: &Granted, name: &str) -> Done<Stored> {
    collections::find(&granted.ask.env, &granted.agent, name, now()).await?.ok_or_else(|| Code::NotFound.into())
}

/// What of the settings uses it.
async fn uses(env: &Env, agent: &AgentId, name: &str) -> Done<Vec<String>> {
    let settings = agents::stored(env, agent).await?.ok_or(Code::NotFound)?.settings;
    Ok(collection::uses(&json::of(&settings)?, name))
}

/// Fields by which the settings find records, and by which they would not be found.
async fn unkeyed(granted: &Granted, name: &str, fields: &[Field]) -> Done<Vec<FieldError>> {
    let settings = agents::stored(&granted.ask.env, &granted.agent).await?.ok_or(Code::NotFound)?.settings;
    Ok(collection::unkeyed(&json::of(&settings)?, name, fields))
}

async fn shown(env: &Env, agent: &AgentId, stored: Stored) -> Done<Collection> {
    let used_by = uses(env, agent, &stored.name).await?;
    let Stored { name, title, fields, version, records } = stored;
    Ok(Collection { name, title, fields, version, records, used_by })
}

async fn document(granted: &Granted, stored: Stored) -> Done<Response> {
    let tag = format!("\"{}\"", stored.version);
    let response = Response::from_json(&shown(&granted.ask.env, &granted.agent, stored).await?)?;
    response.headers().set("etag", &tag)?;
    Ok(response)
}

/// Notes in the trail who did what to which collection, and to how many records.
async fn noted(granted: &Granted, name: &str, what: &str, records: Option<u64>) -> Done<()> {
    let records = records.map(|records| records.to_string());
    let records = records.iter().map(|records| ("records", records.as_str()));
    let details: Vec<_> = [("collection", name), ("what", what)].into_iter().chain(records).collect();
    Ok(granted.note(AuditKind::CollectionChanged, &details).await?)
}

/// What can stand in an address: see [`shared::admin::route`].
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}
