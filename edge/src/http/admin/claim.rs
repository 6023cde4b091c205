//! `POST /api/admin/claim`: whoever holds a one-time token becomes a member.

use shared::admin::member::Claim;
use shared::admin::problem::Code;
use worker::Response;

use super::actor::Actor;
use super::{Done, Refused};
use crate::clock::now;
use crate::http::{Ask, body};
use crate::store::members;

/// Answers. Unknown, used, over and somebody else's are one answer.
pub async fn answer(mut ask: Ask, actor: &Actor) -> Done<Response> {
    let member = actor.member()?;
    let Claim { token } = body::read(&mut ask.request).await?;
    let who = (&member.person, member.email.as_str());
    if members::claim(&ask.env, &token, who, now()).await? {
        Ok(Response::empty()?.with_status(204))
    } else {
        let words = "This link is not good any more, or was made for another address. Ask an owner for a new one.";
        Err(Refused::said(Code::Invalid, words))
    }
}
