//! `PATCH` and `DELETE /api/admin/agents/{agent}/members/{id}`: another role, or none. The id names a member of the agent, a
//! member of every agent, or an invitation. An agent never loses its last owner.

use domain::audit::AuditKind;
use shared::admin::member::{Role, RoleChange};
use shared::admin::problem::Code;
use shared::id::PersonId;
use worker::Response;

use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::store::{invitations, members};

/// Before the person, in the id of a member of the agent.
pub const HERE: &str = "m_";

/// The same, of a member of every agent.
pub const EVERYWHERE: &str = "e_";

/// Before the hash, in the id of an invitation.
pub const INVITED: &str = "i_";

/// Whom an id names: a person, and for which agent.
fn named<'a>(granted: &'a Granted, id: &str) -> Done<(PersonId, &'a str)> {
    let here = id.strip_prefix(HERE).map(|person| (person, granted.agent.as_str()));
    let everywhere = || id.strip_prefix(EVERYWHERE).map(|person| (person, members::EVERY));
    let (person, agent) = here.or_else(everywhere).ok_or(Code::NotFound)?;
    Ok((PersonId::parse(person).map_err(|_| Code::NotFound)?, agent))
}

/// Members of every agent are changed by owners of every agent.
fn reaches(granted: &Granted, agent: &str) -> Done<()> {
    if agent == members::EVERY && granted.actor.member()?.everywhere != Some(Role::Owner) {
        let words = "This is for every agent of the deployment. Owners of every agent alone can change it.";
        return Err(Refused::said(Code::NotAllowed, words));
    }
    Ok(())
}

/// Gives a member another role.
pub async fn change(mut granted: Granted, id: &str) -> Done<Response> {
    let RoleChange { role } = body::read(&mut granted.ask.request).await?;
    let (person, agent) = named(&granted, id)?;
    let before = members::find(&granted.ask.env, (&person, agent)).await?.ok_or(Code::NotFound)?;
    reaches(&granted, agent)?;
    if before.role != role {
        if !members::change(&granted.ask.env, (&person, agent), role).await? {
            return Err(last());
        }
        let details = [("member", person.as_str()), ("from", members::name(before.role)), ("to", members::name(role))];
        granted.note(AuditKind::MemberChanged, &details).await?;
    }
    Ok(Response::empty()?.with_status(204))
}

/// Removes a member, at once, or takes an invitation back.
pub async fn remove(granted: &Granted, id: &str) -> Done<Response> {
    let env = &granted.ask.env;
    if let Some(hash) = id.strip_prefix(INVITED) {
        let waits = invitations::list(env, granted.agent.as_str()).await?;
        let invitation = waits.iter().find(|one| one.hash == hash).ok_or(Code::NotFound)?;
        reaches(granted, &invitation.agent)?;
        if !invitations::remove(env, hash, &invitation.agent).await? {
            return Err(Code::NotFound.into());
        }
        granted.note(AuditKind::InvitationRemoved, &[("role", members::name(invitation.role))]).await?;
    } else {
        let (person, agent) = named(granted, id)?;
        let member = members::find(env, (&person, agent)).await?.ok_or(Code::NotFound)?;
        reaches(granted, agent)?;
        if !members::remove(env, (&person, agent)).await? {
            return Err(last());
        }
        let details = [("member", person.as_str()), ("role", members::name(member.role))];
        granted.note(AuditKind::MemberRemoved, &details).await?;
    }
    Ok(Response::empty()?.with_status(204))
}

fn last() -> Refused {
    Refused::said(Code::Conflict, "This is the last owner. Make somebody else an owner first.")
}
