//! A conversation: its state, what may happen to it, and what follows.
//!
//! [`step::step`] takes the state and one event and gives the next state and the effects that the edge performs.
//! Nothing here waits: where an answer is needed from outside, the turn is left open and an event brings it.

pub mod calls;
#[cfg(test)]
mod calls_tests;
pub mod event;
pub mod login;
#[cfg(test)]
mod login_tests;
pub mod passkey;
pub mod step;
#[cfg(test)]
mod tests;
pub mod window;

use serde::{Deserialize, Serialize};
use shared::card::{Card, CardStep, Method};
use shared::confirm::Confirmation;
use shared::frame::State;
use shared::id::{CardId, PersonId, SessionId};

pub use self::event::{Carried, Effect, Event, Outcome};
use crate::agent::ModelLimits;
use crate::challenge::Challenge;
use crate::model::ToolCall;
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
