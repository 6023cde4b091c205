//! What travels over a conversation's WebSocket, one JSON text frame each.
//!
//! *Numbered* frames are the conversation: stored before they are sent, numbered upwards, replayed from any
//! number. *Live* frames say what is going on and may be lost: a numbered frame always follows that says the same
//! for good. The texts `ping` and `pong` keep a connection alive and are no frames.

use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::card::Card;
use crate::confirm::Confirmation;
use crate::error::ErrorCode;
use crate::id::{CardId, MessageId};

/// A frame from the visitor's browser. There is no field for a role, a history or a tool result: the conversation is
/// the server's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// A message. Acknowledged when it is stored; sending it again changes nothing.
    Message {
        /// Made by the client, unique in the conversation.
        id: MessageId,
        /// 1 to 8,000 characters.
        text: String,
    },
    /// Stop the answer that is being written.
    Stop {},
    /// Answer the last message again after an interruption.
    Retry {},
    /// Say yes or no to what the agent is about to do. A confirmation that is over is answered with `card_gone`.
    Confirm {
        /// Which confirmation.
        id: CardId,
        /// Yes or no.
        accepted: bool,
    },
}

/// A frame from the edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ServerFrame {
    /// Part of the conversation.
    Numbered(Box<Numbered>),
    /// What is going on right now.
    Live(Live),
}

/// A stored frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Numbered {
    /// Its number; rises, not always by one.
    pub seq: u64,
    /// When it was stored. RFC 3339, UTC.
    pub at: String,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a numbered frame says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// The visitor wrote.
    Message {
        /// The client's id.
        id: MessageId,
        /// The text, secrets masked.
        text: String,
    },
    /// The agent answered.
    Answer {
        /// The answer's number in the conversation; live frames of the same answer carry it too.
        answer: u64,
        /// The text.
        blocks: Vec<Block>,
        /// True when the answer was stopped or cut off and is not whole.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        partial: bool,
    },
    /// A login card, new or changed.
    Card {
        /// The card as it stands now.
        card: Card,
    },
    /// The agent is about to do something in the visitor's name; new or changed.
    Confirm {
        /// The confirmation as it stands now.
        confirm: Confirmation,
    },
    /// The conversation's state changed.
    State {
        /// The state now.
        state: State,
    },
    /// The person's data was loaded.
    Loaded {
        /// One for each source.
        sources: Vec<LoadedSource>,
    },
    /// The turn ended without an answer.
    Interrupted {
        /// Why.
        reason: Interruption,
    },
}

/// One source that was read after a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoadedSource {
    /// What it is, in the site owner's words: `recent orders`.
    pub name: String,
    /// How many records, or absent when the source could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// The state of a conversation; every conversation is in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody knows who is asking.
    Unidentified,
    /// A login card is open.
    Pending,
    /// A person was proved.
    Authenticated,
}

/// Why a turn ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Interruption {
    /// The visitor stopped it.
    Stopped,
    /// The model failed or took too long. It may be tried again.
    Failed,
    /// The edge was restarted in the middle. It may be tried again.
    Restarted,
    /// The model asked for tools too many times in a row.
    TooManyRounds,
    /// The model has used up what it may use for this conversation or this day.
    OutOfBudget,
}

/// A frame that may be lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Live {
    /// Everything up to `seq` was sent; what follows is new.
    Ready {
        /// The newest number.
        seq: u64,
    },
    /// A message is stored.
    Ack {
        /// The client's id.
        id: MessageId,
        /// The number it got.
        seq: u64,
    },
    /// Part of an answer being written: its blocks from index `from` on are now these.
    Delta {
        /// Which answer.
        answer: u64,
        /// The first block that changed.
        from: u32,
        /// The blocks from there on.
        blocks: Vec<Block>,
    },
    /// What the agent is doing.
    Progress {
        /// What, or absent when nothing is going on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doing: Option<Doing>,
    },
    /// A frame of the client was refused. The connection stays open.
    Refused {
        /// The message that was refused, where it had an id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<MessageId>,
        /// Why.
        code: ErrorCode,
        /// Seconds until the same frame may pass.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u32>,
    },
}

/// What the agent is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Doing {
    /// The model is thinking.
    Thinking,
    /// Data is being read.
    Loading {
        /// What, in the site owner's words.
        names: Vec<String>,
    },
    /// Actions are being carried out.
    Acting {
        /// Which, in the site owner's words: `Look up an order`.
        names: Vec<String>,
    },
}

/// Why the edge closes a WebSocket: application codes of RFC 6455, section 7.4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// Who the visitor is changed: visit again, then reconnect.
    IdentityChanged = 4001,
    /// The session ended: visit again; another conversation may come back.
    SignedOut = 4401,
    /// A frame was over 64 KiB.
    TooLarge = 1009,
}
