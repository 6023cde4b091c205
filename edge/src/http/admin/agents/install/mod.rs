//! `GET …/install`: which sites have loaded the chat, or tried to.

pub mod check;

use domain::agent::Agent;
use domain::install;
use domain::json;
use shared::admin::install::Loaded;
use shared::admin::problem::Code;
use worker::Response;

use crate::http::admin::{Done, Granted};
use crate::store::{agents, loads};

/// Answers.
pub async fn read(granted: &Granted) -> Done<Response> {
    let (env, agent) = (&granted.ask.env, &granted.agent);
    let settings: Agent = json::of(&agents::stored(env, agent).await?.ok_or(Code::NotFound)?.settings)?;
    let loads = loads::list(env, agent).await?.into_iter().map(|(load, at)| Loaded {
        at,
        allowed_then: load.allowed == 1,
        allowed_now: install::allows(&settings.origins, &load.origin),
        origin: load.origin,
    });
    Ok(Response::from_json(&loads.collect::<Vec<_>>())?)
}
