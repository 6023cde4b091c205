//! `GET /api/admin/me`: who is asking, and what they may do. Whoever is signed in and no member sees empty roles.

use shared::admin::member::{AgentRole, Me, Role};
use worker::Response;

use super::Done;
use super::actor::Actor;

/// Answers.
pub fn answer(actor: &Actor) -> Done<Response> {
    let me = match actor {
        Actor::Member(member) => Me {
            email: Some(member.email.as_str().to_owned()),
            everywhere: member.everywhere,
            agents: member.agents.iter().map(|(agent, role)| AgentRole { agent: agent.clone(), role: *role }).collect(),
        },
        Actor::Token(token) => Me {
            email: None,
            everywhere: None,
            agents: vec![AgentRole { agent: token.agent.clone(), role: Role::Owner }],
        },
    };
    Ok(Response::from_json(&me)?)
}
