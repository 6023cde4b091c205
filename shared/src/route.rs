//! Every address of the edge, typed: the edge dispatches by it and the clients call by it.

use crate::id::{AgentId, ConversationId};

/// An HTTP method that the edge takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads; changes nothing.
    Get,
    /// Changes something; needs the `x-countersign` header and the edge's own origin.
    Post,
    /// A vendor's signed call: a POST, and a GET where the vendor first asks whether the address is ours. It comes from no
    /// page; its signature is what counts (R58).
    Signed,
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
    /// `POST /api/conversations/{id}/login/google`.
    LoginGoogle(ConversationId),
    /// `POST /api/conversations/{id}/login/match`.
    LoginMatch(ConversationId),
    /// `POST /api/conversations/{id}/login/host`.
    LoginHost(ConversationId),
    /// `POST /api/conversations/{id}/login/passkey`: what a passkey is to sign.
    LoginPasskey(ConversationId),
    /// `POST /api/conversations/{id}/login/passkey/verify`.
    LoginPasskeyVerify(ConversationId),
    /// `POST /api/conversations/{id}/login/cancel`.
    LoginCancel(ConversationId),
    /// `GET /login/google/{conversation}/{flow}`: the other window, on its way to Google.
    GoogleStart(ConversationId, String),
    /// `GET /login/google/callback`: the other window, back from Google.
    GoogleCallback,
    /// `GET /api/conversations/{id}/account`.
    Account(ConversationId),
    /// `POST /api/conversations/{id}/account/revoke`.
    AccountRevoke(ConversationId),
    /// `POST /api/conversations/{id}/account/unlink`.
    AccountUnlink(ConversationId),
    /// `POST /api/conversations/{id}/account/passkey`: what a new passkey is made with.
    PasskeyNew(ConversationId),
    /// `POST /api/conversations/{id}/account/passkey/keep`.
    PasskeyKeep(ConversationId),
    /// `POST /hooks/twilio/{conversation}`: what became of a message.
    TwilioHook(ConversationId),
    /// `GET` and `POST /hooks/whatsapp/{agent}`: likewise, of Meta's.
    WhatsappHook(AgentId),
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
            ("login", Some("google"), Some("callback"), None, None) => Self::GoogleCallback,
            ("login", Some("google"), Some(id), Some(flow), None) if is_flow(flow) => {
                Self::GoogleStart(ConversationId::parse(id).ok()?, flow.to_owned())
            }
            ("hooks", Some("twilio"), Some(id), None, None) => Self::TwilioHook(ConversationId::parse(id).ok()?),
            ("hooks", Some("whatsapp"), Some(agent), None, None) => Self::WhatsappHook(AgentId::parse(agent).ok()?),
            ("api", Some("conversations"), Some(id), Some(what), rest) => {
                let id = ConversationId::parse(id).ok()?;
                match (what, rest, parts.next()) {
                    ("login", Some("passkey"), Some("verify")) => Self::LoginPasskeyVerify(id),
                    ("account", Some("passkey"), Some("keep")) => Self::PasskeyKeep(id),
                    (_, _, Some(_)) => return None,
                    ("socket", None, _) => Self::Socket(id),
                    ("logout", None, _) => Self::Logout(id),
                    ("login", Some("start"), _) => Self::LoginStart(id),
                    ("login", Some("verify"), _) => Self::LoginVerify(id),
                    ("login", Some("action"), _) => Self::LoginAction(id),
                    ("login", Some("cancel"), _) => Self::LoginCancel(id),
                    ("login", Some("google"), _) => Self::LoginGoogle(id),
                    ("login", Some("match"), _) => Self::LoginMatch(id),
                    ("login", Some("host"), _) => Self::LoginHost(id),
                    ("login", Some("passkey"), _) => Self::LoginPasskey(id),
                    ("account", None, _) => Self::Account(id),
                    ("account", Some("revoke"), _) => Self::AccountRevoke(id),
                    ("account", Some("unlink"), _) => Self::AccountUnlink(id),
                    ("account", Some("passkey"), _) => Self::PasskeyNew(id),
                    ("remembered", None, _) => Self::Remembered(id),
                    ("remembered", Some("erase"), _) => Self::Erase(id),
                    _ => return None,
                }
            }
            _ => return None,
        };
        parts.next().is_none().then_some(route)
    }

    /// The path of this route.
    pub fn path(&self) -> String {
        // One form for all that lies under a conversation: the widget carries this function.
        let (id, rest) = match self {
            Self::Frame(agent) => return format!("/frame/{agent}"),
            Self::Visit(agent) => return format!("/api/agents/{agent}/visit"),
            Self::GoogleStart(id, flow) => return format!("/login/google/{id}/{flow}"),
            Self::GoogleCallback => return "/login/google/callback".to_owned(),
            Self::TwilioHook(id) => return format!("/hooks/twilio/{id}"),
            Self::WhatsappHook(agent) => return format!("/hooks/whatsapp/{agent}"),
            Self::Health => return "/health".to_owned(),
            Self::Socket(id) => (id, "socket"),
            Self::LoginStart(id) => (id, "login/start"),
            Self::LoginVerify(id) => (id, "login/verify"),
            Self::LoginAction(id) => (id, "login/action"),
            Self::LoginCancel(id) => (id, "login/cancel"),
            Self::LoginGoogle(id) => (id, "login/google"),
            Self::LoginMatch(id) => (id, "login/match"),
            Self::LoginHost(id) => (id, "login/host"),
            Self::LoginPasskey(id) => (id, "login/passkey"),
            Self::LoginPasskeyVerify(id) => (id, "login/passkey/verify"),
            Self::Account(id) => (id, "account"),
            Self::AccountRevoke(id) => (id, "account/revoke"),
            Self::AccountUnlink(id) => (id, "account/unlink"),
            Self::PasskeyNew(id) => (id, "account/passkey"),
            Self::PasskeyKeep(id) => (id, "account/passkey/keep"),
            Self::Remembered(id) => (id, "remembered"),
            Self::Erase(id) => (id, "remembered/erase"),
            Self::Logout(id) => (id, "logout"),
        };
        format!("/api/conversations/{id}/{rest}")
    }

    /// The one method that this route takes.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Frame(_)
            | Self::Socket(_)
            | Self::Remembered(_)
            | Self::GoogleStart(..)
            | Self::GoogleCallback
            | Self::Account(_)
            | Self::Health => Verb::Get,
            Self::TwilioHook(_) | Self::WhatsappHook(_) => Verb::Signed,
            Self::Visit(_)
            | Self::LoginStart(_)
            | Self::LoginVerify(_)
            | Self::LoginAction(_)
            | Self::LoginGoogle(_)
            | Self::LoginMatch(_)
            | Self::LoginHost(_)
            | Self::LoginPasskey(_)
            | Self::LoginPasskeyVerify(_)
            | Self::LoginCancel(_)
            | Self::AccountRevoke(_)
            | Self::AccountUnlink(_)
            | Self::PasskeyNew(_)
            | Self::PasskeyKeep(_)
            | Self::Erase(_)
            | Self::Logout(_) => Verb::Post,
        }
    }
}

/// What a window's flow may be named: 1 to 64 of base64url.
fn is_flow(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The agent of `GET /chat/{agent}/passkey`, the window for passkeys, if this is its path. Not a [`Route`]: the widget carries
/// the paths of all of those until one can type, and this one is known to its module of rare things alone.
pub fn passkey_window(path: &str) -> Option<AgentId> {
    AgentId::parse(path.strip_prefix("/chat/")?.strip_suffix("/passkey")?).ok()
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
            Route::LoginGoogle(id.clone()),
            Route::LoginMatch(id.clone()),
            Route::LoginHost(id.clone()),
            Route::LoginPasskey(id.clone()),
            Route::LoginPasskeyVerify(id.clone()),
            Route::GoogleStart(id.clone(), "Az09-_".to_owned()),
            Route::GoogleCallback,
            Route::Account(id.clone()),
            Route::AccountRevoke(id.clone()),
            Route::AccountUnlink(id.clone()),
            Route::PasskeyNew(id.clone()),
            Route::PasskeyKeep(id.clone()),
            Route::TwilioHook(id.clone()),
            Route::WhatsappHook(AgentId::parse("ag_x").unwrap()),
            Route::Logout(id),
            Route::Health,
        ] {
            assert_eq!(Route::parse(&route.path()), Some(route));
        }
    }

    #[test]
    fn the_window_for_passkeys_is_found_by_its_path_alone() {
        let agent = AgentId::parse("ag_x").unwrap();
        assert_eq!(passkey_window("/chat/ag_x/passkey"), Some(agent));
        for path in [
            "/chat/ag_x",
            "/chat/ag_x/passkey/",
            "/chat/ag_x/y/passkey",
            "/chat//passkey",
            "/chat/x/passkey",
            "chat/ag_x/passkey",
        ] {
            assert_eq!(passkey_window(path), None, "{path}");
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
            "/api/conversations/ag_x.AAAAAAAAAAAAAAAAAAAAAA/login/passkey/x",
            "/api/conversations/ag_x.AAAAAAAAAAAAAAAAAAAAAA/login/passkey/verify/x",
            "/api/conversations/ag_x.AAAAAAAAAAAAAAAAAAAAAA/login/start/verify",
            "/login/google",
            "/login/google/callback/x",
            "/login/google/ag_x.AAAAAAAAAAAAAAAAAAAAAA/",
            "/login/google/ag_x.AAAAAAAAAAAAAAAAAAAAAA/a.b",
            "/hooks/twilio/ag_x",
            "/hooks/whatsapp/",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }
}
