//! `GET …/secrets`: which are set and since when, and which the settings need. Never what one is.

pub mod secret;

use domain::json;
use std::collections::BTreeMap;

use domain::agent::Agent;
use domain::secrets::{MODEL_KEY, needed};
use shared::admin::problem::Code;
use shared::admin::secret::{SecretNeeded, SecretSet, Secrets};
use worker::Response;

use crate::http::admin::{Done, Granted};
use crate::store::{agents, secrets};

/// Answers.
pub async fn list(granted: &Granted) -> Done<Response> {
    let Granted { ask, agent, .. } = granted;
    let stored = agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    let settings: Agent = json::of(&stored.settings)?;
    let times: BTreeMap<String, u64> = secrets::times(&ask.env, agent).await?;
    let mut needed = needed(&settings);
    // The deployment may have a key for the provider: then none is missing.
    if needed.contains_key(MODEL_KEY)
        && !times.contains_key(MODEL_KEY)
        && secrets::model_key(&ask.env, &ask.config, agent, &settings.model).await?.is_some()
    {
        needed.remove(MODEL_KEY);
    }
    let needed = needed.into_iter();
    let needed = needed.map(|(name, pointers)| SecretNeeded { set: times.contains_key(&name), name, pointers });
    let needed = needed.collect();
    let set = times.into_iter().map(|(name, at)| SecretSet { name, at }).collect();
    Ok(Response::from_json(&Secrets { set, needed })?)
}
