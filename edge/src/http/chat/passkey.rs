//! `GET /chat/{agent}/passkey`: the window in which a passkey is used or made where the browser refuses that in the frame (M8).
//!
//! The page knows nobody and can ask for nothing: its policy lets it load its own script and send no request. The chat's frame
//! that opened it tells it what is to be signed and takes back what was signed; to everybody else it is an empty page
//! (`docs/decisions/0029-a-window-for-passkeys.md`).

use serde::Deserialize;
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{Env, Headers, Request, Response};

use crate::config::Config;
use crate::failure::Answer;
use crate::http::agents::visit::reads;
use crate::http::cookie::Keeper;
use crate::http::security_headers::TOP_LEVEL_PERMISSIONS;
use crate::http::{Ask, frame};
use crate::mail::escape;
use crate::store::agents;
use crate::words::{self, Words};

const PAGE: &str = include_str!("../../pages/passkey.html");
const STYLE: &str = concat!(include_str!("../../pages/window.css"), include_str!("../../pages/passkey.css"));
const ASSETS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/assets.json"));

/// Where the build put the script.
#[derive(Deserialize)]
struct Assets {
    #[serde(rename = "passkey_window")]
    script: String,
}

/// Answers. A test chat has no such window: the console's frame is of its own site, so nothing is refused there.
pub async fn answer(request: Request, env: Env, id: &AgentId) -> Answer<Response> {
    let ask = Ask { config: Config::read(&env)?, request, env, keeper: Keeper::Cookie };
    let found = if id.tested().is_some() { None } else { agents::find(&ask.env, id).await? };
    let reads = reads(&ask)?;
    let agent = found.ok_or(ErrorCode::NotFound)?.spoken(&reads);
    let language = words::choose(&reads, &agent);
    let texts = Words::of(language)?;
    let Assets { script } = serde_json::from_str(ASSETS)?;
    let style = format!("{}{STYLE}", frame::theme(&agent));
    let value = |wanted: &str| match wanted {
        "lang" => language.to_owned(),
        "dir" => words::direction(language).to_owned(),
        "agent" => escape(&agent.name),
        "style" => style.clone(),
        "script" => script.clone(),
        "texts" => texts.json("/passkey_window"),
        wanted => escape(texts.text(&format!("/passkey_window/{wanted}"))),
    };
    let page = words::fill(PAGE, ("{{", "}}"), value);
    let headers = Headers::new();
    headers.set("content-type", "text/html; charset=utf-8")?;
    headers.set("content-language", language)?;
    headers.set("vary", "accept-language")?;
    headers.set(
        "content-security-policy",
        &format!(
            "default-src 'none'; script-src {}{script}; style-src {}; img-src data:; form-action 'none'; base-uri 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'",
            ask.config.origin,
            frame::hash(&style)
        ),
    )?;
    headers.set("permissions-policy", TOP_LEVEL_PERMISSIONS)?;
    // Said and not left to a default: anything stricter would cut this window off from the frame that opened it.
    headers.set("cross-origin-opener-policy", "unsafe-none")?;
    Ok(Response::ok(page)?.with_headers(headers))
}
