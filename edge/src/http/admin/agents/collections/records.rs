//! `GET`, `POST …/collections/{collection}/records` and `GET`, `PUT`, `DELETE …/records/{id}`. A record's `ETag` is made of
//! what it holds: the second of two writers is told. A deletion is undone by a `POST` of the record with its id.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{collection, lookup};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::collections::{NewRecord, Page, Record, RecordChange};
use shared::admin::problem::{Code, FieldError};
use worker::Response;

use super::{found, is_word, noted};
use crate::http::admin::conversations::page;
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::random;
use crate::store::collections::Stored;
use crate::store::records::{self, Kept, Search, Writing};

type Data = Map<String, Value>;

/// A page of records.
pub async fn list(granted: &Granted, name: &str) -> Done<Response> {
    found(granted, name).await?;
    let (mut search, mut after, mut limit) = (String::new(), String::new(), None);
    for (name, value) in granted.ask.request.url()?.query_pairs() {
        match name.as_ref() {
            "search" => search = value.trim().to_lowercase(),
            "after" if is_word(&value) => after = value.into_owned(),
            "limit" => limit = Some(value.parse().map_err(|_| Refused::field("/limit", "This is a whole number."))?),
            _ => return Err(Code::BadRequest.into()),
        }
    }
    if search.chars().count() > 200 {
        return Err(Refused::field("/search", "What is looked for has at most 200 characters."));
    }
    let limit = page(limit)?;
    let key = lookup::key(&search).unwrap_or_default();
    let search = Search { text: &search, key: &key };
    let mut rows = records::page(&granted.ask.env, &granted.agent, name, &search, (&after, limit + 1)).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(|row| row.id.clone()) } else { None };
    let records = rows.into_iter().map(shown).collect::<Done<Vec<_>>>()?;
    Ok(Response::from_json(&Page { records, next })?)
}

/// Makes one, or undoes its deletion.
pub async fn create(mut granted: Granted, name: &str) -> Done<Response> {
    let new: NewRecord<Data> = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let stored = found(&granted, name).await?;
    let id = new.id.map_or_else(random::id22, Ok)?;
    if !is_word(&id) {
        return Err(Refused::field("/id", "An id is 1 to 64 letters, digits, _ and -."));
    }
    let data = collection::record(&stored.fields, &new.data, None).map_err(Refused::invalid)?;
    let writing = Writing { agent: &granted.agent, collection: &stored, id: &id, data: &data };
    if !records::write(&granted.ask.env, &writing, None).await? {
        return Err(why(&granted, &writing, true).await?);
    }
    noted(&granted, name, "record made", Some(1)).await?;
    Ok(document(&id, &data)?.with_status(201))
}

/// One.
pub async fn read(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    let kept = records::get(&granted.ask.env, &granted.agent, name, id).await?.ok_or(Code::NotFound)?;
    document(id, &serde_json::from_str(&kept.data)?)
}

/// Changes one.
pub async fn replace(mut granted: Granted, name: &str, id: &str) -> Done<Response> {
    let given = granted.ask.request.headers().get("if-match")?.ok_or(Code::VersionNeeded)?;
    let change: RecordChange<Data> = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let stored = found(&granted, name).await?;
    let kept = records::get(&granted.ask.env, &granted.agent, name, id).await?.ok_or(Code::NotFound)?;
    let before: Data = serde_json::from_str(&kept.data)?;
    if given.trim() != format!("\"{}\"", tag(&before)?) {
        return Err(Code::Changed.into());
    }
    let data = collection::record(&stored.fields, &change.data, Some(&before)).map_err(Refused::invalid)?;
    let writing = Writing { agent: &granted.agent, collection: &stored, id, data: &data };
    if !records::write(&granted.ask.env, &writing, Some(&kept.data)).await? {
        return Err(why(&granted, &writing, false).await?);
    }
    noted(&granted, name, "record changed", Some(1)).await?;
    document(id, &data)
}

/// Removes one.
pub async fn remove(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    if !records::remove(&granted.ask.env, &granted.agent, name, id).await? {
        return Err(Code::NotFound.into());
    }
    noted(granted, name, "record removed", Some(1)).await?;
    Ok(Response::empty()?.with_status(204))
}

/// Why a record was not stored.
async fn why(granted: &Granted, writing: &Writing<'_>, is_new: bool) -> Done<Refused> {
    let Stored { name, version, .. } = writing.collection;
    if found(granted, name).await?.version != *version {
        let words = "The collection's fields were changed just now. Look at them, then save again.";
        return Ok(Refused::said(Code::Conflict, words));
    }
    let taken = records::taken(&granted.ask.env, writing).await?;
    if taken.is_empty() {
        let is_there = records::get(&granted.ask.env, &granted.agent, name, writing.id).await?.is_some();
        let words = "There is a record of this id already.";
        return Ok(if is_new && is_there { Refused::said(Code::Conflict, words) } else { Code::Changed.into() });
    }
    let error = |field: String| FieldError {
        pointer: format!("/data/{field}"),
        detail: "Another record has this value, and no two may share it.".to_owned(),
    };
    Ok(Refused::invalid(taken.into_iter().map(error).collect()))
}

fn shown(kept: Kept) -> Done<Record<Data>> {
    // What is no object was put there by nobody who asked us; it is shown as empty.
    let data: Data = serde_json::from_str(&kept.data).unwrap_or_default();
    Ok(Record { tag: tag(&data)?, id: kept.id, data })
}

/// What stands for everything in it.
fn tag(data: &Data) -> Done<String> {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(serde_json::to_vec(data)?));
    Ok(hash.chars().take(16).collect())
}

fn document(id: &str, data: &Data) -> Done<Response> {
    let tag = tag(data)?;
    let response = Response::from_json(&Record { id: id.to_owned(), tag: tag.clone(), data })?;
    response.headers().set("etag", &format!("\"{tag}\""))?;
    Ok(response)
}
