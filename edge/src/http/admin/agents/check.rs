//! `POST …/check`: what is wrong with settings that are not saved. An editor hears of what an editor may change alone.

use domain::agent::Agent;
use domain::json;
use domain::{member, merge_patch, settings};
use serde_json::Value;
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::action::{Check, Checked};
use shared::admin::member::Role;
use shared::admin::problem::Code;
use worker::Response;

use crate::action;
use crate::http::admin::{Done, Granted};
use crate::http::body;
use crate::store::agents;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let body = &mut granted.ask.request;
    let Check { settings: mut given } = body::read_up_to::<Check<Value>>(body, MAX_SETTINGS_BYTES).await?;
    let Granted { ask, agent, role, .. } = &granted;
    let stored = agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    if *role != Role::Owner {
        // An editor has a part of the settings; the rest is as it is.
        let mut whole = stored.settings;
        merge_patch::apply(&mut whole, given);
        given = whole;
    }
    let mut errors = settings::misread(&given);
    if let Ok(settings) = json::of::<Agent>(&given) {
        errors.extend(settings::unknown(&given, &json::value(&settings)?));
        errors.extend(settings::faults(&settings, &action::allowed()));
    }
    errors.retain(|error| *role == Role::Owner || member::may_change(*role, &error.pointer));
    Ok(Response::from_json(&Checked { errors })?)
}
