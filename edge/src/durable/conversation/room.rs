//! One conversation in memory: its tables, its sockets, the answer being written.

use domain::json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::conversation::step::step;
use domain::conversation::{Carried, Conversation, Effect, Event, Identity, MAX_TURN_MS, Turn};
use domain::language::Ranges;
use domain::model::ModelMessage;
use domain::session::known::last_first;
use domain::text::markdown::Streaming;
use domain::text::personal;
use futures_util::future::AbortHandle;
use shared::card::Card;
use shared::card::Delivery;
use shared::error::ErrorCode;
use shared::frame::{Entry, Interruption, Live, Numbered, ServerFrame, State as Shown};
use shared::id::{ConversationId, PersonId, SessionId};
use worker::{Env, State};

use super::ConversationReply;
use super::send::Became;
use super::store::{Meta, Store};
use crate::caller::Caller;
use crate::clock::now;
use crate::failure::{Answer, Failure, log};
use crate::store::agents;
use crate::words;

/// How much longer than a turn its guard waits, milliseconds.
pub const GUARD_MS: u64 = 5_000;

/// For how long after the last frame an open card is one on which somebody may be signing in, milliseconds: as long as a code
/// lives.
const PROVING_MS: u64 = 10 * 60_000;

/// The most messages for the model that go along to another conversation.
const MOST_CARRIED: usize = 20;

/// The conversation in memory. Everything that must survive is in `store`.
pub struct Room {
    pub state: State,
    pub env: Env,
    pub store: Store,
    /// The answer being written, for sockets that join in the middle.
    pub writing: RefCell<Option<Writing>>,
    woken: Cell<bool>,
}

/// An answer being written.
pub struct Writing {
    /// Its number.
    pub answer: u64,
    /// What there is of it.
    pub text: Streaming,
    /// Stops it.
    pub stop: AbortHandle,
}

/// What of a frame is no text of anybody's: names, times and closed words.
const UNMASKED: [&str; 8] = ["type", "id", "at", "resend_at", "expires_at", "state", "name", "action"];

impl Room {
    pub fn new(state: State, env: Env) -> Self {
        let store = Store::new(state.storage().sql());
        // Answered by the runtime itself: a keep-alive wakes nobody.
        if let Ok(pair) = worker_sys_pair() {
            state.set_websocket_auto_response(&pair);
        }
        Self { state, env, store, writing: RefCell::new(None), woken: Cell::new(false) }
    }

    /// The first thing after a start: what was cut off by the end of the last process is ended or taken up again.
    pub fn wake(self: &Rc<Self>) -> Answer<()> {
        if self.woken.replace(true) {
            return Ok(());
        }
        let state = self.store.state()?;
        if let Turn::Running { answer, .. } = state.turn {
            self.break_off(answer, Interruption::Restarted);
        }
        if let Some(card) = state.sending() {
            // Whoever was handing the code over is gone, and nobody knows what became of it: the visitor may try again.
            let (channel, instead_of) = state.channel().unwrap_or_default();
            self.delivered(&card, Became { delivery: Delivery::Failed, channel, instead_of });
        }
        self.take_up_calls(&state);
        if let Identity::Authenticated(authenticated) = &state.identity
            && authenticated.blocked.is_some()
        {
            self.load();
        }
        Ok(())
    }

    pub fn break_off(self: &Rc<Self>, answer: u64, why: Interruption) {
        self.apply_logged(Event::Broken { answer, text: String::new(), blocks: Vec::new(), why, tokens: 0 });
    }

    /// The alarm: the guard of a turn, a second try at the ledger, sockets whose session ended with nothing done.
    pub async fn on_alarm(self: &Rc<Self>) {
        if let Err(failure) = self.hand_over_now().await {
            log("ledger_waits", "", &format!("{failure:?}"));
            let _ = self.state.storage().set_alarm(60_000).await;
        }
        self.guard_turn().await;
        self.close_idle().await;
    }

    async fn guard_turn(self: &Rc<Self>) {
        let Ok(state) = self.store.state() else { return };
        let (Turn::Running { since, .. } | Turn::Calling { since, .. }) = state.turn else { return };
        let left = (MAX_TURN_MS + GUARD_MS).saturating_sub(now().since(since));
        match state.turn {
            Turn::Running { answer, .. } if left == 0 => self.break_off(answer, Interruption::Failed),
            Turn::Calling { .. } if left == 0 => self.apply_logged(Event::Stopped),
            // One alarm for two purposes: the other one fired first.
            _ => {
                let _ = self.state.storage().set_alarm(left as i64).await;
            }
        }
    }

    /// Should this process end, the alarm wakes the next one, which ends the turn or takes it up.
    pub async fn guard(&self) {
        let left = self.store.state().map_or(0, |state| state.turn.left_ms(now()));
        let _ = self.state.storage().set_alarm((left + GUARD_MS) as i64).await;
    }

    /// Begins, and opens the card where the agent asks for a login at once.
    pub async fn open(
        self: &Rc<Self>,
        conversation: &ConversationId,
        browser: &SessionId,
        reads: &Ranges,
    ) -> Answer<ConversationReply> {
        if self.store.open(conversation, browser)? {
            self.note(&Conversation::default(), AuditKind::ConversationOpened, &BTreeMap::new())?;
            self.hand_over();
        }
        self.store.put_reads(reads)?;
        let (_, agent) = self.agent().await?;
        if agent.customer_auth.at_start && self.store.is_empty()? {
            let agent = Box::new(Arc::unwrap_or_clone(agent));
            self.apply(Event::Opened { card: crate::random::card_id()?, agent })?;
        }
        Ok(ConversationReply::Done)
    }

    pub fn visit(&self, caller: &Caller, after: u64, reads: &Ranges) -> Answer<ConversationReply> {
        let (_, state) = self.admit(caller)?;
        self.store.put_reads(reads)?;
        self.heard_of(caller);
        let newest = self.store.newest_at()?;
        let proving = state.open_card().is_some() && now().since(newest) < PROVING_MS;
        Ok(ConversationReply::Seen { state: state.state(), frames: self.store.frames_after(after)?, proving })
    }

    /// What a member of the console sees: who is asking was decided by the admin API. Addresses and numbers are masked here, so
    /// that nothing else leaves.
    pub fn look(&self, after: u64) -> Answer<ConversationReply> {
        if self.store.meta()?.is_none() {
            return Err(ErrorCode::NotFound.into());
        }
        let mut frames = json::value(&self.store.frames_after(after)?)?;
        personal::mask_json(&mut frames, &UNMASKED, &["address", "phone"]);
        let frames = json::of(&frames)?;
        Ok(ConversationReply::Looked { state: self.store.state()?.state(), frames })
    }

    /// What the visitor takes along to a conversation of theirs: what was said after this number, what of it waits for an
    /// answer, and up to which number that goes.
    pub fn carried(&self, after: u64) -> Answer<(Carried, u64)> {
        let frames = self.store.frames_after(after)?;
        let up_to = frames.last().map_or(after, |frame| frame.seq);
        let entries: Vec<_> = frames.into_iter().map(|frame| frame.entry).collect();
        let mut questions = Vec::new();
        if let Some(pending) = self.store.state()?.open_card() {
            questions.push(pending.blocked.question.clone());
        }
        let answered = entries.iter().rposition(|entry| matches!(entry, Entry::Answer { .. })).map_or(0, |at| at + 1);
        for entry in entries.iter().skip(answered) {
            if let Entry::Message { text, .. } = entry
                && !questions.contains(text)
            {
                questions.push(text.clone());
            }
        }
        // What is asked again need not be told before.
        let told = |message: &ModelMessage| !matches!(message, ModelMessage::User { text } if questions.contains(text));
        let log =
            if after == 0 { self.store.log(MOST_CARRIED)?.into_iter().filter(told).collect() } else { Vec::new() };
        Ok((Carried { entries, log, questions, session: None }, up_to))
    }

    /// Takes in what the person said elsewhere.
    pub fn carry(self: &Rc<Self>, person: &PersonId, mut carried: Carried) -> Answer<ConversationReply> {
        if self.store.state()?.person() != Some(person) {
            return Err(ErrorCode::SignedOut.into());
        }
        let is_message = |entry: &Entry| matches!(entry, Entry::Message { .. });
        let brought = carried.entries.iter().any(is_message);
        let mut fresh = Vec::new();
        for entry in carried.entries {
            // One that is known came already, with a try whose reply was lost.
            let known = match &entry {
                Entry::Message { id, .. } => self.store.number_of(id)?.is_some(),
                _ => false,
            };
            if !known {
                fresh.push(entry);
            }
        }
        carried = if brought && !fresh.iter().any(is_message) {
            Carried { session: carried.session, ..Carried::default() }
        } else {
            Carried { entries: fresh, ..carried }
        };
        self.apply(Event::Carried(carried))?;
        Ok(ConversationReply::Done)
    }

    /// What is being written is for nobody any more.
    pub fn stop_writing(&self) {
        if let Some(writing) = self.writing.borrow().as_ref() {
            writing.stop.abort();
        }
    }

    /// Whether this caller may read and write here: before a login the browser that opened the conversation, after it
    /// the person with a live session, and nobody else. One answer for every other case.
    pub fn admit(&self, caller: &Caller) -> Answer<(Meta, Conversation)> {
        let meta = self.store.meta()?.ok_or(ErrorCode::SignedOut)?;
        let state = self.store.state()?;
        if admits(&meta, &state, caller) && !self.store.has_ended(&caller.session)? {
            Ok((meta, state))
        } else {
            Err(ErrorCode::SignedOut.into())
        }
    }

    /// The agent that owns this conversation, in the visitor's language.
    pub async fn agent(&self) -> Answer<(Meta, Arc<Agent>)> {
        let meta = self.store.meta()?.ok_or(ErrorCode::SignedOut)?;
        let agent = agents::find(&self.env, &meta.conversation.agent()?).await?.ok_or(ErrorCode::NotFound)?;
        let reads = self.store.reads()?;
        let mut agent = words::on_card(agent.spoken(&reads), &reads)?;
        // A new card begins with what this browser used last, where it is allowed (L5).
        let methods = &agent.customer_auth.methods;
        let ordered = last_first(methods.clone(), self.store.last_method()?);
        if ordered != *methods {
            Arc::make_mut(&mut agent).customer_auth.methods = ordered;
        }
        Ok((meta, agent))
    }

    /// Takes an event: the next state and everything it stores are written in one go, then told, then performed.
    pub fn apply(self: &Rc<Self>, event: Event) -> Answer<()> {
        let at = now();
        let stepped = step(self.store.state()?, event, at);
        self.store.put_state(&stepped.state)?;
        let (mut frames, mut after, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        for effect in stepped.effects {
            match effect {
                Effect::Append(entry) => frames.push(self.store.append(entry, at)?),
                Effect::Remember(message) => self.store.remember(&message)?,
                Effect::Audit(kind, detail) => self.note(&stepped.state, kind, &detail)?,
                Effect::Call { serial } => calls.push(serial),
                Effect::Ask { .. } | Effect::Check | Effect::Close(_) | Effect::Load => after.push(effect),
            }
        }
        for frame in frames {
            self.tell_all(&stepped.state, &ServerFrame::Numbered(Box::new(frame)));
        }
        for effect in after {
            match effect {
                Effect::Close(code) => self.close_all(code),
                Effect::Ask { answer } => self.ask(answer),
                Effect::Load => self.load(),
                Effect::Check => self.check(),
                Effect::Append(_) | Effect::Remember(_) | Effect::Audit(..) | Effect::Call { .. } => {}
            }
        }
        if !calls.is_empty() {
            self.call(calls);
        }
        self.hand_over();
        Ok(())
    }

    /// As [`Room::apply`], where nobody waits for the outcome.
    pub fn apply_logged(self: &Rc<Self>, event: Event) {
        if let Err(failure) = self.apply(event) {
            log("step_failed", "", &format!("{failure:?}"));
        }
    }

    /// Stores a state that a card's step changed, and tells everybody of what the visitor is shown of it.
    pub fn put_stepped(&self, before: Shown, state: &Conversation, card: &Card) -> Answer<()> {
        self.store.put_state(state)?;
        if state.state() != before {
            self.append(state, Entry::State { state: state.state() })?;
        }
        self.append(state, Entry::Card { card: card.clone() })?;
        Ok(())
    }

    /// Stores a frame that is no event of the domain's (a card that changed) and tells everybody.
    pub fn append(&self, state: &Conversation, entry: Entry) -> Answer<Numbered> {
        let frame = self.store.append(entry, now())?;
        self.tell_all(state, &ServerFrame::Numbered(Box::new(frame.clone())));
        Ok(frame)
    }

    /// Tells every socket whose holder may still read.
    pub fn tell_live(&self, live: Live) {
        if let Ok(state) = self.store.state() {
            self.tell_all(&state, &ServerFrame::Live(live));
        }
    }
}

/// Whether the caller is who the conversation belongs to now.
pub fn admits(meta: &Meta, state: &Conversation, caller: &Caller) -> bool {
    if caller.expires_at.min(caller.idle_at) <= now() {
        return false;
    }
    match (state.person(), &caller.person) {
        (Some(owner), Some(person)) => owner == person,
        (None, None) => meta.browser == caller.session,
        _ => false,
    }
}

fn worker_sys_pair() -> Result<worker::worker_sys::WebSocketRequestResponsePair, Failure> {
    worker::worker_sys::WebSocketRequestResponsePair::new("ping", "pong")
        .map_err(|_| Failure::Internal("no auto-response".to_owned()))
}
