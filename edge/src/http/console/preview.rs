//! `GET /console/preview/{agent}`: the frame page as visitors get it, with a script before the widget's that stands in for the
//! edge. The console shows it beside the settings.
//!
//! It is sandboxed without its origin, and its policy lets it load the widget's files and nothing else: it reads no cookie and
//! sets none, reaches no address of ours, and what the console tells it stays in it.

use domain::agent::Agent;
use domain::json;
use domain::language::Ranges;
use serde::Deserialize;
use serde_json::Value;
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{Env, Headers, Request, Response};

use super::ASSETS;
use crate::config::Config;
use crate::failure::Answer;
use crate::http::cookie::Keeper;
use crate::http::{Ask, admin, frame};
use crate::store::agents;
use crate::words::{self, Words};

/// Where the build put the script.
#[derive(Deserialize)]
struct Assets {
    #[serde(rename = "console_preview")]
    script: String,
}

/// Answers members who may see the agent's texts and looks.
pub async fn answer(request: Request, env: Env, id: &AgentId) -> Answer<Response> {
    let config = Config::read(&env)?;
    let ask = Ask { request, env, config, keeper: Keeper::Cookie };
    let granted = admin::grant_preview(ask, id.clone()).await?;
    let stored = agents::stored(&granted.ask.env, &granted.agent).await?.ok_or(ErrorCode::NotFound)?;
    let agent: Agent = json::of(&stored.settings)?;
    let assets: Assets = serde_json::from_str(ASSETS)?;
    // The draft's own words come from the console; ours come with the page.
    let url = granted.ask.request.url()?;
    let wanted = url.query_pairs().find(|(name, _)| name == "lang");
    let reads = wanted.map_or_else(Ranges::default, |(_, tag)| Ranges::read(&tag));
    let language = words::choose(&reads, &agent);
    let (theme, origin) = (frame::theme(&agent), &granted.ask.config.origin);
    // What the card says while its words are ours: the English ones, and those of the page.
    let (english, other) = (Words::of("en")?, Words::of(language)?);
    let pair = |at: &str| (english.text(at).to_owned(), Value::from(other.text(at)));
    let ours = Value::Object(["/card/title", "/card/subtitle"].map(pair).into_iter().collect());
    let ours = words::in_script(&ours);
    let before = format!(
        "<script type=\"application/json\" id=\"ours\">{ours}</script>\n<script src=\"{}\"></script>\n",
        assets.script
    );
    let headers = Headers::new();
    headers.set("content-type", "text/html; charset=utf-8")?;
    headers.set("content-security-policy", &policy(origin, &frame::hash(&theme)))?;
    headers.set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")?;
    Ok(Response::ok(frame::page(&agent, language, &theme, &before, origin)?)?.with_headers(headers))
}

/// The widget's files lie under one folder of static files, where nothing can be written.
fn policy(origin: &str, theme: &str) -> String {
    format!(
        "sandbox allow-scripts allow-forms; default-src 'none'; script-src {origin}/a/ 'wasm-unsafe-eval'; \
         style-src {origin}/a/ {theme}; connect-src {origin}/a/; img-src data:; form-action 'none'; base-uri 'none'; \
         object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {origin}"
    )
}
