//! The confirmation card: what the agent is about to do in the visitor's name, until the visitor says yes.

use serde::{Deserialize, Serialize};

use crate::id::CardId;

/// A confirmation as it stands now. A later one with the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirmation {
    /// Which one.
    pub id: CardId,
    /// What will be done, in the site owner's words: `Change the delivery address`.
    pub title: String,
    /// With which values, in the order of the action's parameters.
    pub details: Vec<Detail>,
    /// Whether the visitor has said something to it.
    pub step: ConfirmStep,
}

/// One value that an action will be called with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detail {
    /// The parameter's label.
    pub label: String,
    /// The value, as text.
    pub value: String,
}

/// What became of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConfirmStep {
    /// Waiting for the visitor.
    Asked,
    /// The visitor said yes; it is being done, or was.
    Confirmed,
    /// The visitor said no.
    Declined,
    /// The conversation went on without an answer; nothing was done.
    Withdrawn,
}
