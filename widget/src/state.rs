//! What the page knows, in one place. A signal for what is shown, [`Here`] for what is not.

use std::sync::Arc;

use js_sys::Function;
use reactive_graph::owner::{LocalStorage, StoredValue};
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{GetValue, Read, ReadUntracked, ReadValue, Write, WriteValue};
use shared::card::{Card, CardStep, Channel, CodeStep, Form, Method};
use shared::frame::{Doing, State};
use shared::id::{AgentId, ConversationId};
use shared::skeleton::text;
use wasm_bindgen::JsValue;
use web_sys::WebSocket;

use crate::client::fetch::Refusal;
use crate::client::post_message;
use crate::outbox::Outbox;
use crate::texts::Texts;

/// The widget. Cheap to copy: its fields are places in the arena of Leptos' reactive core.
#[derive(Clone, Copy)]
pub struct App {
    shown: RwSignal<Shown>,
    here: StoredValue<Here, LocalStorage>,
    texts: StoredValue<Texts, LocalStorage>,
}

/// What the page shows.
///
/// One signal for all of it: a signal of another type is a kilobyte more for the visitor to load, and what draws
/// compares before it writes.
pub struct Shown {
    /// Who the visitor is.
    pub who: Who,
    /// Whether the edge can be reached.
    pub link: Link,
    /// What the agent is doing.
    pub turn: Turn,
    /// The open login card and what the visitor is doing to it.
    pub sheet: Sheet,
    /// Whether something new stands below what is in view.
    pub below: bool,
}

/// Who the visitor is.
#[derive(Clone, PartialEq, Eq)]
pub struct Who {
    /// The conversation's state.
    pub state: State,
    /// What to call the person.
    pub label: Option<String>,
}

/// Whether the edge can be reached.
#[derive(Clone, PartialEq, Eq)]
pub enum Link {
    /// Not yet connected for the first time; nobody is told, it takes a moment.
    Starting,
    /// What is written is sent.
    Live,
    /// What is written waits.
    Down,
    /// The edge refuses this page; what it says is shown.
    Refused(Refusal),
}

/// What the agent is doing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// What it says that it does.
    pub doing: Option<Doing>,
    /// The answer that is being written.
    pub answer: Option<u64>,
}

/// A way to sign in that the card asks something for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The form of a login action, by its number.
    Form(usize),
    /// An address, a phone number, or what is looked up.
    Typed(Method),
}

/// The open login card and what the visitor is doing to it.
#[derive(Clone, Default)]
pub struct Sheet {
    /// The card, unless none is open.
    pub card: Option<Arc<Card>>,
    /// Which way to sign in begins the card; none where all of them are buttons.
    pub way: Option<Way>,
    /// The visitor went back from a later step to the beginning: to correct the address, or to go another way.
    pub correcting: bool,
    /// A request of the card is in flight.
    pub working: bool,
    /// What went wrong, in words.
    pub problem: String,
}

/// What the page knows and does not show.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not one state: each is true or false by itself")]
pub struct Here {
    /// The agent.
    pub agent: AgentId,
    /// The conversation, once the edge said which.
    pub conversation: Option<ConversationId>,
    /// The newest number that the page has.
    pub seq: u64,
    /// What the edge has not stored yet.
    pub outbox: Outbox,
    /// The connection, while there is one.
    pub socket: Option<WebSocket>,
    /// Ends the wait of the connection's loop.
    pub wake: Option<Function>,
    /// The connection's loop runs.
    pub started: bool,
    /// A request that replaces the cookie is in flight. Until it is answered a visit would come with the old cookie.
    pub changing: bool,
    /// This page's own doing changed the cookie, and no visit came since.
    pub unsettled: bool,
    /// The edge's clock minus the visitor's, in milliseconds.
    pub clock_ms: f64,
    /// Who the host page's user is, until the edge was told.
    pub token: Option<String>,
    /// The host page's origin, once it showed that it is on the list.
    pub host: Option<String>,
    /// The chat is in view on the host page.
    pub open: bool,
    /// Answers that came while it was not.
    pub unread: u32,
    /// The transcript's end is in view, and stays in view.
    pub pinned: bool,
    /// The next frame of the browser scrolls to the end.
    pub scrolling: bool,
    /// The next second of the countdown is on its way.
    pub ticking: bool,
}

impl App {
    /// The widget of a page that just loaded.
    pub fn new(agent: AgentId) -> Self {
        Self {
            shown: RwSignal::new(Shown {
                who: Who { state: State::Unidentified, label: None },
                link: Link::Starting,
                turn: Turn::default(),
                sheet: Sheet::default(),
                below: false,
            }),
            here: StoredValue::new_local(Here {
                agent,
                conversation: None,
                seq: 0,
                outbox: Outbox::default(),
                socket: None,
                wake: None,
                started: false,
                changing: false,
                unsettled: false,
                clock_ms: 0.0,
                token: None,
                host: None,
                open: post_message::parent().is_none(),
                unread: 0,
                pinned: true,
                scrolling: false,
                ticking: false,
            }),
            texts: StoredValue::new_local(Texts::of_page()),
        }
    }

    /// Reads what is shown, in an effect: it runs again when that changes.
    pub fn watch<T>(self, read: impl FnOnce(&Shown) -> T) -> T {
        read(&self.shown.read())
    }

    /// Reads what is shown.
    pub fn look<T>(self, read: impl FnOnce(&Shown) -> T) -> T {
        read(&self.shown.read_untracked())
    }

    /// Changes what is shown.
    pub fn show<T>(self, change: impl FnOnce(&mut Shown) -> T) -> T {
        change(&mut self.shown.write())
    }

    /// Reads what is not shown.
    pub fn read<T>(self, read: impl FnOnce(&Here) -> T) -> T {
        read(&self.here.read_value())
    }

    /// Changes what is not shown.
    pub fn change<T>(self, change: impl FnOnce(&mut Here) -> T) -> T {
        change(&mut self.here.write_value())
    }

    /// The words.
    pub fn texts(self) -> Texts {
        self.texts.get_value()
    }

    /// The words of a key.
    pub fn text(self, key: &str) -> String {
        self.texts.read_value().get(key)
    }

    /// What to say of a refusal: what happened and what to do.
    pub fn refusal(self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::Network => self.text(text::ERROR_NETWORK),
            Refusal::Edge { retry_after_s: Some(seconds), .. } => {
                self.texts().filled(text::ERROR_WAIT, &[("seconds", &seconds.to_string())])
            }
            Refusal::Edge { said, .. } if !said.is_empty() => said.clone(),
            Refusal::Edge { .. } => self.text(&["error_", refusal.name()].concat()),
        }
    }

    /// Says a word to the host page, once it is known.
    pub fn tell_host(self, word: &str, detail: Option<(&str, JsValue)>) {
        if let Some(origin) = self.read(|here| here.host.clone()) {
            post_message::say(&origin, word, detail);
        }
    }
}

impl Turn {
    /// Whether there is something to stop.
    pub fn is_busy(&self) -> bool {
        self.doing.is_some() || self.answer.is_some()
    }
}

impl Sheet {
    /// The code step, when the card is at it and the visitor did not go back.
    pub fn code_step(&self) -> Option<&CodeStep> {
        match self.step() {
            Some(CardStep::Code(step)) => Some(step),
            _ => None,
        }
    }

    /// How many digits the card waits for: of a code, or of the number that another window shows.
    pub fn digits(&self) -> Option<usize> {
        match self.step()? {
            CardStep::Code(CodeStep { digits, .. }) | CardStep::Match { digits } => Some(usize::from(*digits)),
            _ => None,
        }
    }

    /// The form of a login action, when the card shows one.
    pub fn form(&self) -> Option<&Form> {
        match (self.step(), self.way) {
            (Some(CardStep::Form { form }), _) => Some(form),
            (Some(CardStep::Code(_) | CardStep::Match { .. }), _) => None,
            (_, Some(Way::Form(number))) => self.card.as_ref()?.forms.get(number),
            _ => None,
        }
    }

    /// The way to sign in that the card is on, unless it is at a later step that belongs to none.
    pub fn shown_way(&self) -> Option<Way> {
        match self.step() {
            Some(CardStep::Form { .. } | CardStep::Match { .. }) => None,
            Some(CardStep::Code(step)) => Some(Way::Typed(match step.channel {
                Channel::Email => Method::EmailCode,
                Channel::Sms | Channel::Whatsapp => Method::PhoneCode,
                Channel::OnRecord => Method::CollectionLookup,
            })),
            _ => self.way,
        }
    }

    /// What a code goes to or comes from, on the way that the card is on.
    pub fn typed(&self) -> Option<Method> {
        match self.shown_way() {
            Some(Way::Typed(method)) => Some(method),
            _ => None,
        }
    }

    /// What else than the channel that was taken the code may travel by.
    pub fn other_channel(&self) -> Option<Channel> {
        let taken = self.code_step()?.channel;
        let channels = &self.card.as_ref()?.channels;
        channels.iter().copied().find(|channel| *channel != taken).filter(|_| channels.contains(&taken))
    }

    /// Where a code goes when that is known and cannot be changed.
    pub fn fixed(&self) -> Option<&str> {
        let card = self.card.as_ref()?;
        match self.typed()? {
            Method::EmailCode => card.address.as_deref(),
            Method::PhoneCode => card.phone.as_deref(),
            _ => None,
        }
    }

    /// Where the card is, unless the visitor went back.
    fn step(&self) -> Option<&CardStep> {
        self.card.as_ref().map(|card| &card.step).filter(|_| !self.correcting)
    }
}
