//! `GET …/secrets`: which are set and since when, and which the settings need. Never what one is.

pub mod secret;

use domain::agent::Agent;
use domain::json;
use domain::secrets::{MODEL_KEY, needed};
use shared::admin::problem::Code;
use shared::admin::secret::{SecretNeeded, Secrets};
use worker::Response;

use crate::http::admin::{Done, Granted};
use crate::store::{agents, secrets};

/// Answers.
pub async fn list(granted: &Granted) -> Done<Response> {
    let Granted { ask, agent, .. } = granted;
    let stored = agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    let settings: Agent = json::of(&stored.settings)?;
    let set = secrets::list(&ask.env, &ask.config, agent).await?;
    let is_set = |name: &str| set.iter().any(|secret| secret.name == name);
    let mut needed = needed(&settings);
    // The deployment may have a key for the provider: then none is missing.
    if needed.contains_key(MODEL_KEY)
        && !is_set(MODEL_KEY)
        && secrets::model_key(&ask.env, &ask.config, agent, &settings.model).await?.is_some()
    {
        needed.remove(MODEL_KEY);
    }
    let needed = needed.into_iter();
    let needed = needed.map(|(name, pointers)| SecretNeeded { set: is_set(&name), name, pointers });
    let needed = needed.collect();
    Ok(Response::from_json(&Secrets { set, needed })?)
}
