//! `GET /api/admin/agents/{agent}/audit` and `…/audit/export`: the trail, page by page, or as a whole to be verified offline.

use domain::audit::{AuditKind, Record};
use futures_util::stream::try_unfold;
use serde::Deserialize;
use shared::admin::problem::Code;
use shared::admin::trail::{Trail, TrailEntry};
use shared::id::ConversationId;
use worker::{Error, Response};

use super::conversations::{page, seq};
use super::{Done, Granted};
use crate::durable::ledger::{self, LedgerCommand};

/// How many entries of an export are read at once.
const EXPORTED: u32 = 500;

/// What to list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    kind: Option<AuditKind>,
    conversation: Option<ConversationId>,
    before: Option<u64>,
    limit: Option<u32>,
}

/// The trail, newest first.
pub async fn list(granted: &Granted) -> Done<Response> {
    let Wanted { kind, conversation, before, limit } = granted.ask.request.query().map_err(|_| Code::BadRequest)?;
    let (limit, before) = (page(limit)?, seq(before)?);
    let command = LedgerCommand::Select { kind, conversation, before, limit: limit + 1 };
    let mut records = ledger::tell(&granted.ask.env, &granted.agent, &command).await?.records;
    let more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next = records.last().map(|record| record.seq).filter(|_| more);
    Ok(Response::from_json(&Trail { entries: records.into_iter().map(shown).collect(), next })?)
}

/// A record as members see it.
pub fn shown(record: Record) -> TrailEntry {
    let Record { seq, at, kind, conversation, person, detail, .. } = record;
    TrailEntry { seq, at: at.rfc3339(), kind: kind.name(), conversation, person, detail }
}

/// The whole chain, oldest first: one record of JSON on each line, hashes and all. What is noted while it is read comes along.
pub async fn export(granted: Granted) -> Done<Response> {
    granted.note(AuditKind::AuditExported, &[]).await?;
    let name = format!("attachment; filename=\"{}-audit.ndjson\"", granted.agent);
    let (env, agent) = (granted.ask.env, granted.agent);
    let pages = try_unfold(0_u64, move |after| {
        let (env, agent) = (env.clone(), agent.clone());
        async move {
            let failed = |failure| Error::RustError(format!("{failure:?}"));
            let command = LedgerCommand::Page { after, limit: EXPORTED };
            let records = ledger::tell(&env, &agent, &command).await.map_err(failed)?.records;
            let Some(last) = records.last().map(|record| record.seq) else { return Ok::<_, Error>(None) };
            let mut text = String::new();
            for record in &records {
                text.push_str(&serde_json::to_string(record)?);
                text.push('\n');
            }
            Ok(Some((text.into_bytes(), last)))
        }
    });
    let response = Response::from_stream(pages)?;
    response.headers().set("content-type", "application/x-ndjson")?;
    response.headers().set("content-disposition", &name)?;
    Ok(response)
}
