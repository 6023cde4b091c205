//! `GET` and `PATCH /api/admin/agents/{agent}`: the settings, with their version as `ETag`. A change names the version that it
//! changes in `If-Match` (RFC 9110): the second of two writers is told, and nothing is lost.

use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::json;
use domain::{member, merge_patch, settings};
use serde_json::Value;
use shared::admin::member::Role;
use shared::admin::problem::{Code, FieldError};
use shared::admin::{AgentDocument, MAX_SETTINGS_BYTES};
use worker::Response;

use crate::action;
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::store::agents;

/// The settings, as far as the asker may see them.
pub async fn read(granted: &Granted) -> Done<Response> {
    let stored = agents::stored(&granted.ask.env, &granted.agent).await?.ok_or(Code::NotFound)?;
    document(&canonical(&stored.settings)?, stored.version, stored.archived, granted.role)
}

/// Changes them by a merge patch (RFC 7396).
pub async fn change(mut granted: Granted) -> Done<Response> {
    let version = version(&granted)?;
    let patch: Value = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let Granted { ask, agent, role, .. } = &granted;
    let (agent, role) = (agent, *role);
    let stored = agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    if stored.version != version {
        return Err(Code::Changed.into());
    }
    let (after, changed) = patched(&stored.settings, patch, role)?;
    if changed.is_empty() {
        return document(&after, version, stored.archived, role);
    }
    if !agents::replace(&ask.env, agent, version, &after).await? {
        return Err(Code::Changed.into());
    }
    granted.note_list(AuditKind::SettingsChanged, "changed", &changed).await?;
    document(&after, version + 1, stored.archived, role)
}

/// The settings with a patch, as they would be saved, and the pointers at which they differ then: if they can be, and the role
/// may change what does.
pub fn patched(stored: &Value, patch: Value, role: Role) -> Done<(Value, Vec<String>)> {
    let before = canonical(stored)?;
    // What is asked for, not what would differ: an answer must not say whether a hidden setting was guessed.
    may_change(role, &merge_patch::named(&patch))?;
    let mut after = before.clone();
    merge_patch::apply(&mut after, patch);
    let after = judged(&after, Some(&before))?;
    let changed = merge_patch::changed(&before, &after);
    may_change(role, &changed)?;
    Ok((after, changed))
}

/// Whether a role may change what is at these pointers.
fn may_change(role: Role, pointers: &[String]) -> Done<()> {
    match pointers.iter().find(|pointer| !member::may_change(role, pointer)) {
        Some(pointer) => {
            Err(Refused::said(Code::NotAllowed, "Your role may not change this. Ask an owner.").at(pointer))
        }
        None => Ok(()),
    }
}

/// The version that a change names.
fn version(granted: &Granted) -> Done<u64> {
    // Any other tag is one that no version has.
    granted.if_match()?.parse().map_err(|_| Code::Changed.into())
}

/// The settings with every field in its place.
fn canonical(settings: &Value) -> Done<Value> {
    Ok(json::value(&json::of::<Agent>(settings)?)?)
}

/// The settings in their one form, if they can be saved. `before` is what was there: a fault that was in it already keeps
/// nobody from changing something else.
pub fn judged(settings: &Value, before: Option<&Value>) -> Done<Value> {
    let agent = json::of::<Agent>(settings).map_err(|_| Refused::invalid(settings::misread(settings)))?;
    let canonical = json::value(&agent)?;
    let mut errors: Vec<FieldError> = settings::unknown(settings, &canonical);
    errors.extend(settings::faults(&agent, &action::allowed()));
    if let Some(before) = before.and_then(|before| json::of::<Agent>(before).ok()) {
        let known = settings::faults(&before, &action::allowed());
        errors.retain(|error| !known.contains(error));
    }
    if errors.is_empty() { Ok(canonical) } else { Err(Refused::invalid(errors)) }
}

/// The answer.
pub fn document(settings: &Value, version: u64, archived: bool, role: Role) -> Done<Response> {
    let body = AgentDocument { version, archived, role, settings: member::visible(role, settings) };
    let response = Response::from_json(&body)?;
    response.headers().set("etag", &format!("\"{version}\""))?;
    Ok(response)
}
