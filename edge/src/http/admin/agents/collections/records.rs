//! `GET`, `POST …/collections/{collection}/records` and `GET`, `PUT`, `DELETE …/records/{id}`. A record's `ETag` is made of
//! what it holds: the second of two writers is told. A deletion is undone by a `POST` of the record with its id and its tag.

use domain::keys::Purpose;
use domain::{collection, lookup};
use serde_json::{Map, Value};
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
    let tags = Tags::of(granted, name);
    let records = rows.into_iter().map(|kept| tags.shown(kept)).collect();
    Ok(Response::from_json(&Page::<Data> { records, next })?)
}

/// Makes one, or undoes its deletion.
pub async fn create(mut granted: Granted, name: &str) -> Done<Response> {
    let new: NewRecord<Data> = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let stored = found(&granted, name).await?;
    let id = new.id.map_or_else(random::id22, Ok)?;
    if !is_word(&id) {
        return Err(Refused::field("/id", "An id is 1 to 64 letters, digits, _ and -."));
    }
    let tags = Tags::of(&granted, name);
    // What is put back is as it was: nothing of it is new.
    let data = if new.tag.is_some_and(|tag| tags.is(&tag, &id, &new.data)) {
        new.data
    } else {
        collection::record(&stored.fields, &new.data, None).map_err(Refused::invalid)?
    };
    let writing = Writing { agent: &granted.agent, collection: &stored, id: &id, data: &data };
    if !records::write(&granted.ask.env, &writing, None).await? {
        return Err(why(&granted, &writing, true).await?);
    }
    noted(&granted, name, "record made", Some(1)).await?;
    Ok(tags.document(&id, data)?.with_status(201))
}

/// One.
pub async fn read(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    let kept = records::get(&granted.ask.env, &granted.agent, name, id).await?.ok_or(Code::NotFound)?;
    Tags::of(granted, name).document(id, serde_json::from_str(&kept.data)?)
}

/// Changes one.
pub async fn replace(mut granted: Granted, name: &str, id: &str) -> Done<Response> {
    let given = granted.if_match()?;
    let change: RecordChange<Data> = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let stored = found(&granted, name).await?;
    let kept = records::get(&granted.ask.env, &granted.agent, name, id).await?.ok_or(Code::NotFound)?;
    let before: Data = serde_json::from_str(&kept.data)?;
    let tags = Tags::of(&granted, name);
    if !tags.is(&given, id, &before) {
        return Err(Code::Changed.into());
    }
    let data = collection::record(&stored.fields, &change.data, Some(&before)).map_err(Refused::invalid)?;
    let writing = Writing { agent: &granted.agent, collection: &stored, id, data: &data };
    if !records::write(&granted.ask.env, &writing, Some(&kept.data)).await? {
        return Err(why(&granted, &writing, false).await?);
    }
    noted(&granted, name, "record changed", Some(1)).await?;
    tags.document(id, data)
}

/// Removes one: whatever it holds by now, or the one that the asker names by its tag.
pub async fn remove(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    let mut seen = None;
    if let Some(tag) = granted.if_match_given()? {
        let kept = records::get(&granted.ask.env, &granted.agent, name, id).await?.ok_or(Code::NotFound)?;
        if !Tags::of(granted, name).is(&tag, id, &serde_json::from_str(&kept.data).unwrap_or_default()) {
            return Err(Code::Changed.into());
        }
        seen = Some(kept.data);
    }
    if !records::remove(&granted.ask.env, (&granted.agent, name, id), seen.as_deref()).await? {
        return Err(if seen.is_some() { Code::Changed } else { Code::NotFound }.into());
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

/// What makes the tags of a collection's records.
struct Tags<'a> {
    key: [u8; 32],
    collection: &'a str,
}

impl<'a> Tags<'a> {
    fn of(granted: &Granted, collection: &'a str) -> Self {
        Self { key: granted.ask.config.master.derive(&granted.agent, Purpose::Record), collection }
    }

    fn is(&self, tag: &str, id: &str, data: &Data) -> bool {
        collection::is_tag(tag, &self.key, self.collection, id, data)
    }

    fn record(&self, id: String, data: Data) -> Record<Data> {
        Record { tag: collection::tag(&self.key, self.collection, &id, &data), id, data }
    }

    fn shown(&self, kept: Kept) -> Record<Data> {
        // What is no object was put there by nobody who asked us; it is shown as empty.
        self.record(kept.id, serde_json::from_str(&kept.data).unwrap_or_default())
    }

    fn document(&self, id: &str, data: Data) -> Done<Response> {
        let record = self.record(id.to_owned(), data);
        let response = Response::from_json(&record)?;
        response.headers().set("etag", &format!("\"{}\"", record.tag))?;
        Ok(response)
    }
}
