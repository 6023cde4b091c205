//! Members: what each role, and each scope of an API token, opens of the admin API (O5). Deny by default.

use std::collections::{BTreeMap, BTreeSet};

use shared::admin::CONSOLE_AGENT;
pub use shared::admin::member::may_change;
use shared::admin::member::{Role, TEXTS};
use shared::admin::route::{OfAgent, Verb};
use shared::admin::token::Scope;
use shared::card::Method;
use shared::id::{AgentId, InvalidId};

use crate::agent::{Agent, CustomerAuth, ModelChoice, ModelLimits, SessionLimits, Theme};

/// What a request is about. A role opens areas; so do scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Texts and looks of the chat and its login card.
    Texts,
    /// Everything else that is set.
    Settings,
    /// Keys of other services.
    Secrets,
    /// Records.
    Collections,
    /// What visitors wrote.
    Conversations,
    /// The trail.
    Audit,
    /// Members, invitations and API tokens, and what is sent to a member.
    Members,
}

/// What the request is about, and whether it changes anything.
pub fn needed(what: &OfAgent, verb: Verb) -> (Area, bool) {
    let area = match what {
        OfAgent::Settings | OfAgent::Check | OfAgent::TestChat => Area::Texts,
        OfAgent::Archive
        | OfAgent::Restore
        | OfAgent::ModelCheck
        | OfAgent::ActionTrial
        | OfAgent::ActionVerdict
        | OfAgent::Install
        | OfAgent::InstallCheck => Area::Settings,
        OfAgent::Secrets | OfAgent::Secret(_) => Area::Secrets,
        OfAgent::Collections
        | OfAgent::Collection(_)
        | OfAgent::Records(_)
        | OfAgent::Record(..)
        | OfAgent::Export(_)
        | OfAgent::Imports(_)
        | OfAgent::Import(..)
        | OfAgent::ImportCommit(..)
        | OfAgent::ImportErrors(..) => Area::Collections,
        OfAgent::Conversations | OfAgent::Conversation(_) => Area::Conversations,
        OfAgent::Audit | OfAgent::AuditExport => Area::Audit,
        OfAgent::TestMessage | OfAgent::Members | OfAgent::Member(_) | OfAgent::Tokens | OfAgent::Token(_) => {
            Area::Members
        }
    };
    (area, verb != Verb::Get)
}

/// Whether a role opens an area.
pub fn opens(role: Role, area: Area) -> bool {
    match role {
        Role::Owner => true,
        Role::Editor => area == Area::Texts,
        Role::Analyst => false,
    }
}

/// Whether scopes allow it.
pub fn allows(scopes: &BTreeSet<Scope>, (area, changes): (Area, bool)) -> bool {
    let scope = match (area, changes) {
        (Area::Texts | Area::Settings, false) => Scope::SettingsRead,
        (Area::Texts | Area::Settings, true) => Scope::SettingsWrite,
        (Area::Collections, false) => Scope::CollectionsRead,
        (Area::Collections, true) => Scope::CollectionsWrite,
        (Area::Conversations, false) => Scope::ConversationsRead,
        (Area::Audit, false) => Scope::AuditRead,
        (Area::Conversations | Area::Audit, true) | (Area::Secrets | Area::Members, _) => return false,
    };
    scopes.contains(&scope)
}

/// Of the settings, what a role may see. The preview of an editor needs to know which methods there are.
pub fn visible(role: Role, settings: &serde_json::Value) -> serde_json::Value {
    if role == Role::Owner {
        return settings.clone();
    }
    let mut seen = serde_json::json!({ "customer_auth": {} });
    if role == Role::Editor {
        for pointer in TEXTS.iter().chain(&["/customer_auth/methods"]) {
            let Some(value) = settings.pointer(pointer) else { continue };
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            if let Some(serde_json::Value::Object(fields)) = seen.pointer_mut(parent) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
    }
    seen
}

/// The agent under which members sign in: with a code by email or a passkey, asked for at once.
///
/// # Errors
/// None; its id has the right shape.
pub fn console_agent(origin: &str) -> Result<Agent, InvalidId> {
    Ok(Agent {
        id: AgentId::parse(CONSOLE_AGENT)?,
        name: "Countersign console".to_owned(),
        origins: vec![origin.to_owned()],
        instructions: "You help members of this deployment to sign in to the console. You know nothing about its agents."
            .to_owned(),
        greeting: "Sign in to open the console.".to_owned(),
        suggested: Vec::new(),
        language: "en".to_owned(),
        languages: BTreeMap::new(),
        knowledge: "The console is where agents are set up. Only invited members can open it. If you were not invited, ask an owner \
                    for an invitation."
            .to_owned(),
        theme: Theme { accent: "#3046c5".to_owned(), radius: 12 },
        customer_auth: CustomerAuth {
            title: "Sign in to the console".to_owned(),
            subtitle: "We'll send a code to your email".to_owned(),
            methods: vec![Method::EmailCode, Method::Passkey],
            at_start: true,
            session: SessionLimits { inactivity_minutes: 12 * 60, absolute_hours: 7 * 24, until_sign_out: false },
            ..CustomerAuth::default()
        },
        model: ModelChoice::Rehearsal,
        limits: ModelLimits::default(),
        actions: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_editor_changes_texts_and_nothing_that_decides_access() {
        for pointer in [
            "/greeting",
            "/theme/accent",
            "/customer_auth/title",
            "/language",
            "/languages/de",
            "/languages/de/customer_auth/title",
            "/suggested/0",
        ] {
            assert!(may_change(Role::Editor, pointer), "{pointer}");
        }
        for pointer in [
            "",
            "/",
            "/id",
            "/origins",
            "/instructions",
            "/customer_auth",
            "/customer_auth/methods",
            "/customer_auth/enabled",
            "/customer_auth/titles",
            "/themes",
            "/actions",
            "/model",
            "/greetings",
            "/languages_",
            "/customer_auth/texts",
            "/customer_auth/title_",
        ] {
            assert!(!may_change(Role::Editor, pointer), "{pointer}");
            assert!(!may_change(Role::Analyst, pointer), "{pointer}");
        }
        assert!(may_change(Role::Owner, "/origins") && !may_change(Role::Owner, "/id"));
    }

    #[test]
    fn an_editor_sees_texts_and_which_methods_there_are() {
        let settings = json!({"id": "ag_x", "name": "N", "instructions": "secret", "theme": {"accent": "#000000"},
            "customer_auth": {"title": "T", "subtitle": "S", "methods": ["email_code"], "host_token": {"keys": []}}});
        let seen = visible(Role::Editor, &settings);
        assert_eq!(
            seen,
            json!({"id": "ag_x", "name": "N", "theme": {"accent": "#000000"},
            "customer_auth": {"title": "T", "subtitle": "S", "methods": ["email_code"]}})
        );
        assert_eq!(visible(Role::Analyst, &settings), json!({"customer_auth": {}}));
        assert_eq!(visible(Role::Owner, &settings), settings);
    }

    #[test]
    fn roles_and_scopes_open_what_they_should() {
        for area in [Area::Settings, Area::Secrets, Area::Collections, Area::Conversations, Area::Audit, Area::Members]
        {
            assert!(opens(Role::Owner, area) && !opens(Role::Editor, area) && !opens(Role::Analyst, area));
        }
        assert!(opens(Role::Editor, Area::Texts) && !opens(Role::Analyst, Area::Texts));
        let all = BTreeSet::from([
            Scope::SettingsRead,
            Scope::SettingsWrite,
            Scope::CollectionsRead,
            Scope::CollectionsWrite,
            Scope::ConversationsRead,
            Scope::AuditRead,
        ]);
        for changes in [false, true] {
            assert!(!allows(&all, (Area::Secrets, changes)) && !allows(&all, (Area::Members, changes)));
            assert!(allows(&all, (Area::Texts, changes)));
        }
        assert!(!allows(&BTreeSet::from([Scope::SettingsRead]), (Area::Settings, true)));
        assert!(!allows(&BTreeSet::new(), (Area::Texts, false)));
    }
}
