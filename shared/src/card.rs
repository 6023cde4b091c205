//! The login card: the form that appears inside the conversation.

use serde::{Deserialize, Serialize};

use crate::id::CardId;

/// A way to prove identity. The set grows with the methods of `product.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A one-time code by email.
    EmailCode,
}

/// A login card as it stands now. A later card with the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Which card; also which challenge.
    pub id: CardId,
    /// The title, as the site owner set it.
    pub title: String,
    /// The line under the title.
    pub subtitle: String,
    /// The allowed methods, the one to show first at the front.
    pub methods: Vec<Method>,
    /// Where the visitor is.
    pub step: CardStep,
}

/// Where the visitor is in the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum CardStep {
    /// Waiting for an address.
    Address,
    /// A code is on its way or has arrived.
    Code(CodeStep),
    /// The visitor is signed in; the card shows it and no longer takes input.
    Done,
    /// The visitor closed the card, or a newer one took its place.
    Cancelled,
}

/// The code step of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeStep {
    /// Where the code was sent, as the visitor typed it (canonical form). Shown so that it can be corrected.
    pub address: String,
    /// How many digits the code has, 6 to 10.
    pub digits: u8,
    /// The word that stands on the card and in the mail, so that a visitor knows which mail is meant.
    pub reference: String,
    /// When another code may be asked for. RFC 3339, UTC.
    pub resend_at: String,
    /// When the newest code ends. RFC 3339, UTC.
    pub expires_at: String,
    /// What is known of the mail.
    pub delivery: Delivery,
}

/// What is known of a mail on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Being handed to the mail service.
    Sending,
    /// The mail service took it.
    Sent,
    /// The mail service did not take it, tries and all; the visitor may try again at once.
    Failed,
}
