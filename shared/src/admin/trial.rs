//! What can be tried with settings that are not saved: a message with a code, a question to the model.

use serde::{Deserialize, Serialize};

use crate::card::{Channel, Method};
use crate::id::AgentId;

/// `POST …/test-message`: send the message that a visitor would get, with a code that opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TestMessage<S> {
    /// How: by email to the member's own address, or to a phone.
    pub method: Method,
    /// The settings, as they would be saved.
    pub settings: S,
    /// The phone number, with its country code or as of the first country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What it travels by to a phone, where it is not the first one of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestSent {
    /// Whether the service took it. It can still be lost after that.
    pub taken: bool,
    /// What happened and what to do, in a sentence.
    pub says: String,
    /// How long the service took, milliseconds.
    pub took_ms: u64,
}

/// `POST …/model/check`: ask the model one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelCheck<M> {
    /// The choice of the settings, as it would be saved.
    pub model: M,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelChecked {
    /// Whether the model answered.
    pub answered: bool,
    /// The first words of its answer; else what failed and what to do, in a sentence.
    pub says: String,
    /// How long it took, milliseconds.
    pub took_ms: u64,
}

/// `POST …/test-chat`: a chat with settings that are not saved, for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestChat {
    /// Its frame is `/frame/{chat}`.
    pub chat: AgentId,
    /// When it is over. RFC 3339, UTC.
    pub expires_at: String,
}
