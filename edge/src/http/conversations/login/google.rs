//! `POST /api/conversations/{id}/login/google`: prepare to sign in with Google in another window.

use shared::id::ConversationId;
use shared::login::{GoogleStarted, StartGoogle};
use shared::route::Route;
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::agents::visit::client_address;
use crate::http::login::google::cookies;
use crate::http::{Ask, body, cookie};

/// Answers. The cookie is not partitioned: where the browser takes it, the window will bring it back and so show that it is
/// of the same browser (R33). Where it does not, a code is matched.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let StartGoogle { card } = body::read(&mut ask.request).await?;
    // The card asks for it when it is shown, before anybody presses.
    let caller = cookie::onlooker(&ask, id).await?;
    let act = Act::OpenWindow { caller, card, client: client_address(&ask)? };
    match conversation::tell(&ask.env, id, act).await? {
        ConversationReply::WindowOpened { flow, binding } => {
            let set = cookies::binding(&flow, &binding);
            let path = Route::GoogleStart(id.clone(), flow).path();
            cookie::with(Response::from_json(&GoogleStarted { path })?, &set)
        }
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}
