//! `POST /api/admin/claim`: whoever holds a one-time token becomes a member.

use domain::audit::AuditKind;
use shared::admin::CONSOLE_AGENT;
use shared::admin::member::Claim;
use shared::admin::problem::Code;
use shared::id::AgentId;
use worker::Response;

use super::actor::Actor;
use super::{Done, Refused, trail};
use crate::clock::now;
use crate::http::{Ask, body};
use crate::store::{invitations, members};

/// Answers. Unknown, used, over and somebody else's are one answer.
pub async fn answer(mut ask: Ask, actor: &Actor) -> Done<Response> {
    let member = actor.member()?;
    let Claim { token } = body::read(&mut ask.request).await?;
    let who = (&member.person, member.email.as_str());
    let Some(joined) = invitations::claim(&ask.env, &token, who, now()).await? else {
        let words = "This link is not good any more, or was made for another address. Ask an owner for a new one.";
        return Err(Refused::said(Code::Invalid, words));
    };
    // What concerns the whole deployment stands in the trail of the console's own agent.
    let agent = AgentId::parse(if joined.agent == members::EVERY { CONSOLE_AGENT } else { &joined.agent })?;
    trail::note(&ask.env, &agent, actor, AuditKind::MemberJoined, &[("role", members::name(joined.role))]).await?;
    Ok(Response::empty()?.with_status(204))
}
