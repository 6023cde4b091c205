//! `GET` and `POST /api/admin/agents/{agent}/members`: who may open the console for this agent, and who is invited.

pub mod member;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::address::EmailAddress;
use domain::audit::AuditKind;
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::time::Millis;
use shared::admin::CONSOLE_AGENT;
use shared::admin::member::{Invitation, Invite, ListedMember, Members, Role};
use shared::admin::problem::Code;
use shared::id::AgentId;
use worker::Response;

use self::member::{EVERYWHERE, HERE, INVITED};
use super::{Done, Granted, Refused};
use crate::clock::now;
use crate::durable::limiter::{Budget, take};
use crate::http::body;
use crate::mail::{self, InviteMail};
use crate::random;
use crate::store::{agents, hash, invitations, members};

/// How many days a link lives.
const DAYS: u64 = 7;

/// Everybody.
pub async fn list(granted: &Granted) -> Done<Response> {
    let env = &granted.ask.env;
    let me = &granted.actor.member()?.person;
    let members = members::list(env, &granted.agent).await?.into_iter().map(|member| {
        let everywhere = member.agent == members::EVERY;
        ListedMember {
            id: format!("{}{}", if everywhere { EVERYWHERE } else { HERE }, member.person),
            you: member.person == *me,
            email: member.email,
            role: member.role,
            everywhere,
            since: Millis(member.at as u64).rfc3339(),
        }
    });
    let invitations = invitations::list(env, granted.agent.as_str()).await?.into_iter().map(shown);
    Ok(Response::from_json(&Members { members: members.collect(), invitations: invitations.collect() })?)
}

/// An invitation as an owner sees it.
fn shown(stored: invitations::Stored) -> Invitation {
    let expires = Millis(stored.expires_at as u64);
    Invitation {
        id: format!("{INVITED}{}", stored.hash),
        email: stored.email,
        role: stored.role,
        everywhere: stored.agent == members::EVERY,
        sent: Millis(stored.at as u64).rfc3339(),
        expires: expires.rfc3339(),
        over: expires <= now(),
    }
}

/// Invites somebody by email: the link is good once, for whoever signs in with that address.
pub async fn invite(mut granted: Granted) -> Done<Response> {
    let Invite { email, role, everywhere } = body::read(&mut granted.ask.request).await?;
    let address = EmailAddress::parse(&email)
        .map_err(|_| Refused::field("/email", "This is not one email address, like ana@example.com."))?;
    let by = granted.actor.member()?;
    if everywhere && by.everywhere != Some(Role::Owner) {
        return Err(Refused::said(
            Code::NotAllowed,
            "Owners of every agent alone can invite somebody for every agent.",
        )
        .at("/everywhere"));
    }
    let (env, config) = (&granted.ask.env, &granted.ask.config);
    let console = AgentId::parse(CONSOLE_AGENT)?;
    let person =
        Identifier::Email { address: address.clone() }.person(&config.master.derive(&console, Purpose::Identity));
    let agent = if everywhere { members::EVERY } else { granted.agent.as_str() };
    if members::find(env, (&person, agent)).await?.is_some() {
        return Err(already());
    }
    take(env, &config.master, &console, Budget::InviteMember, by.person.as_str()).await?;
    take(env, &config.master, &console, Budget::InviteAddress, address.as_str()).await?;
    let token = URL_SAFE_NO_PAD.encode(random::bytes::<32>()?);
    let at = now();
    let invitation = invitations::Stored {
        hash: hash(&token),
        agent: agent.to_owned(),
        role,
        email: address.as_str().to_owned(),
        at: at.0 as f64,
        expires_at: at.plus_hours(DAYS * 24).0 as f64,
    };
    if !invitations::put(env, &invitation, &person, &by.person).await? {
        return Err(already());
    }
    let name = if everywhere { None } else { agents::stored(env, &granted.agent).await? };
    let name = name.as_ref().and_then(|stored| stored.settings.get("name")?.as_str());
    let mail = InviteMail {
        what: &name.map_or_else(|| "the console".to_owned(), |name| format!("the console of {name}")),
        to: &address,
        role: members::name(role),
        link: &format!("{}/console/claim#{token}", config.origin),
        days: DAYS,
        idempotency_key: format!("invite/{}", invitation.hash),
    };
    // It stands, whether the mail arrives or not.
    let scope = if everywhere { "every agent" } else { "this agent" };
    granted.note(AuditKind::MemberInvited, &[("role", members::name(role)), ("for", scope)]).await?;
    mail::invite(env, config, mail).await?;
    Ok(Response::from_json(&shown(invitation))?.with_status(201))
}

fn already() -> Refused {
    Refused::said(Code::Conflict, "Whoever has this address is a member already. Change their role instead.")
        .at("/email")
}
