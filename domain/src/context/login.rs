//! What a login replaces in the persistent context.

use std::collections::BTreeSet;

use super::{refresh, roles, seen};
use crate::action::{Action, Kind};
use crate::agent::Agent;

/// The fields that a login with this action, the last of its steps, takes the place of: each that one of its steps maps,
/// the roles, the token with what goes with it, and whether an address is vouched for. All of them are dropped before the new ones are stored: a role that
/// the company took away and a token of an earlier login must not outlive the answer that no longer gives them (R47).
pub fn replaced(agent: &Agent, action: &str) -> BTreeSet<String> {
    let mut fields: BTreeSet<String> =
        refresh::FIELDS.iter().copied().chain([roles::FIELD, seen::EMAIL_VERIFIED]).map(str::to_owned).collect();
    for step in steps(agent, action) {
        if let Kind::Login { remembers, .. } = &step.kind {
            fields.extend(remembers.iter().map(|mapped| mapped.name.clone()));
        }
    }
    fields
}

/// The action and those whose next steps lead to it.
fn steps<'a>(agent: &'a Agent, last: &'a str) -> Vec<&'a Action> {
    let mut names = BTreeSet::from([last]);
    // Each round finds at least one more, or it is the last: steps may go in a circle.
    loop {
        let leads = |action: &&Action| match &action.kind {
            Kind::Login { next: Some(next), .. } => names.contains(next.as_str()),
            _ => false,
        };
        let before: Vec<&str> = agent.actions.iter().filter(leads).map(|action| action.name.as_str()).collect();
        let known = names.len();
        names.extend(before);
        if names.len() == known {
            break;
        }
    }
    agent.actions.iter().filter(|action| names.contains(action.name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Agent, replaced};

    fn agent() -> Agent {
        let login = |name: &str, next: Option<&str>, fields: &[&str]| {
            let remembers: Vec<_> = fields.iter().map(|name| json!({"name": name, "from": "response.x"})).collect();
            json!({
                "name": name, "title": "Log in", "method": "POST", "url": "https://api.example.com/login",
                "kind": {"is": "login", "next": next, "remembers": remembers},
            })
        };
        let actions = json!([
            login("phone", Some("code"), &["process_id"]),
            login("code", Some("pin"), &["level"]),
            login("pin", None, &["user_id", "email"]),
            login("partner", None, &["user_id", "partner_number"]),
            login("round", Some("round"), &["x"]),
        ]);
        let mut agent: Agent = serde_json::from_value(json!({"id": "ag_demo", "name": "Demo", "origins": []})).unwrap();
        agent.actions = serde_json::from_value(actions).unwrap();
        agent
    }

    #[test]
    fn a_login_replaces_what_its_steps_give_and_what_anybody_might_do_with_it() {
        let always = ["email_verified", "expired_at", "refresh_token", "roles", "token"];
        let of = |action: &str, more: &[&str]| {
            let mut fields: Vec<&str> = always.iter().chain(more).copied().collect();
            fields.sort_unstable();
            assert_eq!(replaced(&agent(), action).into_iter().collect::<Vec<_>>(), fields, "{action}");
        };
        of("pin", &["process_id", "level", "user_id", "email"]);
        of("partner", &["user_id", "partner_number"]);
        of("round", &["x"]);
        of("gone", &[]);
    }
}
