//! `GET /api/conversations/{id}/socket`: the WebSocket, handed to the conversation's object.

use serde::Deserialize;
use shared::error::ErrorCode;
use shared::id::ConversationId;
use shared::visit::SOCKET_PROTOCOL;
use worker::{Headers, Method, Request, RequestInit, Response};

use crate::config::{Namespace, objects};
use crate::durable::conversation::{AFTER_HEADER, CALLER_HEADER};
use crate::failure::Answer;
use crate::http::cookie::Keeper;
use crate::http::{Ask, cookie, guard};

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    after: u64,
}

/// Answers.
pub async fn answer(ask: &Ask, id: &ConversationId) -> Answer<Response> {
    let upgrade = ask.request.headers().get("upgrade")?;
    if !upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err(ErrorCode::BadRequest.into());
    }
    guard::own_socket(&ask.request, &ask.config)?;
    let query: Query = ask.request.query().map_err(|_| ErrorCode::BadRequest)?;
    let caller = cookie::onlooker(ask, id).await?;
    // A request of our own: nothing that the client sent reaches the object but the number.
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    headers.set(CALLER_HEADER, &serde_json::to_string(&caller)?)?;
    headers.set(AFTER_HEADER, &query.after.to_string())?;
    let mut init = RequestInit::new();
    init.with_method(Method::Get).with_headers(headers);
    let stub = objects(&ask.env, Namespace::Conversation)?.get_by_name(id.as_str())?;
    let response = stub.fetch_with_request(Request::new_with_init("https://object/", &init)?).await?;
    if ask.keeper == Keeper::Cookie || response.status_code() != 101 {
        return Ok(response);
    }
    // A browser that named protocols gives up where none is chosen. The token is never said back.
    let headers = response.headers().clone();
    headers.set("sec-websocket-protocol", SOCKET_PROTOCOL)?;
    Ok(response.with_headers(headers))
}
