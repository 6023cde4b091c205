//! Who asks: a member by the console's session, or an API token. The only place that makes either.

use domain::address::EmailAddress;
use domain::identity::Identifier;
use domain::keys::Purpose;
use shared::admin::CONSOLE_AGENT;
use shared::admin::member::Role;
use shared::admin::problem::Code;
use shared::admin::route::Verb;
use shared::admin::token::Scope;
use shared::id::{AgentId, PersonId};
use std::collections::BTreeSet;

use super::problem::Done;
use crate::clock::now;
use crate::http::{Ask, cookie, guard};
use crate::store::members::{self, EVERY};
use crate::store::tokens;

/// Who asks.
pub enum Actor {
    /// Somebody who is signed in; a member of what the roles say, of nothing when there are none.
    Member(Member),
    /// An API token.
    Token(Token),
}

/// Somebody who is signed in to the console.
pub struct Member {
    /// Who, under the console's agent.
    pub person: PersonId,
    /// The address that they proved.
    pub email: EmailAddress,
    /// The role for every agent, if there is one.
    pub everywhere: Option<Role>,
    /// The roles for one agent each.
    pub agents: Vec<(AgentId, Role)>,
}

/// An API token.
pub struct Token {
    /// Its id.
    pub id: String,
    /// Its agent.
    pub agent: AgentId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
}

impl Actor {
    /// The role for this agent; none where there is nothing that they may know of it.
    pub fn role(&self, agent: &AgentId) -> Option<Role> {
        match self {
            // The console's own agent is nobody's, and a test chat has no settings of its own.
            _ if agent.as_str() == CONSOLE_AGENT || agent.tested().is_some() => None,
            Self::Member(member) => {
                let here = member.agents.iter().find(|(id, _)| id == agent).map(|(_, role)| *role);
                here.max(member.everywhere)
            }
            Self::Token(token) => (token.agent == *agent).then_some(Role::Owner),
        }
    }

    /// The role for what concerns the whole deployment: an owner of every agent, or nothing that they may know of it.
    pub fn deployment(&self) -> Option<Role> {
        match self {
            Self::Member(member) => member.everywhere.filter(|role| *role == Role::Owner),
            Self::Token(_) => None,
        }
    }

    /// The member, where it is one.
    pub fn member(&self) -> Done<&Member> {
        match self {
            Self::Member(member) => Ok(member),
            Self::Token(_) => Err(Code::NotAllowed.into()),
        }
    }

    /// How the trail names them: nothing that says who it is.
    pub fn name(&self) -> String {
        match self {
            Self::Member(member) => member.person.to_string(),
            Self::Token(token) => format!("token {}", token.id),
        }
    }
}

/// Who asks this. Nobody is [`Code::SignedOut`]. `interaction`: somebody did something; a page that asks by itself keeps no
/// session alive (R25).
pub async fn of(ask: &Ask, verb: Verb, interaction: bool) -> Done<Actor> {
    if let Some(header) = ask.request.headers().get("authorization")? {
        // No cookie counts beside it.
        let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(Code::SignedOut)?;
        let rights = tokens::rights(&ask.env, token, now()).await?.ok_or(Code::SignedOut)?;
        return Ok(Actor::Token(Token { id: rights.id, agent: rights.agent, scopes: rights.scopes }));
    }
    if verb != Verb::Get {
        guard::own_page(&ask.request, &ask.config)?;
    }
    let mut member = member(ask, interaction).await?;
    for row in members::roles(&ask.env, &member.person).await? {
        if row.agent == EVERY {
            member.everywhere = Some(row.role);
        } else if let Ok(agent) = AgentId::parse(&row.agent) {
            member.agents.push((agent, row.role));
        }
    }
    Ok(Actor::Member(member))
}

/// Whoever is signed in to the console, without their roles.
pub async fn member(ask: &Ask, interaction: bool) -> Done<Member> {
    let agent = AgentId::parse(CONSOLE_AGENT)?;
    let holder = cookie::held(ask, &agent, interaction).await?.ok_or(Code::SignedOut)?;
    let (person, label) = holder.caller.person.zip(holder.label).ok_or(Code::SignedOut)?;
    let email = EmailAddress::parse(&label).map_err(|_| Code::SignedOut)?;
    let key = ask.config.master.derive(&agent, Purpose::Identity);
    if (Identifier::Email { address: email.clone() }).person(&key) != person {
        return Err(Code::SignedOut.into());
    }
    Ok(Member { person, email, everywhere: None, agents: Vec::new() })
}
