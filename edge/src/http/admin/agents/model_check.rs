//! `POST /api/admin/agents/{agent}/model/check`: one question to a model that is not saved yet, with the key that is.
//!
//! Whoever may ask this may save the same settings, and with them have the key sent to the same address.

use domain::action::address;
use domain::agent::ModelChoice;
use domain::audit::AuditKind;
use domain::json;
use domain::model::{ModelEvent, ModelMessage, ModelRequest};
use domain::time::Millis;
use serde_json::Value;
use shared::admin::MAX_SETTINGS_BYTES;
use shared::admin::trial::{ModelCheck, ModelChecked};
use worker::Response;

use crate::action;
use crate::clock::now;
use crate::durable::limiter::{Budget, take};
use crate::failure::{Answer, Failure};
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::model::Stream;
use crate::store::secrets;
use crate::within::within;

/// How long it may take, milliseconds.
const MOST_MS: u64 = 20_000;

/// The most characters of the answer that are shown.
const MOST_CHARS: usize = 200;

/// Answers.
pub async fn answer(mut granted: Granted) -> Done<Response> {
    let asked: ModelCheck<Value> = body::read_up_to(&mut granted.ask.request, MAX_SETTINGS_BYTES).await?;
    let choice: ModelChoice = json::of(&asked.model).map_err(|error| Refused::field("/model", json::words(&error)))?;
    judge(&choice)?;
    let (env, config) = (&granted.ask.env, &granted.ask.config);
    take(env, &config.master, &granted.agent, Budget::ModelCheck, "").await?;
    // Before it is sent: whoever has the key sent somewhere is in the trail, whatever comes of it.
    granted.note(AuditKind::ModelChecked, &[("host", &host(&choice))]).await?;
    let begun = now();
    let answered = match within(MOST_MS, ask(&granted, &choice, begun.plus_ms(MOST_MS))).await {
        Ok(answered) => answered,
        Err(_) => Err(Failure::Internal("too late".to_owned())),
    };
    let took_ms = now().since(begun);
    let checked = match answered {
        Ok(text) if text.trim().is_empty() => ModelChecked {
            answered: false,
            says: "The model ended without a word. Try it again, or choose another.".to_owned(),
            took_ms,
        },
        Ok(text) => ModelChecked { answered: true, says: text, took_ms },
        Err(failure) => ModelChecked { answered: false, says: why(&failure).to_owned(), took_ms },
    };
    Ok(Response::from_json(&checked)?)
}

/// An address that nothing may be sent to is refused before a key is (R51).
fn judge(choice: &ModelChoice) -> Done<()> {
    let (base_url, model) = match choice {
        ModelChoice::Rehearsal => return Ok(()),
        ModelChoice::OpenAi { base_url, model } | ModelChoice::Anthropic { base_url, model } => (Some(base_url), model),
        ModelChoice::WorkersAi { model } => (None, model),
    };
    if model.trim().is_empty() {
        return Err(Refused::field("/model/model", "Say which model."));
    }
    if let Some(base_url) = base_url {
        address::check(base_url, &action::allowed())
            .map_err(|fault| Refused::field("/model/base_url", fault.to_string()))?;
    }
    Ok(())
}

/// Where the question goes.
fn host(choice: &ModelChoice) -> String {
    match choice {
        ModelChoice::OpenAi { base_url, .. } | ModelChoice::Anthropic { base_url, .. } => address::host(base_url),
        ModelChoice::WorkersAi { .. } => "Workers AI".to_owned(),
        ModelChoice::Rehearsal => "this deployment".to_owned(),
    }
}

/// Its first words.
async fn ask(granted: &Granted, choice: &ModelChoice, deadline: Millis) -> Answer<String> {
    let (env, config) = (&granted.ask.env, &granted.ask.config);
    let key = secrets::model_key(env, config, &granted.agent, choice).await?;
    let request = ModelRequest {
        system: "You are being checked before you are put to work. Answer in one short sentence.".to_owned(),
        knowledge: String::new(),
        person: Vec::new(),
        data: Vec::new(),
        messages: vec![ModelMessage::User { text: "Are you there?".to_owned() }],
        tools: Vec::new(),
        max_tokens: 200,
    };
    let mut stream = Stream::open(env, choice, key.as_deref(), request, deadline).await?;
    let mut text = String::new();
    while let Some(events) = stream.next().await? {
        for event in events {
            if let ModelEvent::Text(more) = event {
                text.push_str(&more);
            }
        }
        if text.chars().count() >= MOST_CHARS {
            break;
        }
    }
    Ok(text.chars().take(MOST_CHARS).collect())
}

fn why(failure: &Failure) -> &'static str {
    match failure {
        Failure::Vendor { status: 401 | 403, .. } => {
            "The provider refused the key. Set the agent's key anew, and look whether it is for this provider and may be sent to it."
        }
        Failure::Vendor { status: 402, .. } => "The provider says that the account has nothing left to spend.",
        Failure::Vendor { status: 404, .. } => {
            "The provider does not know this model, or its API is not at this address."
        }
        Failure::Vendor { status: 400 | 422, .. } => {
            "The provider did not take the request: the model's name may be wrong, or it cannot do what is needed."
        }
        Failure::Vendor { status: 429, .. } => "The provider is asked too often at the moment. Try again in a minute.",
        Failure::Vendor { .. } => "The provider failed. Try again in a moment.",
        _ => {
            "No model answered there within 20 seconds: the address may be wrong, or what answers speaks another protocol."
        }
    }
}
