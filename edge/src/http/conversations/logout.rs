//! `POST /api/conversations/{id}/logout`: this session ends, or every one of the person.

use shared::id::ConversationId;
use shared::login::SignOut;
use worker::Response;

use crate::durable::person::{self, Act};
use crate::failure::{Answer, log};
use crate::http::{Ask, body, cookie};

/// Answers. The cookie is cleared whatever it held.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let SignOut { everywhere } = body::read(&mut ask.request).await?;
    let agent = id.agent()?;
    if let Some(holder) = cookie::holder(&ask, &agent).await?
        && let Some(person) = &holder.caller.person
    {
        let act = Act::SignOut { session: holder.caller.session.clone(), everywhere };
        if let Err(failure) = person::tell(&ask.env, &agent, person, act).await {
            // The session is revoked; a socket somewhere may live until its next frame. This browser is signed out.
            log("sign_out_incomplete", "", &format!("{failure:?}"));
        }
    }
    cookie::clear(&ask, Response::empty()?.with_status(204), &agent)
}
