//! HTTP: which handler answers which route, and what every request must pass before one does.

mod agents;
mod body;
mod conversations;
mod cookie;
#[cfg(feature = "dev")]
mod dev;
mod frame;
mod guard;
mod health;
mod known;
mod security_headers;

use shared::error::ErrorCode;
use shared::route::{Route, Verb};
use worker::{Env, Method, Request, Response, Result};

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
}

/// Answers a request. Whatever fails is logged here, once, with the id that the client is told.
pub async fn answer(request: Request, env: Env) -> Result<Response> {
    let request_id = request.headers().get("cf-ray")?.map_or_else(crate::random::id22, Ok)?;
    let response = match dispatch(request, env, &request_id).await {
        Ok(response) => response,
        Err(failure) => failure.respond(&request_id)?,
    };
    security_headers::add(response)
}

async fn dispatch(request: Request, env: Env, request_id: &str) -> Answer<Response> {
    let path = request.path();
    #[cfg(feature = "dev")]
    if path.starts_with("/dev/") {
        return dev::answer(request, &env).await;
    }
    let Some(route) = Route::parse(&path) else { return Err(ErrorCode::NotFound.into()) };
    let allowed = match route.verb() {
        Verb::Get => Method::Get,
        Verb::Post | Verb::Signed => Method::Post,
    };
    let asks_first = route.verb() == Verb::Signed && request.method() == Method::Get;
    if request.method() != allowed && !asks_first {
        let refused = Failure::from(ErrorCode::MethodNotAllowed).respond(request_id)?;
        refused.headers().set("allow", allowed.as_ref())?;
        return Ok(refused);
    }
    if route == Route::Health {
        return health::answer(&env);
    }
    let config = Config::read(&env)?;
    if route.verb() == Verb::Post {
        guard::same_origin(&request, &config)?;
    }
    let ask = Ask { request, env, config };
    match route {
        Route::Frame(agent) => frame::answer(&ask, &agent).await,
        Route::Visit(agent) => agents::visit::answer(ask, &agent).await,
        Route::Socket(id) => conversations::socket::answer(&ask, &id).await,
        Route::LoginStart(id) => conversations::login::start::answer(ask, &id).await,
        Route::LoginVerify(id) => conversations::login::verify::answer(ask, &id).await,
        Route::LoginAction(id) => conversations::login::action::answer(ask, &id).await,
        Route::Remembered(id) => conversations::remembered::answer(&ask, &id).await,
        Route::Erase(id) => conversations::remembered::erase::answer(ask, &id).await,
        Route::LoginCancel(id) => conversations::login::cancel::answer(ask, &id).await,
        Route::Logout(id) => conversations::logout::answer(ask, &id).await,
        // Not built yet.
        Route::LoginGoogle(_)
        | Route::LoginMatch(_)
        | Route::LoginHost(_)
        | Route::LoginPasskey(_)
        | Route::LoginPasskeyVerify(_)
        | Route::GoogleStart(..)
        | Route::GoogleCallback
        | Route::Account(_)
        | Route::AccountRevoke(_)
        | Route::AccountUnlink(_)
        | Route::PasskeyNew(_)
        | Route::PasskeyKeep(_)
        | Route::TwilioHook(_)
        | Route::WhatsappHook(_) => Err(ErrorCode::NotFound.into()),
        Route::Health => Err(Failure::Internal("unreachable".to_owned())),
    }
}
