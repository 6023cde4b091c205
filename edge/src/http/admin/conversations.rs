//! `GET /api/admin/agents/{agent}/conversations` and `…/conversations/{id}`: what visitors wrote, redacted. Whoever looks at a
//! conversation is noted in the trail.

use domain::audit::{AuditKind, Entry};
use serde::Deserialize;
use shared::admin::conversation::{Conversation, Conversations, MAX_PAGE, MAX_SEQ, PAGE};
use shared::admin::problem::Code;
use shared::card::Method;
use shared::frame::State;
use shared::id::ConversationId;
use worker::Response;

use super::audit::shown;
use super::{Done, Granted, Refused};
use crate::clock::now;
use crate::durable::conversation::{self, Act, ConversationReply};
use crate::durable::ledger::{self, LedgerCommand};

/// How long one look counts as the same, milliseconds: a live view asks every few seconds.
const LOOK_MS: u64 = 3_600_000;

/// What to list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    state: Option<State>,
    method: Option<Method>,
    before: Option<u64>,
    limit: Option<u32>,
}

/// How many a page has.
pub fn page(asked: Option<u32>) -> Done<u32> {
    match asked.unwrap_or(PAGE) {
        limit @ 1..=MAX_PAGE => Ok(limit),
        _ => Err(Refused::field("/limit", "A page has 1 to 200 entries.")),
    }
}

/// From which number on.
pub fn seq(asked: Option<u64>) -> Done<Option<u64>> {
    if asked.is_none_or(|seq| seq <= MAX_SEQ) { Ok(asked) } else { Err(Code::BadRequest.into()) }
}

/// The conversations, newest first.
pub async fn list(granted: &Granted) -> Done<Response> {
    let Wanted { state, method, before, limit } = granted.ask.request.query().map_err(|_| Code::BadRequest)?;
    let (limit, before) = (page(limit)?, seq(before)?);
    let command = LedgerCommand::Conversations { state, method, before, limit: limit + 1 };
    let mut found = ledger::tell(&granted.ask.env, &granted.agent, &command).await?.conversations;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().map(|(seq, _)| *seq).filter(|_| more);
    let conversations = found.into_iter().map(|(_, summary)| summary).collect();
    Ok(Response::from_json(&Conversations { conversations, next })?)
}

/// From where on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    after: Option<u64>,
}

/// One conversation.
pub async fn read(granted: &Granted, id: ConversationId) -> Done<Response> {
    let From { after } = granted.ask.request.query().map_err(|_| Code::BadRequest)?;
    let after = seq(after)?.unwrap_or_default();
    if id.agent().ok().map(|agent| agent.saved()).as_ref() != Some(&granted.agent) {
        return Err(Code::NotFound.into());
    }
    let env = &granted.ask.env;
    let listed = ledger::tell(env, &granted.agent, &LedgerCommand::Conversation { id: id.clone() }).await?;
    // Asked for nothing that the trail does not know: no object is made for a made-up id.
    let (_, summary) = listed.conversations.into_iter().next().ok_or(Code::NotFound)?;
    let who = granted.actor.name();
    let at = now();
    let looked = Entry {
        at,
        id: format!("read/{}/{who}/{id}", at.0 / LOOK_MS),
        kind: AuditKind::ConversationRead,
        conversation: Some(id.clone()),
        person: None,
        detail: [("by".to_owned(), who)].into(),
    };
    ledger::tell(env, &granted.agent, &LedgerCommand::Append { entries: vec![looked] }).await?;
    let ConversationReply::Looked { state, frames } = conversation::tell(env, &id, Act::Look { after }).await? else {
        return Err(Code::Unavailable.into());
    };
    let of_it = LedgerCommand::Select { kind: None, conversation: Some(id), before: None, limit: MAX_PAGE };
    let mut trail = ledger::tell(env, &granted.agent, &of_it).await?.records;
    trail.reverse();
    let newest = frames.last().map_or(after, |frame| frame.seq);
    let trail = trail.into_iter().map(shown).collect();
    Ok(Response::from_json(&Conversation { summary, state, frames, newest, trail })?)
}
