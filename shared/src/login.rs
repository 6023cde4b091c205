//! The login card's own requests. Codes and addresses travel here and never over the chat.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::card::{Card, Method};
use crate::id::CardId;

/// `POST /api/conversations/{id}/login/start`: send a code, send another one, or send it to a corrected address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartLogin {
    /// The card on which the visitor acts.
    pub card: CardId,
    /// How.
    pub method: Method,
    /// Where to. Exactly one address.
    pub address: String,
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
    /// The card, at its code step.
    pub card: Card,
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
