//! `POST /api/conversations/{id}/login/start`: send a code, send another, or send it to a corrected address; or look the
//! visitor up.

use domain::address::EmailAddress;
use domain::challenge::Destination;
use domain::lookup;
use domain::phone::PhoneNumber;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::ConversationId;
use shared::login::{StartLogin, Started};
use worker::Response;

use crate::durable::conversation::{self, Act, ConversationReply};
use crate::failure::{Answer, Failure};
use crate::http::agents::visit::client_address;
use crate::http::{Ask, body, cookie};
use crate::store::agents;

/// Answers.
pub async fn answer(mut ask: Ask, id: &ConversationId) -> Answer<Response> {
    let StartLogin { card, method, address, channel } = body::read(&mut ask.request).await?;
    let caller = cookie::caller(&ask, id).await?;
    let destination = match method {
        Method::EmailCode => Destination::from(EmailAddress::parse(&address).map_err(|_| ErrorCode::BadAddress)?),
        Method::PhoneCode => Destination::from(number(&ask, id, &address).await?),
        // The collection is the settings' own; the object knows it.
        Method::CollectionLookup => {
            let key = lookup::key(&address).ok_or(ErrorCode::BadAddress)?;
            Destination::Record { collection: String::new(), key }
        }
        _ => return Err(ErrorCode::MethodOff.into()),
    };
    let act = Act::Start { caller, card, method, destination, channel, client: client_address(&ask)? };
    match conversation::tell(&ask.env, id, act).await? {
        ConversationReply::Card { card } => Ok(Response::from_json(&Started { card })?),
        ConversationReply::Proved { person, session, conversation, times, method, card } => {
            let response = Response::from_json(&Started { card })?;
            cookie::sign_in(&ask, response, (conversation, session, person), times, method)
        }
        ConversationReply::LoginRefused { .. } => Err(ErrorCode::LoginRefused.into()),
        _ => Err(Failure::Internal("unexpected reply".to_owned())),
    }
}

/// One number of a country that the agent serves.
async fn number(ask: &Ask, id: &ConversationId, typed: &str) -> Answer<PhoneNumber> {
    let agent = agents::find(&ask.env, &id.agent()?).await?.ok_or(ErrorCode::NotFound)?;
    let settings = agent.customer_auth.phone.as_ref().ok_or(ErrorCode::MethodOff)?;
    PhoneNumber::parse(typed, &settings.countries).map_err(|_| ErrorCode::BadNumber.into())
}
