//! `POST …/test-chat`: a chat for the asker alone with settings that are not saved. The body is a merge patch (RFC 7396) of what
//! differs from those that are, judged as if it were saved; nothing is.
//!
//! The chat is the frame of an agent with an id of its own ([`AgentId::test`]): cookies, sessions, persons and keys are made of an
//! agent's id, so that whoever signs in there is nobody to the agent itself, however weak the proof that the draft asks for. What
//! can be used up or is worth knowing is the agent's own: budgets, keys of services, records, the trail.
//!
//! [`AgentId::test`]: shared::id::AgentId::test

use domain::audit::AuditKind;
use serde_json::Value;
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::problem::Code;
use shared::admin::trial::TestChat;
use worker::Response;

use super::settings;
use crate::clock::now;
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::random;
use crate::store::{agents, test_chats};

/// How long it lasts, minutes.
const MINUTES: u64 = 60;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let person = granted.actor.member()?.person.clone();
    let patch: Value = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let Granted { ask, agent, role, .. } = &granted;
    let stored = agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    if stored.archived {
        return Err(Refused::said(Code::Conflict, "This agent is archived and answers nobody. Restore it first."));
    }
    let (draft, changed) = settings::patched(&stored.settings, patch, *role)?;
    granted.may_call_out().await?;
    let (chat, expires) = (agent.test(&random::id22()?)?, now().plus_minutes(MINUTES));
    let new = test_chats::New { id: &chat, person: &person, role: *role, settings: &draft, expires };
    test_chats::insert(&ask.env, &new).await?;
    granted.note_list(AuditKind::TestChatBegun, "changed", &changed).await?;
    Ok(Response::from_json(&TestChat { chat, expires_at: expires.rfc3339() })?.with_status(201))
}
