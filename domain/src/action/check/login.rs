//! Logins, their steps, and refreshes.

use std::collections::BTreeSet;

use shared::card::Method;

use super::{Found, check_mapped};
use crate::action::answer::names_a_credential;
use crate::action::{Action, Kind, Mapped, template};
use crate::agent::Agent;
use crate::context::refresh::FIELDS as REFRESHED;

/// What concerns the agent as a whole.
pub(super) fn check_agent(agent: &Agent, found: &mut Found<'_>) {
    let has_login = agent.actions.iter().any(|action| matches!(action.kind, Kind::Login { .. }));
    let offers = agent.customer_auth.methods.contains(&Method::LoginAction);
    let missing = "The company's own login is offered, but there is no login action; add one, or take the method out.";
    found.add_if(offers && !has_login, "customer_auth.methods", missing);
    let refreshes = agent.actions.iter().filter(|action| matches!(action.kind, Kind::Refresh { .. })).count();
    found.add_if(refreshes > 1, "actions", "There are two refresh actions; keep one.");
}

pub(super) fn check(agent: &Agent, action: &Action, found: &mut Found<'_>) {
    let remembers = match &action.kind {
        Kind::Login { next, remembers, .. } => {
            check_steps(agent, action, next.as_deref(), found);
            check_fields(agent, action, found);
            remembers
        }
        Kind::Refresh { remembers } => {
            let nobody = "Nobody is asked when a token is refreshed; take the parameters out.";
            found.add_if(!action.parameters.is_empty(), "parameters", nobody);
            for Mapped { name, .. } in remembers.iter().filter(|it| !REFRESHED.contains(&it.name.as_str())) {
                let sentence = "A refresh replaces token, refresh_token and expired_at, nothing else; take this out.";
                found.add(format!("kind.remembers.{name}"), sentence);
            }
            let without = !remembers.iter().any(|mapped| mapped.name == "token");
            found.add_if(without, "kind.remembers", "Say where the new token is.");
            remembers
        }
        Kind::Public { .. } | Kind::Private { .. } => return,
    };
    let off = "Logins and refreshes need the persistent context; switch it on, or take the action out.";
    found.add_if(!agent.customer_auth.persistent_context, "kind", off);
    check_mapped("kind.remembers", remembers, found);
    for Mapped { name, .. } in remembers.iter().filter(|mapped| names_a_credential(&mapped.name)) {
        let sentence = "What somebody typed to prove who they are is never kept; take this field out.";
        found.add(format!("kind.remembers.{name}"), sentence);
    }
}

fn find<'a>(agent: &'a Agent, name: &str) -> Option<&'a Action> {
    agent.actions.iter().find(|action| action.name == name)
}

fn check_steps(agent: &Agent, action: &Action, next: Option<&str>, found: &mut Found<'_>) {
    let Kind::Login { remembers, .. } = &action.kind else { return };
    let Some(first) = next else {
        let nobody = !remembers.iter().any(|mapped| mapped.name == "user_id");
        let sentence = "Say where the answer has the account's id, as user_id: without it a login proves nobody.";
        return found.add_if(nobody, "kind.remembers", sentence);
    };
    let (mut seen, mut step) = (BTreeSet::from([action.name.as_str()]), Some(first));
    while let Some(name) = step {
        let Some(Kind::Login { next, .. }) = find(agent, name).map(|action| &action.kind) else {
            let sentence = "The next step is not one of the login actions; name one, or take it out.";
            return found.add("kind.next", sentence);
        };
        if !seen.insert(name) {
            return found.add("kind.next", "The steps go in a circle; let one of them be the last.");
        }
        step = next.as_deref();
    }
}

/// What the form gives, and what the step before gives.
fn check_fields(agent: &Agent, action: &Action, found: &mut Found<'_>) {
    let Ok(uses) = template::uses(action) else { return };
    let anybody = "The call uses nothing of what the visitor types: it would sign anybody in. Use the parameters.";
    let given: BTreeSet<&str> = action.parameters.iter().filter(|it| !it.optional).map(|it| it.name.as_str()).collect();
    found.add_if(!uses.parameters.iter().any(|name| given.contains(name.as_str())), "parameters", anybody);
    let before = agent.actions.iter().filter_map(|it| match &it.kind {
        Kind::Login { next: Some(next), remembers, .. } if *next == action.name => Some(remembers),
        _ => None,
    });
    let before: Vec<&Vec<Mapped>> = before.collect();
    for name in &uses.step {
        if before.is_empty() || before.iter().any(|given| !given.iter().any(|mapped| mapped.name == *name)) {
            found.add(
                "url",
                format!("{{{{step.{name}}}}} is not given by every step before; let it be, or take it out."),
            );
        }
    }
}
