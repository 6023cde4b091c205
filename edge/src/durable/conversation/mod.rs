//! A conversation: transcript, state, turn, login card, sockets.
//!
//! Invariants: one turn at a time; a frame acknowledged is stored; who may read or write is decided here against the
//! stored state, at every command and every frame; no await stands between reading the state and writing it.

mod actions;
mod allowance;
mod audit;
mod form;
mod host;
mod login;
mod lookup;
mod memory;
mod passkey;
mod room;
mod send;
mod sign_in;
mod socket;
mod store;
mod tokens;
mod turn;
mod vault;
mod window;

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::challenge::Destination;
use domain::conversation::Carried;
use domain::language::Ranges;
use serde::{Deserialize, Serialize};
use shared::card::{Card, Channel, Method};
use shared::frame::{Numbered, State as Shown};
use shared::id::{CardId, ConversationId, PersonId, SessionId};
use shared::passkey::{Assertion, CreationOptions, Registration, RequestOptions};
use shared::remembered::Remembered;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use self::room::Room;
pub use self::socket::{AFTER_HEADER, CALLER_HEADER};
pub use self::window::{Came, Returned};
use super::person::Proof;
use super::rpc::{Command, call, reply};
use crate::caller::Caller;
use crate::config::Namespace;
use crate::failure::Answer;

/// What a conversation's object is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConversationCommand {
    /// Which conversation.
    pub conversation: ConversationId,
    /// What to do.
    pub act: Act,
}

/// What to do.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Begin, for this browser.
    Open {
        /// The browser's session.
        browser: SessionId,
        /// The languages that the visitor reads.
        reads: Ranges,
    },
    /// Show the state and what came after a number.
    Visit {
        /// Who.
        caller: Caller,
        /// The newest number that the page has.
        after: u64,
        /// The languages that the visitor reads.
        reads: Ranges,
    },
    /// Send a code.
    Start {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
        /// How.
        method: Method,
        /// Where to.
        destination: Destination,
        /// What the code travels by, where the visitor chose.
        channel: Option<Channel>,
        /// The client's address, as a key for budgets.
        client: String,
    },
    /// Take a guess.
    Verify {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
        /// What was typed.
        code: String,
    },
    /// Send the form of a login action to the company's API.
    Submit {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
        /// The form's action.
        action: String,
        /// What was typed.
        values: BTreeMap<String, String>,
        /// The client's address, as a key for budgets.
        client: String,
        /// The client's address, for the company's API.
        address: String,
    },
    /// Say what a passkey is to sign.
    AskPasskey {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
    },
    /// Take what a passkey signed.
    VerifyPasskey {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
        /// The answer.
        credential: Assertion,
        /// The client's address, as a key for budgets.
        client: String,
    },
    /// Say what a new passkey is made with.
    NewPasskey {
        /// Who.
        caller: Caller,
    },
    /// Keep a new passkey.
    KeepPasskey {
        /// Who.
        caller: Caller,
        /// The answer.
        credential: Registration,
    },
    /// Take away a way to sign in.
    Unlink {
        /// Who.
        caller: Caller,
        /// Which, as the account calls it.
        id: String,
    },
    /// Prepare a window to Google.
    OpenWindow {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
        /// The client's address, as a key for budgets.
        client: String,
    },
    /// A window came back with a code.
    WindowBack {
        /// What it brought.
        returned: Returned,
    },
    /// A window came back without one.
    WindowLeft {
        /// Which.
        flow: String,
        /// A word for the audit.
        why: String,
    },
    /// The window is the visitor's own.
    Match {
        /// Who.
        caller: Caller,
        /// On which card.
        card: CardId,
        /// What was typed.
        code: String,
    },
    /// Say what is remembered about the person.
    Remembered {
        /// Who.
        caller: Caller,
    },
    /// Forget it.
    Erase {
        /// Who.
        caller: Caller,
    },
    /// The host page says who its user is.
    Host {
        /// Who shows it.
        caller: Caller,
        /// What the company signed.
        token: String,
        /// The client's address, as a key for budgets.
        client: String,
    },
    /// A person whom the host page vouched for takes this fresh conversation, unless they have one.
    Arrive {
        /// The session of the browser that opened it.
        browser: SessionId,
        /// What to call the browser.
        device: String,
        /// What was proved.
        proof: Proof,
    },
    /// Close the card.
    Cancel {
        /// Who.
        caller: Caller,
        /// Which.
        card: CardId,
    },
    /// The network could not deliver a message with a code.
    Undelivered {
        /// The name of the sending.
        send: String,
    },
    /// The person signed in elsewhere and goes on here.
    Carry {
        /// Who.
        person: PersonId,
        /// What they bring along.
        carried: Carried,
    },
    /// A session ended: close its sockets.
    EndSession {
        /// Which.
        session: SessionId,
        /// With all of the person's.
        everywhere: bool,
    },
    /// Show a member of the console what was said after a number, redacted.
    Look {
        /// The number.
        after: u64,
    },
    /// How many guesses were evaluated.
    #[cfg(feature = "dev")]
    Counters,
    /// As if this many calls had been refused for the person's token, all at once.
    #[cfg(feature = "dev")]
    RefuseToken {
        /// How many.
        times: u32,
    },
}

impl core::fmt::Debug for Act {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Codes and addresses travel in here.
        f.write_str("Act")
    }
}

/// What a conversation's object answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationReply {
    /// Done.
    Done,
    /// The state and what came after the asked number.
    Seen {
        /// The state.
        state: Shown,
        /// The frames.
        frames: Vec<Numbered>,
        /// A card is open on which somebody did something a moment ago: a login may be about to give another token.
        proving: bool,
    },
    /// The card as it stands now.
    Card {
        /// The card.
        card: Card,
    },
    /// A window may go.
    WindowOpened {
        /// Its flow.
        flow: String,
        /// For the browser's cookie.
        binding: String,
    },
    /// What became of a window that came back.
    Window {
        /// What.
        came: Came,
    },
    /// The company's API did not accept the form; what it said, where the site owner lets it be shown.
    LoginRefused {
        /// One plain line.
        message: Option<String>,
    },
    /// What a passkey is to sign.
    PasskeyAsked {
        /// For the browser.
        options: RequestOptions,
    },
    /// What a new passkey is made with.
    PasskeyMaking {
        /// For the browser.
        options: Box<CreationOptions>,
    },
    /// What is remembered about the person.
    Remembered {
        /// The fields; secret ones without their values.
        remembered: Remembered,
    },
    /// Who it is was proved: mint a session.
    Proved {
        /// Who it is.
        person: PersonId,
        /// The fresh session.
        session: SessionId,
        /// Where the person goes on: here, or in the conversation they already had.
        conversation: ConversationId,
        /// When it began and when it ends, Unix milliseconds.
        times: (u64, u64),
        /// How it was proved.
        method: Method,
        /// The card, done.
        card: Card,
    },
    /// A host token signed somebody in: mint a session.
    Vouched {
        /// Who it is.
        person: PersonId,
        /// The fresh session.
        session: SessionId,
        /// Where the person goes on.
        conversation: ConversationId,
        /// When it began and when it ends, Unix milliseconds.
        times: (u64, u64),
    },
    /// What a member of the console sees.
    Looked {
        /// The state.
        state: Shown,
        /// The frames, redacted.
        frames: Vec<Numbered>,
    },
    /// Figures for tests.
    #[cfg(feature = "dev")]
    Counters {
        /// Guesses that were compared.
        evaluated: u32,
    },
}

impl Command for ConversationCommand {
    const NAMESPACE: Namespace = Namespace::Conversation;
    type Reply = ConversationReply;
}

/// Sends a command to a conversation's object.
pub async fn tell(env: &Env, conversation: &ConversationId, act: Act) -> Answer<ConversationReply> {
    let command = ConversationCommand { conversation: conversation.clone(), act };
    call(env, conversation.as_str(), &command).await
}

/// The object.
#[durable_object]
pub struct Conversation {
    room: Rc<Room>,
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        Self { room: Rc::new(Room::new(state, env)) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if let Err(failure) = self.room.wake() {
            return reply::<()>(Err(failure));
        }
        if request.headers().get("upgrade")?.is_some() {
            return match self.room.join(&request) {
                Ok(response) => Ok(response),
                Err(failure) => failure.respond(""),
            };
        }
        let text = request.text().await?;
        reply(self.act(&text).await)
    }

    async fn websocket_message(&self, socket: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let heard = self.room.wake().and_then(|()| self.room.hear(&socket, message));
        if let Err(failure) = heard {
            Room::refuse(&socket, None, &failure);
        }
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, code: usize, _reason: String, _clean: bool) -> Result<()> {
        // The closing handshake is ours to finish; a code that may not be sent back becomes 1000.
        let code = u16::try_from(code).ok().filter(|code| (3000..5000).contains(code)).unwrap_or(1000);
        let _ = socket.close(Some(code), Some(""));
        Ok(())
    }

    async fn websocket_error(&self, _socket: WebSocket, _error: worker::Error) -> Result<()> {
        Ok(())
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(failure) = self.room.wake() {
            crate::failure::log("alarm_failed", "", &format!("{failure:?}"));
        }
        self.room.on_alarm().await;
        Response::empty()
    }
}

impl Conversation {
    async fn act(&self, text: &str) -> Answer<ConversationReply> {
        let ConversationCommand { conversation, act } = serde_json::from_str(text)?;
        let room = &self.room;
        match act {
            Act::Open { browser, reads } => room.open(&conversation, &browser, &reads).await,
            Act::Visit { caller, after, reads } => room.visit(&caller, after, &reads),
            Act::Start { caller, card, method, destination, channel, client } => {
                login::start(room, login::Asked { caller, card, method, destination, channel, client }).await
            }
            Act::Verify { caller, card, code } => login::verify(room, &caller, &card, &code).await,
            Act::Submit { caller, card, action, values, client, address } => {
                form::submit(room, form::Filled { caller, card, action, values, client, address }).await
            }
            Act::AskPasskey { caller, card } => passkey::ask(room, &caller, &card).await,
            Act::VerifyPasskey { caller, card, credential, client } => {
                passkey::verify(room, &caller, &card, credential, &client).await
            }
            Act::NewPasskey { caller } => passkey::create(room, &caller).await,
            Act::KeepPasskey { caller, credential } => passkey::keep(room, &caller, credential).await,
            Act::Unlink { caller, id } => passkey::unlink(room, &caller, id).await,
            Act::OpenWindow { caller, card, client } => window::open(room, &caller, &card, &client).await,
            Act::WindowBack { returned } => window::back(room, returned).await,
            Act::WindowLeft { flow, why } => window::leave(room, &flow, &why),
            Act::Match { caller, card, code } => window::matched(room, &caller, &card, &code).await,
            Act::Remembered { caller } => memory::shown(room, &caller).await,
            Act::Erase { caller } => memory::erase(room, &caller).await,
            Act::Host { caller, token, client } => host::vouched(room, &caller, &token, &client).await,
            Act::Arrive { browser, device, proof } => host::arrive(room, browser, device, proof).await,
            Act::Cancel { caller, card } => login::cancel(room, &caller, &card),
            Act::Undelivered { send } => send::undelivered(room, &send).await.map(|()| ConversationReply::Done),
            Act::Carry { person, carried } => room.carry(&person, carried),
            Act::EndSession { session, everywhere } => room.end_session(&session, everywhere),
            Act::Look { after } => room.look(after),
            #[cfg(feature = "dev")]
            Act::RefuseToken { times } => room.refuse_token(times).await,
            #[cfg(feature = "dev")]
            Act::Counters => Ok(ConversationReply::Counters { evaluated: room.store.evaluated()? }),
        }
    }
}
