//! A conversation: its state, what may happen to it, and what follows.
//!
//! [`step::step`] takes the state and one event and gives the next state and the effects that the edge performs.
//! Nothing here waits: where an answer is needed from outside, the turn is left open and an event brings it.

pub mod calls;
#[cfg(test)]
mod calls_tests;
pub mod login;
#[cfg(test)]
mod login_tests;
pub mod passkey;
pub mod step;
#[cfg(test)]
mod tests;
pub mod window;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::block::Block;
use shared::card::{Card, CardStep, Method};
use shared::confirm::Confirmation;
use shared::frame::{CloseCode, Entry, Interruption, LoadedSource, State};
use shared::id::{CardId, MessageId, PersonId, SessionId};

use crate::agent::{Agent, ModelLimits};
use crate::assurance::Standing;
use crate::audit::AuditKind;
use crate::challenge::Challenge;
use crate::model::{ModelMessage, ToolCall};
use crate::oidc::window::Window;
use crate::policy::REQUEST_LOGIN;
use crate::time::Millis;

/// The most rounds of tools in one turn (R59).
pub const MAX_ROUNDS: u8 = 8;

/// The most calls of one answer that are carried out; the others are answered with an error (R59).
pub const MAX_CALLS: usize = 16;

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
    pub queued: Vec<Queued>,
    /// A login succeeded while an answer was written; the blocked question goes on next.
    pub resume: bool,
    /// The session whose message is being answered. What it stands on decides what may be called, and whose values an
    /// action is filled with.
    #[serde(default)]
    pub asker: Option<SessionId>,
    /// How many times the visitor was heard: names the turn for calls that must not be made twice (R63).
    #[serde(default)]
    pub heard: u64,
    /// The calls of the model's newest answer that are not answered yet.
    #[serde(default)]
    pub open: Vec<OpenCall>,
    /// Tokens that the model used.
    #[serde(default)]
    pub tokens: Tokens,
    /// How many calls there were: the number of the newest.
    #[serde(default)]
    pub calls: u64,
}

/// A message that waits for the end of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The text.
    pub text: String,
    /// The session of whoever wrote it.
    pub session: Option<SessionId>,
}

/// Tokens that the model used, in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// In this turn.
    pub turn: u64,
    /// In this conversation.
    pub conversation: u64,
}

impl Tokens {
    /// Whether the turn or the conversation has used what it may (R59).
    pub fn used_up(&self, limits: &ModelLimits) -> bool {
        self.turn >= u64::from(limits.turn_tokens) || self.conversation >= u64::from(limits.conversation_tokens)
    }
}

/// A call that the model made and that is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCall {
    /// Its number in the conversation. The model's own ids come again in later answers.
    pub serial: u64,
    /// The call.
    pub call: StoredCall,
    /// Where it stands.
    pub at: CallAt,
    /// The company's API refused the token once; a second time ends the call.
    #[serde(default)]
    pub again: bool,
}

/// Where a call stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum CallAt {
    /// It is being found out whether it may be carried out.
    Checking,
    /// It is being carried out.
    Running {
        /// The key under which it has at most one effect.
        key: String,
    },
    /// The visitor is asked.
    Confirming {
        /// What they see.
        confirm: Confirmation,
        /// The key under which it would be carried out.
        key: String,
    },
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
    /// What the first step of a login in two gave for the second, sealed.
    #[serde(default)]
    pub carried: Option<String>,
    /// What a passkey is to sign, once it was asked for.
    #[serde(default)]
    pub passkey: Option<passkey::Asked>,
    /// The other window, while somebody proves there who they are.
    #[serde(default)]
    pub window: Option<Window>,
    /// The one that came back last, until it is matched. Apart from the one above, so that preparing another window, as a
    /// page does when it draws the card anew, throws nothing away.
    #[serde(default)]
    pub returned: Option<Window>,
    /// How the code of a look-up went out, sealed ([`crate::lookup::Reached`]); none until it was looked up.
    #[serde(default)]
    pub reached: Option<String>,
}

impl Pending {
    /// A card on which nothing was done yet.
    pub fn new(card: Card, blocked: Blocked) -> Self {
        Self {
            card,
            challenge: None,
            blocked,
            carried: None,
            passkey: None,
            window: None,
            returned: None,
            reached: None,
        }
    }
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
    /// The session that asks: what it stands on decides, whoever wrote meanwhile.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// The company's API had refused the token of this call; a second time ends it.
    #[serde(default)]
    pub again: bool,
}

impl Blocked {
    /// Nothing: the card opened with the conversation.
    pub fn nothing() -> Self {
        let call = StoredCall { id: String::new(), name: REQUEST_LOGIN.to_owned(), arguments: "{}".to_owned() };
        Self { call, question: String::new(), told: true, session: None, again: false }
    }

    /// Whether there is nothing to go on with.
    pub fn is_nothing(&self) -> bool {
        self.call.id.is_empty()
    }
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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authenticated {
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since: Millis,
    /// What was waiting, until it went on.
    pub blocked: Option<Blocked>,
    /// An open card, where something asked for more than was proved (A6). The person stays who they are.
    #[serde(default)]
    pub card: Option<Box<Pending>>,
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
    /// Carrying out what the model called.
    Calling {
        /// Which round of tools, from 1.
        round: u8,
        /// When the turn began.
        since: Millis,
    },
    /// The last turn ended without an answer; it may be tried again.
    Interrupted,
}

impl Turn {
    /// Milliseconds that are left to the turn; none when there is none.
    pub fn left_ms(&self, now: Millis) -> u64 {
        match self {
            Self::Running { since, .. } | Self::Calling { since, .. } => MAX_TURN_MS.saturating_sub(now.since(*since)),
            Self::Idle | Self::Interrupted => 0,
        }
    }
}

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

/// Whether a card with a look-up waits for the value.
fn asks_whom(card: &Card) -> bool {
    card.step == CardStep::Address && card.methods.contains(&Method::CollectionLookup)
}

impl Conversation {
    /// The state that the visitor is shown.
    pub fn state(&self) -> State {
        match &self.identity {
            Identity::Unidentified => State::Unidentified,
            // Whoever is asked for a value of their record has said nothing yet (S1).
            Identity::Pending(pending) if asks_whom(&pending.card) => State::Unidentified,
            Identity::Pending(_) => State::Pending,
            Identity::Authenticated(_) => State::Authenticated,
        }
    }

    /// The open login card: of a visitor, or of a person who has to prove more.
    pub fn open_card(&self) -> Option<&Pending> {
        match &self.identity {
            Identity::Pending(pending) => Some(pending),
            Identity::Authenticated(authenticated) => authenticated.card.as_deref(),
            Identity::Unidentified => None,
        }
    }

    /// As [`Conversation::open_card`], to change it.
    pub fn open_card_mut(&mut self) -> Option<&mut Pending> {
        match &mut self.identity {
            Identity::Pending(pending) => Some(pending),
            Identity::Authenticated(authenticated) => authenticated.card.as_deref_mut(),
            Identity::Unidentified => None,
        }
    }

    /// What waits for a login, or for what follows from one.
    fn blocked(&self) -> impl Iterator<Item = &Blocked> {
        let proved = match &self.identity {
            Identity::Authenticated(authenticated) => authenticated.blocked.as_ref(),
            _ => None,
        };
        self.open_card().map(|pending| &pending.blocked).into_iter().chain(proved)
    }

    /// As [`Conversation::blocked`], to change it.
    fn blocked_mut(&mut self) -> impl Iterator<Item = &mut Blocked> {
        let (card, proved) = match &mut self.identity {
            Identity::Unidentified => (None, None),
            Identity::Pending(pending) => (Some(&mut pending.blocked), None),
            Identity::Authenticated(Authenticated { card, blocked, .. }) => {
                (card.as_mut().map(|pending| &mut pending.blocked), blocked.as_mut())
            }
        };
        card.into_iter().chain(proved)
    }

    /// Whether this card is the open one.
    pub fn is_open(&self, card: &CardId) -> bool {
        self.open_card().is_some_and(|open| open.card.id == *card)
    }

    /// The proved person, if there is one.
    pub fn person(&self) -> Option<&PersonId> {
        match &self.identity {
            Identity::Authenticated(authenticated) => Some(&authenticated.person),
            _ => None,
        }
    }
}
