//! Every address of the edge, typed: the edge dispatches by it and the clients call by it.

use crate::id::{AgentId, ConversationId};

/// An HTTP method that the edge takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads; changes nothing.
    Get,
    /// Changes something; needs the `x-countersign` header and the edge's own origin.
    Post,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `GET /frame/{agent}`: the page inside the iframe.
    Frame(AgentId),
    /// `POST /api/agents/{agent}/visit`.
    Visit(AgentId),
    /// `GET /api/conversations/{id}/socket?after={seq}`: the WebSocket.
    Socket(ConversationId),
    /// `POST /api/conversations/{id}/login/start`.
    LoginStart(ConversationId),
    /// `POST /api/conversations/{id}/login/verify`.
    LoginVerify(ConversationId),
    /// `POST /api/conversations/{id}/login/action`.
    LoginAction(ConversationId),
    /// `POST /api/conversations/{id}/login/cancel`.
    LoginCancel(ConversationId),
    /// `GET /api/conversations/{id}/remembered`.
    Remembered(ConversationId),
    /// `POST /api/conversations/{id}/remembered/erase`.
    Erase(ConversationId),
    /// `POST /api/conversations/{id}/logout`.
    Logout(ConversationId),
    /// `GET /health`: whether this deployment is configured.
    Health,
}

impl Route {
    /// The route of a path, if there is one. Identifiers of a wrong shape have no route.
    pub fn parse(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let route = match (parts.next()?, parts.next(), parts.next(), parts.next(), parts.next()) {
            ("health", None, ..) => Self::Health,
            ("frame", Some(agent), None, ..) => Self::Frame(AgentId::parse(agent).ok()?),
            ("api", Some("agents"), Some(agent), Some("visit"), None) => Self::Visit(AgentId::parse(agent).ok()?),
            ("api", Some("conversations"), Some(id), Some(what), rest) => {
                let id = ConversationId::parse(id).ok()?;
                match (what, rest) {
                    ("socket", None) => Self::Socket(id),
                    ("logout", None) => Self::Logout(id),
                    ("login", Some("start")) => Self::LoginStart(id),
                    ("login", Some("verify")) => Self::LoginVerify(id),
                    ("login", Some("action")) => Self::LoginAction(id),
                    ("login", Some("cancel")) => Self::LoginCancel(id),
                    ("remembered", None) => Self::Remembered(id),
                    ("remembered", Some("erase")) => Self::Erase(id),
                    _ => return None,
                }
            }
            _ => return None,
        };
        parts.next().is_none().then_some(route)
    }

    /// The path of this route.
    pub fn path(&self) -> String {
        match self {
            Self::Frame(agent) => format!("/frame/{agent}"),
            Self::Visit(agent) => format!("/api/agents/{agent}/visit"),
            Self::Socket(id) => format!("/api/conversations/{id}/socket"),
            Self::LoginStart(id) => format!("/api/conversations/{id}/login/start"),
            Self::LoginVerify(id) => format!("/api/conversations/{id}/login/verify"),
            Self::LoginAction(id) => format!("/api/conversations/{id}/login/action"),
            Self::Remembered(id) => format!("/api/conversations/{id}/remembered"),
            Self::Erase(id) => format!("/api/conversations/{id}/remembered/erase"),
            Self::LoginCancel(id) => format!("/api/conversations/{id}/login/cancel"),
            Self::Logout(id) => format!("/api/conversations/{id}/logout"),
            Self::Health => "/health".to_owned(),
        }
    }

    /// The one method that this route takes.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Frame(_) | Self::Socket(_) | Self::Remembered(_) | Self::Health => Verb::Get,
            Self::Visit(_)
            | Self::LoginStart(_)
            | Self::LoginVerify(_)
            | Self::LoginAction(_)
            | Self::LoginCancel(_)
            | Self::Erase(_)
            | Self::Logout(_) => Verb::Post,
        }
    }
}

/// The header that every state-changing request carries; a cross-site form cannot set it.
pub const CSRF_HEADER: &str = "x-countersign";

/// The most bytes that a body or frame may have.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The most characters that a message may have.
pub const MAX_MESSAGE_CHARS: usize = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_finds_itself_again() {
        let agent = AgentId::parse("ag_x").unwrap();
        let id = ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").unwrap();
        for route in [
            Route::Frame(agent.clone()),
            Route::Visit(agent),
            Route::Socket(id.clone()),
            Route::LoginStart(id.clone()),
            Route::LoginVerify(id.clone()),
            Route::LoginAction(id.clone()),
            Route::LoginCancel(id.clone()),
            Route::Remembered(id.clone()),
            Route::Erase(id.clone()),
            Route::Logout(id),
            Route::Health,
        ] {
            assert_eq!(Route::parse(&route.path()), Some(route));
        }
    }

    #[test]
    fn a_path_beside_the_routes_has_none() {
        for path in [
            "",
            "/",
            "health",
            "/health/",
            "/frame",
            "/frame/",
            "/frame/x",
            "/frame/ag_x/",
            "/frame/ag_x/y",
            "/api/agents//visit",
            "/api/conversations/ag_x/socket",
            "/api/conversations/ag_x.AAAAAAAAAAAAAAAAAAAAAA/login",
            "/api/conversations/ag_x.AAAAAAAAAAAAAAAAAAAAAA/login/start/x",
            "/api/conversations/ag_x.AAAAAAAAAAAAAAAAAAAAAA/socket/x",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }
}
