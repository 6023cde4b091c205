//! A conversation: its state, what may happen to it, and what follows.
//!
//! [`step::step`] takes the state and one event and gives the next state and the effects that the edge performs.
//! Nothing here waits: where an answer is needed from outside, the turn is left open and an event brings it.

pub mod login;
pub mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::block::Block;
use shared::card::Card;
use shared::frame::{CloseCode, Entry, Interruption, LoadedSource, State};
use shared::id::{CardId, MessageId, PersonId};

use crate::agent::Agent;
use crate::audit::AuditKind;
use crate::challenge::Challenge;
use crate::model::{ModelMessage, ToolCall};
use crate::time::Millis;

/// The most rounds of tools in one turn (R59).
pub const MAX_ROUNDS: u8 = 8;

/// The longest that a turn may take, milliseconds (R62).
pub const MAX_TURN_MS: u64 = 60_000;

/// A conversation between two events; stored whole. The transcript is stored apart from it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Conversation {
    /// Who is asking.
    pub identity: Identity,
    /// What the agent is doing.
    pub turn: Turn,
    /// The number of the newest answer.
    pub answers: u64,
    /// What the visitor asked last; it is what a login card interrupts.
    pub asked: String,
    /// Messages that came while an answer was written; they are answered together, next.
    pub queued: Vec<String>,
    /// A login succeeded while an answer was written; the blocked question goes on next.
    pub resume: bool,
}

/// Who is asking: the three states, with what belongs to each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Identity {
    /// Nobody knows.
    #[default]
    Unidentified,
    /// A login card is open.
    Pending(Box<Pending>),
    /// A person was proved.
    Authenticated(Authenticated),
}

/// An open login card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// The card as the visitor sees it.
    pub card: Card,
    /// The one-time codes behind it, once an address was given.
    pub challenge: Option<Challenge>,
    /// What waits for the login.
    pub blocked: Blocked,
}

/// What waits for a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// The call that was not answered.
    pub call: StoredCall,
    /// What the visitor had asked.
    pub question: String,
    /// The model was told that the card is open, because the visitor wrote something else meanwhile.
    pub told: bool,
}

/// A tool call as it is kept: its arguments as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCall {
    /// The provider's id.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments.
    pub arguments: String,
}

impl From<&ToolCall> for StoredCall {
    fn from(call: &ToolCall) -> Self {
        Self { id: call.id.clone(), name: call.name.clone(), arguments: call.arguments.to_string() }
    }
}

/// A proved person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticated {
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since: Millis,
    /// What was waiting, until it went on.
    pub blocked: Option<Blocked>,
}

/// What the agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Turn {
    /// Nothing.
    #[default]
    Idle,
    /// Waiting for the model.
    Running {
        /// The answer being written.
        answer: u64,
        /// Which round of tools, from 1.
        round: u8,
        /// When the turn began.
        since: Millis,
    },
    /// The last turn ended without an answer; it may be tried again.
    Interrupted,
}

/// Something that happened to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The visitor wrote; the text is masked already.
    Message {
        /// The client's id.
        id: MessageId,
        /// The text.
        text: String,
    },
    /// The model ended its answer.
    Answered {
        /// Which answer it was asked for; another one is over.
        answer: u64,
        /// The text, as the model wrote it.
        text: String,
        /// The same, as blocks.
        blocks: Vec<Block>,
        /// The tools it called.
        calls: Vec<ToolCall>,
        /// A fresh card id, used if a login card has to be shown.
        fresh: CardId,
        /// The agent's settings, as they are now: what may be called, what stands on a login card.
        agent: Arc<Agent>,
    },
    /// The model's answer broke off.
    Broken {
        /// Which answer it was asked for; another one is over.
        answer: u64,
        /// What had come until then.
        text: String,
        /// The same, as blocks.
        blocks: Vec<Block>,
        /// Why.
        why: Interruption,
    },
    /// The visitor wants the last message answered again.
    Retry,
    /// The visitor closed the card.
    CardClosed,
    /// The code was right.
    Proved {
        /// On which card; another one is over.
        card: CardId,
        /// Who it is.
        person: PersonId,
        /// The person has a conversation already and goes on there; what was blocked goes with them.
        elsewhere: bool,
    },
    /// The person came in on another device: what was said there, and what waits for an answer.
    Carried(Carried),
    /// The person's data was read, or could not be.
    Loaded {
        /// Each source.
        sources: Vec<LoadedSource>,
    },
}

/// What a person brings along from a conversation in which they just signed in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Carried {
    /// Messages and answers, for the transcript.
    pub entries: Vec<Entry>,
    /// The same for the model, without calls.
    pub log: Vec<ModelMessage>,
    /// What was asked and not answered, in order.
    pub questions: Vec<String>,
}

/// What the edge has to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Store a numbered frame and send it.
    Append(Entry),
    /// Keep a message for the model.
    Remember(ModelMessage),
    /// Ask the model for this answer.
    Ask {
        /// Its number.
        answer: u64,
    },
    /// Close every socket.
    Close(CloseCode),
    /// Read the person's data, then bring [`Event::Loaded`].
    Load,
    /// Write to the audit trail.
    Audit(AuditKind),
}

impl Conversation {
    /// The state that the visitor is shown.
    pub fn state(&self) -> State {
        match self.identity {
            Identity::Unidentified => State::Unidentified,
            Identity::Pending(_) => State::Pending,
            Identity::Authenticated(_) => State::Authenticated,
        }
    }

    /// Whether this card is the open one.
    pub fn is_pending(&self, card: &CardId) -> bool {
        matches!(&self.identity, Identity::Pending(pending) if pending.card.id == *card)
    }

    /// The proved person, if there is one.
    pub fn person(&self) -> Option<&PersonId> {
        match &self.identity {
            Identity::Authenticated(authenticated) => Some(&authenticated.person),
            _ => None,
        }
    }
}
