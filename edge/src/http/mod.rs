//! HTTP: which handler answers which route, and what every request must pass before one does.

mod admin;
mod agents;
mod body;
mod chat;
mod console;
mod conversations;
mod cookie;
#[cfg(feature = "dev")]
mod dev;
mod frame;
mod guard;
mod health;
mod hooks;
mod known;
mod loads;
mod login;
mod security_headers;

use shared::error::ErrorCode;
use shared::route::{Route, Verb, passkey_window};
use worker::{Context, Env, Method, Request, Response, Result};

use self::cookie::Keeper;
use crate::config::Config;
use crate::failure::{Answer, Failure};

/// What a handler has at hand.
pub struct Ask {
    /// The request.
    pub request: Request,
    /// Bindings.
    pub env: Env,
    /// Settings, complete.
    pub config: Config,
    /// Where the browser keeps its token.
    pub keeper: Keeper,
}

/// Answers a request. Whatever fails is logged here, once, with the id that the client is told.
pub async fn answer(request: Request, env: Env, context: &Context) -> Result<Response> {
    let request_id = request.headers().get("cf-ray")?.map_or_else(crate::random::id22, Ok)?;
    if request.path().starts_with(shared::admin::route::PREFIX) {
        return security_headers::add(admin::answer(request, env, &request_id).await?);
    }
    let response = match dispatch(request, env, context, &request_id).await {
        Ok(response) => response,
        Err(failure) => failure.respond(&request_id)?,
    };
    security_headers::add(response)
}

async fn dispatch(request: Request, env: Env, context: &Context, request_id: &str) -> Answer<Response> {
    let path = request.path();
    #[cfg(feature = "dev")]
    if path.starts_with("/dev/") {
        return dev::answer(request, &env).await;
    }
    if path == "/console" || path.starts_with("/console/") {
        return console::answer(request, env).await;
    }
    if let Some(agent) = passkey_window(&path) {
        if request.method() != Method::Get {
            return not_allowed(&Method::Get, request_id);
        }
        return chat::passkey::answer(request, env, &agent).await;
    }
    let Some(route) = Route::parse(&path) else { return Err(ErrorCode::NotFound.into()) };
    let allowed = match route.verb() {
        Verb::Get => Method::Get,
        Verb::Post | Verb::Signed => Method::Post,
    };
    let asks_first = route.verb() == Verb::Signed && request.method() == Method::Get;
    if request.method() != allowed && !asks_first {
        return not_allowed(&allowed, request_id);
    }
    if route == Route::Health {
        return health::answer(&env);
    }
    let config = Config::read(&env)?;
    if route.verb() == Verb::Post {
        guard::same_origin(&request, &config)?;
    }
    let keeper = Keeper::of(&request)?;
    let ask = Ask { request, env, config, keeper };
    match route {
        Route::Frame(agent) => frame::answer(&ask, context, &agent).await,
        Route::Visit(agent) => agents::visit::answer(ask, &agent).await,
        Route::Socket(id) => conversations::socket::answer(&ask, &id).await,
        Route::LoginStart(id) => conversations::login::start::answer(ask, &id).await,
        Route::LoginVerify(id) => conversations::login::verify::answer(ask, &id).await,
        Route::LoginAction(id) => conversations::login::action::answer(ask, &id).await,
        Route::LoginGoogle(id) => conversations::login::google::answer(ask, &id).await,
        Route::LoginMatch(id) => conversations::login::r#match::answer(ask, &id).await,
        Route::GoogleStart(id, flow) => login::google::start::answer(&ask, &id, &flow).await,
        Route::GoogleCallback => login::google::callback::answer(&ask).await,
        Route::Remembered(id) => conversations::remembered::answer(&ask, &id).await,
        Route::Erase(id) => conversations::remembered::erase::answer(ask, &id).await,
        Route::LoginCancel(id) => conversations::login::cancel::answer(ask, &id).await,
        Route::LoginPasskey(id) => conversations::login::passkey::answer(ask, &id).await,
        Route::LoginPasskeyVerify(id) => conversations::login::passkey::verify::answer(ask, &id).await,
        Route::AccountUnlink(id) => conversations::account::unlink::answer(ask, &id).await,
        Route::PasskeyNew(id) => conversations::account::passkey::answer(ask, &id).await,
        Route::PasskeyKeep(id) => conversations::account::passkey::keep::answer(ask, &id).await,
        Route::Logout(id) => conversations::logout::answer(ask, &id).await,
        Route::TwilioHook(id) => hooks::twilio::answer(ask, &id).await,
        Route::WhatsappHook(agent) => hooks::whatsapp::answer(ask, &agent).await,
        Route::LoginHost(id) => conversations::login::host::answer(ask, &id).await,
        Route::Account(id) => conversations::account::answer(&ask, &id).await,
        Route::AccountRevoke(id) => conversations::account::revoke::answer(ask, &id).await,
        Route::Health => Err(Failure::Internal("unreachable".to_owned())),
    }
}

fn not_allowed(allowed: &Method, request_id: &str) -> Answer<Response> {
    let refused = Failure::from(ErrorCode::MethodNotAllowed).respond(request_id)?;
    refused.headers().set("allow", allowed.as_ref())?;
    Ok(refused)
}
