//! The test run of an action (A8): what would be sent, what comes back, and what the settings make of it.

use domain::json;
use std::collections::BTreeMap;

use domain::action::answer::{self, is_secret_field};
use domain::action::mask::{HIDDEN, mask};
use domain::action::template::{Known, Prepared, Unprepared, prepare, uses};
use domain::action::value::Values;
use domain::action::{Action, Kind};
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::admin::action::{Outcome, Sent, Trial};
use shared::id::AgentId;
use worker::Env;

use super::{SendFault, allowed, known_secrets, send, why};
use crate::config::Config;
use crate::failure::Answer;
use crate::random;

/// The most characters of an answer that are shown.
const MOST_CHARS: usize = 20_000;

/// What came of it, with JSON.
pub type Ran = Trial<Map<String, Value>>;

/// What the site owner tries it with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Try {
    /// The parameters, as the model or the form would give them.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    /// A persistent context, made up.
    #[serde(default)]
    pub context: BTreeMap<String, Value>,
    /// What the step before gave, made up.
    #[serde(default)]
    pub step: BTreeMap<String, Value>,
}

/// Sends the action once, as it is set, with these values.
pub async fn trial(env: &Env, config: &Config, agent: &AgentId, action: &Action, with: Try) -> Answer<Ran> {
    let mut trial = Trial {
        request: None,
        status: None,
        answer: None,
        shows: Map::new(),
        remembered: Map::new(),
        verdict: Outcome::NotMade,
        faults: Vec::new(),
    };
    let uses = match uses(action) {
        Ok(uses) => uses,
        Err(fault) => return Ok(Trial { faults: vec![fault.to_string()], ..trial }),
    };
    let values = match Values::from_trial(action, &json::value(&with.values)?) {
        Ok(values) => values,
        Err(complaints) => {
            return Ok(Trial { faults: complaints.iter().map(ToString::to_string).collect(), ..trial });
        }
    };
    let secrets = known_secrets(env, config, agent, &uses).await?;
    let known = Known { context: &with.context, secrets: &secrets, step: &with.step };
    let prepared = match prepare(action, &values, &known, &allowed()) {
        Ok(prepared) => prepared,
        Err(unprepared) => return Ok(Trial { faults: vec![told(&unprepared)], ..trial }),
    };
    let submitted = values.secrets(&action.parameters);
    // Shown is the same request with its secrets hidden before they are filled in: encoded in an address or a text they
    // would not be found again.
    let (context, step) = (hiding(&with.context), hiding(&with.step));
    let hidden_secrets = secrets.keys().map(|name| (name.clone(), HIDDEN.to_owned())).collect();
    let veiled = Known { context: &context, secrets: &hidden_secrets, step: &step };
    let mut hidden: Vec<String> = secrets.values().chain(&submitted).cloned().collect();
    hidden.extend([&with.context, &with.step].into_iter().flat_map(secret_texts));
    let open = values.without_secrets(&action.parameters, HIDDEN);
    trial.request = prepare(action, &open, &veiled, &allowed()).ok().map(|request| shown(&request, &hidden));
    match send(config, agent, action, prepared, &random::id22()?, None).await {
        Err(fault) => {
            trial.verdict = match fault {
                SendFault::NotSent(_) => Outcome::NotSent,
                SendFault::Unknown(_) => Outcome::Unknown,
            };
            trial.faults.push(fault.to_string());
        }
        Ok(answered) => judged(&mut trial, action, &answered.read, &submitted, hidden),
    }
    Ok(trial)
}

fn judged(trial: &mut Ran, action: &Action, read: &answer::Read, submitted: &[String], mut hidden: Vec<String>) {
    let verdict = answer::judge(action, read, &hidden);
    let mut succeeded = verdict.succeeded;
    trial.faults.extend(verdict.faults);
    trial.faults.extend(verdict.failure.map(|failure| format!("The API said: {failure}")));
    if !read.json {
        trial.faults.push("The answer is not JSON.".to_owned());
    }
    let mut remembered = BTreeMap::new();
    if let Kind::Login { remembers, .. } | Kind::Refresh { remembers } = &action.kind {
        let (fields, faults) = answer::remember(remembers, read, submitted);
        remembered = fields;
        trial.faults.extend(faults.iter().map(ToString::to_string));
    }
    if let (Kind::Login { next: None, .. }, true) = (&action.kind, succeeded)
        && let Err(fault) = answer::prove(action, read, submitted)
    {
        succeeded = false;
        trial.faults.push(fault.to_string());
    }
    hidden.extend(secret_texts(&remembered));
    let veil = |fields: Map<String, Value>| match veiled(&Value::Object(fields), &hidden) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    trial.remembered = veil(remembered.into_iter().collect());
    // Of a call that failed the model sees the API's words alone.
    if verdict.succeeded {
        trial.shows = veil(verdict.shows);
    }
    trial.status = Some(read.status);
    trial.answer = Some(veiled(&read.response, &hidden).to_string().chars().take(MOST_CHARS).collect());
    trial.verdict = if succeeded { Outcome::Succeeded } else { Outcome::Failed };
}

/// A value with every secret hidden: by the name of its field, and wherever one of these texts stands.
fn veiled(value: &Value, hidden: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(mask(text, hidden)),
        Value::Number(number) => {
            let (text, masked) = (number.to_string(), mask(&number.to_string(), hidden));
            if masked == text { value.clone() } else { Value::String(masked) }
        }
        Value::Array(items) => items.iter().map(|item| veiled(item, hidden)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let is_secret = is_secret_field(name) && !value.is_null();
                (name.clone(), if is_secret { Value::String(HIDDEN.to_owned()) } else { veiled(value, hidden) })
            })
            .collect(),
        other => other.clone(),
    }
}

/// Fields with those that are secret hidden.
fn hiding(fields: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let hide = |(name, value): (&String, &Value)| {
        let value = if is_secret_field(name) { Value::String(HIDDEN.to_owned()) } else { value.clone() };
        (name.clone(), value)
    };
    fields.iter().map(hide).collect()
}

fn secret_texts(fields: &BTreeMap<String, Value>) -> impl Iterator<Item = String> {
    fields.iter().filter(|(name, _)| is_secret_field(name)).filter_map(|(_, value)| domain::context::text(value))
}

fn shown(prepared: &Prepared, hidden: &[String]) -> Sent {
    Sent {
        method: prepared.method.as_str().to_owned(),
        url: mask(&prepared.url, hidden),
        headers: prepared.headers.iter().map(|(name, value)| (name.clone(), mask(value, hidden))).collect(),
        body: prepared.body.as_deref().map(|body| mask(body, hidden)),
    }
}

/// What the site owner, who may see all of the settings, has to mend.
fn told(unprepared: &Unprepared) -> String {
    match unprepared {
        Unprepared::MissingContext(names) => format!("The context has no {}.", names.join(", ")),
        Unprepared::MissingSecret(name) => format!("The agent has no secret {name} that may be sent to this host."),
        Unprepared::MissingStep(name) => format!("The step before gives no {name}."),
        Unprepared::Template(fault) => fault.to_string(),
        Unprepared::Address(fault) => format!("{}: {fault}.", why(unprepared)),
    }
}
