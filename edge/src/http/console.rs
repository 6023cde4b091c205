//! `GET /console` and every address under it: the console's page. Which view is shown the page decides by its address.

mod preview;

use serde::Deserialize;
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{Env, Headers, Method, Request, Response};

use crate::failure::Answer;
use crate::http::security_headers::TOP_LEVEL_PERMISSIONS;
use crate::words;

const PAGE: &str = include_str!("../pages/console.html");
const ASSETS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/assets.json"));

/// The page may load what this origin serves, and embed the chat of this origin: to sign in, and as a preview.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; frame-src 'self'; form-action 'none'; base-uri 'none'; object-src 'none'; \
                      frame-ancestors 'none'";

/// Where the build put the console's files.
#[derive(Deserialize)]
struct Assets {
    #[serde(rename = "console_js")]
    script: String,
    #[serde(rename = "console_wasm")]
    wasm: String,
    #[serde(rename = "console_css")]
    css: String,
}

/// Answers.
pub async fn answer(request: Request, env: Env) -> Answer<Response> {
    if request.method() != Method::Get {
        return Err(ErrorCode::MethodNotAllowed.into());
    }
    if let Some(agent) = request.path().strip_prefix("/console/preview/") {
        return preview::answer(request, env, &AgentId::parse(agent).map_err(|_| ErrorCode::NotFound)?).await;
    }
    page()
}

fn page() -> Answer<Response> {
    let assets: Assets = serde_json::from_str(ASSETS)?;
    let headers = Headers::new();
    headers.set("content-type", "text/html; charset=utf-8")?;
    headers.set("content-security-policy", POLICY)?;
    headers.set("permissions-policy", TOP_LEVEL_PERMISSIONS)?;
    let page = words::fill(PAGE, ("{{", "}}"), |name| match name {
        "console_js" => assets.script.clone(),
        "console_wasm" => assets.wasm.clone(),
        "console_css" => assets.css.clone(),
        _ => String::new(),
    });
    Ok(Response::ok(page)?.with_headers(headers))
}
