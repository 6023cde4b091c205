//! What happens to a conversation, and what follows from it for the edge.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::block::Block;
use shared::card::Method;
use shared::frame::{CloseCode, Entry, Interruption, LoadedSource};
use shared::id::{CardId, MessageId, PersonId, SessionId};

use crate::agent::Agent;
use crate::assurance::Standing;
use crate::audit::AuditKind;
use crate::model::{ModelMessage, ToolCall};

/// Something that happened to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The conversation began, with an agent whose card opens at once.
    Opened {
        /// The card's id.
        card: CardId,
        /// Its settings.
        agent: Box<Agent>,
    },
    /// The visitor wrote; the text is masked already.
    Message {
        /// The client's id.
        id: MessageId,
        /// The text.
        text: String,
        /// The session of whoever wrote.
        session: SessionId,
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
        /// Tokens used, in and out.
        tokens: u64,
        /// The model ran out of room: the text is not whole.
        partial: bool,
    },
    /// It was found out what the session stands on that asks: the calls that wait for it are decided.
    Checked {
        /// The conversation's id, a part of every key.
        conversation: shared::id::ConversationId,
        /// The agent's settings, as they are now.
        agent: Arc<Agent>,
        /// What the session stands on; none before a login, or when it ended.
        standing: Option<Standing>,
        /// Fresh card ids, one for each call that waits.
        fresh: Vec<CardId>,
    },
    /// A call came to an end.
    Called {
        /// The call's number.
        serial: u64,
        /// How.
        outcome: Outcome,
    },
    /// The visitor said yes or no.
    Confirmed {
        /// To which confirmation; another one is over.
        id: CardId,
        /// Yes or no.
        accepted: bool,
        /// The session of whoever said it.
        session: SessionId,
        /// The agent's settings, as they are now.
        agent: Arc<Agent>,
    },
    /// The visitor stopped the turn while actions were being carried out.
    Stopped,
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
        /// Tokens used, in and out.
        tokens: u64,
    },
    /// The visitor wants the last message answered again.
    Retry {
        /// The session of whoever wants it.
        session: SessionId,
    },
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
        /// The fresh session.
        session: SessionId,
        /// The session that it takes the place of.
        replaces: SessionId,
        /// How it was proved.
        method: Method,
    },
    /// The host page's token says who it is. No card is needed for it; an open one is done with it.
    Vouched {
        /// Who it is.
        person: PersonId,
        /// The person has a conversation already and goes on there; what was blocked goes with them.
        elsewhere: bool,
        /// The fresh session.
        session: SessionId,
        /// The session that it takes the place of.
        replaces: SessionId,
        /// How it was proved.
        method: Method,
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
    /// The fresh session, which asks from now on.
    #[serde(default)]
    pub session: Option<SessionId>,
}

/// How a call came to an end.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With this, for the model.
    Answered(Value),
    /// The company's API does not take the person's token any more, and it could not be refreshed.
    SignInAgain,
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
    /// Find out what the session that asks stands on, then bring [`Event::Checked`].
    Check,
    /// Carry out this open call, then bring [`Event::Called`]. Allowed a moment ago; asked once more with the values.
    Call {
        /// The call's number.
        serial: u64,
    },
    /// Close every socket.
    Close(CloseCode),
    /// Read the person's data, then bring [`Event::Loaded`].
    Load,
    /// Write to the audit trail.
    Audit(AuditKind, BTreeMap<String, String>),
}
