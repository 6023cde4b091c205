//! `POST …/actions/trial`: carries an action out once, for real, as it is in the console and not as it is saved.

use std::collections::BTreeMap;

use domain::action::Action;
use domain::action::template::uses;
use domain::audit::AuditKind;
use domain::json;
use serde_json::Value;
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::action::TrialOf;
use shared::admin::problem::{Code, FieldError};
use worker::Response;

use crate::action::trial::{Try, trial};
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::store::agents;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let body = &mut granted.ask.request;
    let given: TrialOf<Value, BTreeMap<String, Value>> = body::read_up_to(body, MAX_SETTINGS_BYTES).await?;
    let action: Action = json::of(&given.action).map_err(|_| misread(&given.action))?;
    let Granted { ask, agent, .. } = &granted;
    agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    granted.may_call_out().await?;
    let with = Try { values: given.values, context: given.context, step: given.step };
    let trial = trial(&ask.env, &ask.config, agent, &action, with).await?;
    if trial.request.is_some() {
        let said = json::value(&trial.verdict)?.as_str().unwrap_or_default().to_owned();
        let host = uses(&action).map(|uses| uses.host).unwrap_or_default();
        let details = [("action", action.name.as_str()), ("host", &host), ("outcome", &said)];
        granted.note(AuditKind::ActionTried, &details).await?;
    }
    Ok(Response::from_json(&trial)?)
}

/// Which of its fields is not of its form.
fn misread(action: &Value) -> Refused {
    let errors = domain::settings::misread_action(action).into_iter();
    let errors = errors.map(|error| FieldError { pointer: format!("/action{}", error.pointer), ..error });
    Refused::invalid(errors.collect())
}
