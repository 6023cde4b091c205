//! Countersign on the Workers runtime: the adapter around the rules in `domain`.
mod action;
mod caller;
mod clock;
mod config;
mod durable;
mod failure;
mod google;
mod http;
mod json;
mod mail;
mod model;
mod page;
mod phone;
mod random;
mod store;
mod within;
mod words;

use worker::{Context, Env, Request, Response, Result, event};

/// What we call ourselves where we call others (RFC 9110, section 10.1.5).
const USER_AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));

/// Every request that no static asset answers.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    http::answer(request, env, &context).await
}
