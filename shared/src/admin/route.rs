//! Every address of the admin API, typed.

use crate::id::{AgentId, ConversationId};

/// An HTTP method of the admin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Reads; changes nothing.
    Get,
    /// Makes, or does.
    Post,
    /// Sets as a whole.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Verb {
    /// As it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminRoute {
    /// `GET /api/admin/me`: who is asking.
    Me,
    /// `POST /api/admin/claim`: become a member by a one-time token.
    Claim,
    /// `GET`, `POST /api/admin/agents`.
    Agents,
    /// Something of one agent.
    Of(AgentId, OfAgent),
}

/// What of an agent: the rest of the path after `/api/admin/agents/{agent}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfAgent {
    /// `GET`, `PATCH /`: its settings; a change is a merge patch (RFC 7396).
    Settings,
    /// `POST /archive`.
    Archive,
    /// `POST /restore`.
    Restore,
    /// `POST /check`: what is wrong with settings that are not saved.
    Check,
    /// `POST /model/check`: ask the model one question, with the settings that are not saved.
    ModelCheck,
    /// `POST /test-message`: send the member a code's message.
    TestMessage,
    /// `POST /test-chat`: a chat with settings that are not saved.
    TestChat,
    /// `GET /secrets`: names and ages.
    Secrets,
    /// `PUT`, `DELETE /secrets/{name}`.
    Secret(String),
    /// `POST /actions/trial`: carry an action out that is not saved.
    ActionTrial,
    /// `POST /actions/verdict`: what expressions make of a sample answer.
    ActionVerdict,
    /// `GET`, `POST /collections`.
    Collections,
    /// `GET`, `PATCH`, `DELETE /collections/{collection}`.
    Collection(String),
    /// `GET`, `POST /collections/{collection}/records`.
    Records(String),
    /// `GET`, `PUT`, `DELETE /collections/{collection}/records/{id}`.
    Record(String, String),
    /// `GET /collections/{collection}/export`: CSV.
    Export(String),
    /// `GET`, `POST /collections/{collection}/imports`.
    Imports(String),
    /// `GET`, `PATCH`, `DELETE /collections/{collection}/imports/{id}`.
    Import(String, String),
    /// `POST /collections/{collection}/imports/{id}/commit`.
    ImportCommit(String, String),
    /// `GET /collections/{collection}/imports/{id}/errors`: the lines that are not right, as CSV.
    ImportErrors(String, String),
    /// `GET /conversations`.
    Conversations,
    /// `GET /conversations/{id}`.
    Conversation(ConversationId),
    /// `GET /audit`.
    Audit,
    /// `GET /audit/export`: NDJSON.
    AuditExport,
    /// `GET`, `POST /members`: a `POST` invites.
    Members,
    /// `PATCH`, `DELETE /members/{id}`.
    Member(String),
    /// `GET`, `POST /tokens`.
    Tokens,
    /// `DELETE /tokens/{id}`.
    Token(String),
    /// `GET /install`: which pages have loaded the widget.
    Install,
    /// `POST /install/check`: whether a page loads the widget.
    InstallCheck,
}

/// What comes before every path.
pub const PREFIX: &str = "/api/admin/";

impl AdminRoute {
    /// The route of a path, if there is one. Names of a wrong shape have no route.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_prefix(PREFIX)?.split('/').collect();
        match parts.as_slice() {
            ["me"] => Some(Self::Me),
            ["claim"] => Some(Self::Claim),
            ["agents"] => Some(Self::Agents),
            ["agents", agent, rest @ ..] => Some(Self::Of(AgentId::parse(agent).ok()?, OfAgent::parse(rest)?)),
            _ => None,
        }
    }

    /// The path.
    pub fn path(&self) -> String {
        match self {
            Self::Me => format!("{PREFIX}me"),
            Self::Claim => format!("{PREFIX}claim"),
            Self::Agents => format!("{PREFIX}agents"),
            Self::Of(agent, what) => format!("{PREFIX}agents/{agent}{}", what.path()),
        }
    }

    /// The methods that it takes.
    pub fn verbs(&self) -> &'static [Verb] {
        match self {
            Self::Me => &[Verb::Get],
            Self::Claim => &[Verb::Post],
            Self::Agents => &[Verb::Get, Verb::Post],
            Self::Of(_, what) => what.verbs(),
        }
    }
}

impl OfAgent {
    fn parse(rest: &[&str]) -> Option<Self> {
        Some(match rest {
            [] => Self::Settings,
            ["archive"] => Self::Archive,
            ["restore"] => Self::Restore,
            ["check"] => Self::Check,
            ["model", "check"] => Self::ModelCheck,
            ["test-message"] => Self::TestMessage,
            ["test-chat"] => Self::TestChat,
            ["secrets"] => Self::Secrets,
            ["secrets", name] => Self::Secret(word(name)?),
            ["actions", "trial"] => Self::ActionTrial,
            ["actions", "verdict"] => Self::ActionVerdict,
            ["collections"] => Self::Collections,
            ["collections", name] => Self::Collection(word(name)?),
            ["collections", name, "records"] => Self::Records(word(name)?),
            ["collections", name, "records", id] => Self::Record(word(name)?, word(id)?),
            ["collections", name, "export"] => Self::Export(word(name)?),
            ["collections", name, "imports"] => Self::Imports(word(name)?),
            ["collections", name, "imports", id] => Self::Import(word(name)?, word(id)?),
            ["collections", name, "imports", id, "commit"] => Self::ImportCommit(word(name)?, word(id)?),
            ["collections", name, "imports", id, "errors"] => Self::ImportErrors(word(name)?, word(id)?),
            ["conversations"] => Self::Conversations,
            ["conversations", id] => Self::Conversation(ConversationId::parse(id).ok()?),
            ["audit"] => Self::Audit,
            ["audit", "export"] => Self::AuditExport,
            ["members"] => Self::Members,
            ["members", id] => Self::Member(word(id)?),
            ["tokens"] => Self::Tokens,
            ["tokens", id] => Self::Token(word(id)?),
            ["install"] => Self::Install,
            ["install", "check"] => Self::InstallCheck,
            _ => return None,
        })
    }

    fn path(&self) -> String {
        match self {
            Self::Settings => String::new(),
            Self::Archive => "/archive".to_owned(),
            Self::Restore => "/restore".to_owned(),
            Self::Check => "/check".to_owned(),
            Self::ModelCheck => "/model/check".to_owned(),
            Self::TestMessage => "/test-message".to_owned(),
            Self::TestChat => "/test-chat".to_owned(),
            Self::Secrets => "/secrets".to_owned(),
            Self::Secret(name) => format!("/secrets/{name}"),
            Self::ActionTrial => "/actions/trial".to_owned(),
            Self::ActionVerdict => "/actions/verdict".to_owned(),
            Self::Collections => "/collections".to_owned(),
            Self::Collection(name) => format!("/collections/{name}"),
            Self::Records(name) => format!("/collections/{name}/records"),
            Self::Record(name, id) => format!("/collections/{name}/records/{id}"),
            Self::Export(name) => format!("/collections/{name}/export"),
            Self::Imports(name) => format!("/collections/{name}/imports"),
            Self::Import(name, id) => format!("/collections/{name}/imports/{id}"),
            Self::ImportCommit(name, id) => format!("/collections/{name}/imports/{id}/commit"),
            Self::ImportErrors(name, id) => format!("/collections/{name}/imports/{id}/errors"),
            Self::Conversations => "/conversations".to_owned(),
            Self::Conversation(id) => format!("/conversations/{id}"),
            Self::Audit => "/audit".to_owned(),
            Self::AuditExport => "/audit/export".to_owned(),
            Self::Members => "/members".to_owned(),
            Self::Member(id) => format!("/members/{id}"),
            Self::Tokens => "/tokens".to_owned(),
            Self::Token(id) => format!("/tokens/{id}"),
            Self::Install => "/install".to_owned(),
            Self::InstallCheck => "/install/check".to_owned(),
        }
    }

    /// The methods that it takes.
    pub fn verbs(&self) -> &'static [Verb] {
        match self {
            Self::Settings => &[Verb::Get, Verb::Patch],
            Self::Collection(_) | Self::Import(..) => &[Verb::Get, Verb::Patch, Verb::Delete],
            Self::Record(..) => &[Verb::Get, Verb::Put, Verb::Delete],
            Self::Secret(_) => &[Verb::Put, Verb::Delete],
            Self::Member(_) => &[Verb::Patch, Verb::Delete],
            Self::Token(_) => &[Verb::Delete],
            Self::Collections | Self::Records(_) | Self::Imports(_) | Self::Members | Self::Tokens => {
                &[Verb::Get, Verb::Post]
            }
            Self::Secrets
            | Self::Export(_)
            | Self::ImportErrors(..)
            | Self::Install
            | Self::Conversations
            | Self::Conversation(_)
            | Self::Audit
            | Self::AuditExport => &[Verb::Get],
            Self::Archive
            | Self::Restore
            | Self::Check
            | Self::ModelCheck
            | Self::TestMessage
            | Self::TestChat
            | Self::ActionTrial
            | Self::ActionVerdict
            | Self::ImportCommit(..)
            | Self::InstallCheck => &[Verb::Post],
        }
    }
}

/// A name as a part of a path: 1 to 64 of `A-Z a-z 0-9 _ -`.
fn word(text: &str) -> Option<String> {
    let fits =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_finds_itself_again() {
        let name = || "staff".to_owned();
        let conversation = ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let of = [
            OfAgent::Settings,
            OfAgent::Archive,
            OfAgent::Restore,
            OfAgent::Check,
            OfAgent::ModelCheck,
            OfAgent::TestMessage,
            OfAgent::TestChat,
            OfAgent::Secrets,
            OfAgent::Secret(name()),
            OfAgent::ActionTrial,
            OfAgent::ActionVerdict,
            OfAgent::Collections,
            OfAgent::Collection(name()),
            OfAgent::Records(name()),
            OfAgent::Record(name(), name()),
            OfAgent::Export(name()),
            OfAgent::Imports(name()),
            OfAgent::Import(name(), name()),
            OfAgent::ImportCommit(name(), name()),
            OfAgent::ImportErrors(name(), name()),
            OfAgent::Conversations,
            OfAgent::Conversation(conversation),
            OfAgent::Audit,
            OfAgent::AuditExport,
            OfAgent::Members,
            OfAgent::Member(name()),
            OfAgent::Tokens,
            OfAgent::Token(name()),
            OfAgent::Install,
            OfAgent::InstallCheck,
        ];
        let agent = AgentId::parse("ag_x").unwrap();
        let of = of.into_iter().map(|what| AdminRoute::Of(agent.clone(), what));
        for route in [AdminRoute::Me, AdminRoute::Claim, AdminRoute::Agents].into_iter().chain(of) {
            assert_eq!(AdminRoute::parse(&route.path()), Some(route.clone()));
            assert!(!route.verbs().is_empty());
        }
    }

    #[test]
    fn a_path_beside_the_routes_has_none() {
        for path in
            ["", "/api/admin", "/api/admin/", "/api/admin/me/", "/api/admin/agents/x", "/api/admin/agents/ag_x/"]
        {
            assert_eq!(AdminRoute::parse(path), None, "{path}");
        }
        for rest in ["secrets/a.b", "secrets/", "collections/a/records/b/c", "conversations/x", "imports"] {
            assert_eq!(AdminRoute::parse(&format!("/api/admin/agents/ag_x/{rest}")), None, "{rest}");
        }
    }
}
