//! `GET /health`: whether this deployment is configured. What is missing goes to the log alone.

use worker::{Env, Response};

use crate::config::Config;
use crate::failure::Answer;

/// Answers.
pub fn answer(env: &Env) -> Answer<Response> {
    let ok = Config::read(env).is_ok();
    let response = Response::from_json(&serde_json::json!({"ok": ok}))?;
    Ok(response.with_status(if ok { 200 } else { 503 }))
}
