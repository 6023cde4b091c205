//! The login card's own requests. Codes and addresses travel here and never over the chat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::card::{Card, Channel, Method};
use crate::id::{CardId, ConversationId};

/// `POST /api/conversations/{id}/login/start`: send a code, send another one, or send it to a corrected address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartLogin {
    /// The card on which the visitor acts.
    pub card: CardId,
    /// How: a code by email, a code to a phone, or a look-up.
    pub method: Method,
    /// Where to: exactly one address or phone number; of a look-up what is looked up.
    pub address: String,
    /// What a code to a phone travels by, where the visitor chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// `POST /api/conversations/{id}/login/action`: what was typed into the form of a login action. It goes to the company's
/// API and is kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitLogin {
    /// The card on which the visitor acts.
    pub card: CardId,
    /// The form's action.
    pub action: String,
    /// What was typed, by field.
    pub values: BTreeMap<String, String>,
}

impl core::fmt::Debug for SubmitLogin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SubmitLogin").field("card", &self.card).field("action", &self.action).finish_non_exhaustive()
    }
}

/// The answer to a submitted form: the card, done (the cookie is in the response's header) or at its next form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The card as it stands now.
    pub card: Card,
}

/// The answer to a start: the card as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The card, at its code step; done (the cookie is in the response's header) after a look-up that asks for no code.
    pub card: Card,
}

/// `POST /api/conversations/{id}/login/google`: prepare to sign in with Google in another window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartGoogle {
    /// The card on which the visitor acts.
    pub card: CardId,
}

/// The answer: where the window goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoogleStarted {
    /// A path of the edge's own. It holds no secret that would let anybody in.
    pub path: String,
}

/// `POST /api/conversations/{id}/login/match`: the other window is the visitor's own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchWindow {
    /// The card on which the visitor acts.
    pub card: CardId,
    /// The short code that the window shows.
    pub code: String,
}

impl core::fmt::Debug for MatchWindow {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MatchWindow").field("card", &self.card).finish_non_exhaustive()
    }
}

/// `POST /api/conversations/{id}/login/host`: the host page says who its user is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostLogin {
    /// A JWT that the company signed (RFC 7519).
    pub token: String,
}

impl core::fmt::Debug for HostLogin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HostLogin(…)")
    }
}

/// The answer to a host token that signed somebody in; 204 without a body says that it is who was signed in already. The
/// cookie is in the response's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSignedIn {
    /// Where the person goes on. When it differs from the one that the page shows, the page starts empty.
    pub conversation: ConversationId,
}

/// `POST /api/conversations/{id}/login/verify`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyCode {
    /// The card on which the visitor acts.
    pub card: CardId,
    /// What was typed. Spaces and dashes are dropped.
    pub code: String,
}

impl core::fmt::Debug for VerifyCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("VerifyCode").field("card", &self.card).finish_non_exhaustive()
    }
}

/// The answer to a verify that was accepted. The cookie is in the response's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The card, done.
    pub card: Card,
}

/// `POST /api/conversations/{id}/login/cancel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelLogin {
    /// The card that the visitor closes.
    pub card: CardId,
}

/// `POST /api/conversations/{id}/logout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOut {
    /// Every session of the person, not this one alone.
    #[serde(default)]
    pub everywhere: bool,
}
