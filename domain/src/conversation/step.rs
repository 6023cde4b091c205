//! One event, one step: the only place where a conversation changes.

use std::collections::BTreeMap;

use serde_json::json;
use shared::card::{Card, CardStep, Form, Method};
use shared::frame::{CloseCode, Entry, Interruption, LoadedSource, State};
use shared::id::{CardId, SessionId};

use super::{
    Authenticated, Blocked, Carried, Conversation, Effect, Event, Identity, MAX_ROUNDS, MAX_TURN_MS, Pending, Queued,
    StoredCall, Turn,
};
use crate::agent::Agent;
use crate::assurance::Standing;
use crate::audit::AuditKind;
use crate::model::{ModelMessage, ToolCall};
use crate::policy::{self, REQUEST_LOGIN};
use crate::time::Millis;

/// The next state and what the edge has to do.
#[derive(Debug, Clone)]
pub struct Step {
    /// The conversation now.
    pub state: Conversation,
    /// To be performed in order.
    pub effects: Vec<Effect>,
}

/// Takes one event.
///
/// Events that do not fit the state change nothing: they are answers to something that is over.
pub fn step(state: Conversation, event: Event, now: Millis) -> Step {
    let mut step = Step { state, effects: Vec::new() };
    match event {
        Event::Opened { card, agent } => step.opened(card, &agent),
        Event::Message { id, text, session } => step.message(id, text, session, now),
        Event::Answered { answer, text, blocks, calls, fresh, agent, tokens, partial } => {
            let Some((round, since)) = step.running(answer) else { return step };
            step.state.tokens.turn += tokens;
            step.state.tokens.conversation += tokens;
            let calls = distinct(calls);
            if blocks.is_empty() && calls.is_empty() {
                // Nothing to show: filtered, or cut off before the first word. The visitor is told, and may try again.
                step.interrupt(Interruption::Failed, now);
                return step;
            }
            if !blocks.is_empty() {
                step.effects.push(Effect::Append(Entry::Answer { answer, blocks, partial }));
            }
            if calls.is_empty() {
                step.effects.push(Effect::Remember(ModelMessage::Assistant { text, calls }));
                step.end_turn(now);
            } else {
                step.effects.push(Effect::Remember(ModelMessage::Assistant { text, calls: calls.clone() }));
                step.calls(&calls, fresh, &agent, (round, since), now);
            }
        }
        Event::Broken { answer, text, blocks, why, tokens } => {
            if step.running(answer).is_none() {
                return step;
            }
            step.state.tokens.turn += tokens;
            step.state.tokens.conversation += tokens;
            if !blocks.is_empty() {
                step.effects.push(Effect::Append(Entry::Answer { answer, blocks, partial: true }));
            }
            if why == Interruption::Stopped && !text.trim().is_empty() {
                // After a failure the model writes the whole answer again; after a stop it goes on from what was said.
                step.effects.push(Effect::Remember(ModelMessage::Assistant { text, calls: Vec::new() }));
            }
            step.interrupt(why, now);
        }
        Event::Retry { session } => {
            if step.state.turn == Turn::Interrupted {
                step.state.asker = Some(session);
                step.tell_open();
                step.ask(1, now, now);
            }
        }
        Event::Checked { conversation, agent, standing, fresh } => {
            step.checked(&conversation, &agent, standing.as_ref(), fresh, now);
        }
        Event::Called { serial, outcome } => step.called(serial, outcome, now),
        Event::Confirmed { id, accepted, session, agent } => step.confirmed(&id, accepted, session, &agent, now),
        Event::Stopped => step.stopped(now),
        Event::CardClosed => step.card_closed(now),
        Event::Carried(carried) => step.carried(carried),
        Event::Proved { card, person, elsewhere, session, replaces, method } => {
            step.proved(&card, person, elsewhere, (session, replaces), method, now);
        }
        Event::Vouched { person, elsewhere, session, replaces, method } => {
            step.vouched(person, elsewhere, (session, replaces), method, now);
        }
        Event::Loaded { sources } => step.loaded(sources, now),
    }
    step
}

impl Step {
    /// Round and beginning of the turn that writes this answer, if it still does.
    fn running(&self, wanted: u64) -> Option<(u8, Millis)> {
        match self.state.turn {
            Turn::Running { answer, round, since } if answer == wanted => Some((round, since)),
            _ => None,
        }
    }

    pub(super) fn audit(&mut self, kind: AuditKind, detail: BTreeMap<String, String>) {
        self.effects.push(Effect::Audit(kind, detail));
    }

    pub(super) fn interrupt(&mut self, reason: Interruption, now: Millis) {
        self.effects.push(Effect::Append(Entry::Interrupted { reason }));
        self.state.turn = Turn::Interrupted;
        self.go_on(now);
    }

    /// The card opens before anything was asked; nothing waits for it.
    fn opened(&mut self, card: CardId, agent: &Agent) {
        if agent.customer_auth.at_start
            && policy::can_sign_in(agent)
            && matches!(self.state.identity, Identity::Unidentified)
        {
            let (methods, forms) = policy::card_ways(agent);
            self.open_card(Blocked::nothing(), card, agent, (methods, forms), None);
        }
    }

    fn message(&mut self, id: shared::id::MessageId, text: String, session: SessionId, now: Millis) {
        self.effects.push(Effect::Append(Entry::Message { id, text: text.clone() }));
        let heard = Queued { text, session: Some(session) };
        if matches!(self.state.turn, Turn::Running { .. } | Turn::Calling { .. }) {
            self.state.queued.push(heard);
            return;
        }
        self.tell_open();
        self.hear(heard);
        self.ask(1, now, now);
    }

    fn hear(&mut self, Queued { text, session }: Queued) {
        self.state.asked.clone_from(&text);
        self.state.asker = session.or_else(|| self.state.asker.take());
        self.state.heard += 1;
        self.effects.push(Effect::Remember(ModelMessage::User { text }));
    }

    /// Answers what waits for the visitor with "not yet", because the conversation goes on beside it: the call that a card
    /// blocks, and every confirmation.
    fn tell_open(&mut self) {
        self.withdraw();
        let told = json!({"status": "pending", "note": "The login card is open. The visitor has not signed in yet."});
        for blocked in self.state.blocked_mut().filter(|blocked| !blocked.told) {
            blocked.told = true;
            self.effects.push(Effect::Remember(result(&blocked.call, &told)));
        }
    }

    pub(super) fn ask(&mut self, round: u8, since: Millis, now: Millis) {
        if round == 1 {
            self.state.tokens.turn = 0;
        }
        if round > MAX_ROUNDS || now.since(since) > MAX_TURN_MS {
            let reason = if round > MAX_ROUNDS { Interruption::TooManyRounds } else { Interruption::Failed };
            self.interrupt(reason, now);
            return;
        }
        self.state.answers += 1;
        let answer = self.state.answers;
        self.state.turn = Turn::Running { answer, round, since };
        self.effects.push(Effect::Ask { answer });
    }

    pub(super) fn end_turn(&mut self, now: Millis) {
        self.state.turn = Turn::Idle;
        self.go_on(now);
    }

    /// Takes up what waited for the end of the turn.
    fn go_on(&mut self, now: Millis) {
        if std::mem::take(&mut self.state.resume) && self.resume(now) {
            return;
        }
        if !self.state.queued.is_empty() {
            self.tell_open();
            let first = self.state.queued.first().and_then(|first| first.session.clone());
            self.hear_queued(first.as_ref());
            self.ask(1, now, now);
        }
    }

    /// Hears the oldest of what waits, as far as one session wrote it: what it stands on is not the next one's.
    fn hear_queued(&mut self, session: Option<&SessionId>) {
        let others = self.state.queued.iter().position(|queued| queued.session.as_ref() != session);
        let rest = self.state.queued.split_off(others.unwrap_or(self.state.queued.len()));
        for heard in std::mem::replace(&mut self.state.queued, rest) {
            self.hear(heard);
        }
    }

    /// Shows a login card, for this call. `known` is what the person stands on when they are known already: codes go to
    /// what is theirs.
    pub(super) fn show_card(
        &mut self,
        (call, again): (StoredCall, bool),
        fresh: CardId,
        agent: &Agent,
        (methods, forms): (Vec<Method>, Vec<Form>),
        known: Option<&Standing>,
    ) {
        let (question, session) = (self.state.asked.clone(), self.state.asker.clone());
        self.open_card(Blocked { call, question, told: false, session, again }, fresh, agent, (methods, forms), known);
    }

    fn open_card(
        &mut self,
        blocked: Blocked,
        fresh: CardId,
        agent: &Agent,
        (methods, forms): (Vec<Method>, Vec<Form>),
        known: Option<&Standing>,
    ) {
        if let Some(pending) = self.state.open_card_mut()
            && pending.card.methods == methods
            && pending.card.forms == forms
        {
            // Asked again: the same card moves to the end, with whatever was typed and sent already.
            pending.blocked = blocked;
            let card = pending.card.clone();
            self.effects.push(Effect::Append(Entry::Card { card }));
            return;
        }
        if let Some((Pending { mut card, .. }, _)) = self.take_card() {
            // Something else is needed now: what was proved on the older card would not do.
            card.step = CardStep::Cancelled;
            self.effects.push(Effect::Append(Entry::Card { card }));
        }
        let auth = &agent.customer_auth;
        let has = |method: Method| methods.contains(&method);
        let phone = auth.phone.as_ref().filter(|_| has(Method::PhoneCode));
        let card = Card {
            id: fresh,
            title: auth.title.clone(),
            subtitle: auth.subtitle.clone(),
            forms,
            lookup: policy::lookup_field(agent).filter(|_| has(Method::CollectionLookup)),
            channels: phone.map(|phone| phone.channels.clone()).unwrap_or_default(),
            address: known.and_then(|known| known.email.clone()).filter(|_| has(Method::EmailCode)),
            phone: known.and_then(|known| known.phone.clone()).filter(|_| has(Method::PhoneCode)),
            methods,
            step: CardStep::Address,
        };
        self.effects.push(Effect::Append(Entry::Card { card: card.clone() }));
        self.audit(AuditKind::LoginRequested, BTreeMap::new());
        let pending = Box::new(Pending::new(card, blocked));
        match &mut self.state.identity {
            // The person stays who they are while they prove more.
            Identity::Authenticated(authenticated) => authenticated.card = Some(pending),
            Identity::Unidentified | Identity::Pending(_) => {
                let before = self.state.state();
                self.state.identity = Identity::Pending(pending);
                let state = self.state.state();
                if state != before || state == State::Pending {
                    self.effects.push(Effect::Append(Entry::State { state }));
                }
            }
        }
    }

    /// Takes the open card out of the state; true when a person had been asked for more. A person stays who they are.
    fn take_card(&mut self) -> Option<(Pending, bool)> {
        match std::mem::take(&mut self.state.identity) {
            Identity::Pending(pending) => Some((*pending, false)),
            Identity::Authenticated(mut authenticated) => {
                let card = authenticated.card.take();
                self.state.identity = Identity::Authenticated(authenticated);
                card.map(|pending| (*pending, true))
            }
            Identity::Unidentified => None,
        }
    }

    /// A proof was given on this card. On any other it is too late: a second proof must not undo the first.
    fn proved(
        &mut self,
        card: &CardId,
        person: shared::id::PersonId,
        elsewhere: bool,
        (session, replaces): (SessionId, SessionId),
        method: Method,
        now: Millis,
    ) {
        if self.state.person().is_some_and(|known| *known != person) {
            return;
        }
        if !self.state.is_open(card) {
            if self.state.person().is_some() {
                // The card went in the meantime, and the older session is over all the same.
                self.replace(&replaces, &session);
                self.effects.push(Effect::Close(CloseCode::IdentityChanged));
            }
            return;
        }
        let Some((Pending { mut card, mut blocked, .. }, more)) = self.take_card() else { return };
        card.step = CardStep::Done;
        self.effects.push(Effect::Append(Entry::Card { card }));
        if more {
            self.audit(AuditKind::SteppedUp, by(method));
        } else {
            self.effects.push(Effect::Append(Entry::State { state: State::Authenticated }));
            self.audit(AuditKind::LoginSucceeded, by(method));
        }
        // Whoever holds a socket under the old cookie is cut off; the browser that signed in comes back with the new one.
        self.effects.push(Effect::Close(CloseCode::IdentityChanged));
        // Whoever proved it goes on with what was blocked, and wrote what waits.
        self.replace(&replaces, &session);
        self.state.asker = Some(session.clone());
        blocked.session = Some(session);
        let blocked = (!elsewhere && !blocked.is_nothing()).then_some(blocked);
        self.state.identity = Identity::Authenticated(Authenticated { person, since: now, blocked, card: None });
        if !elsewhere {
            self.effects.push(Effect::Load);
        }
    }

    /// As a proof on the open card, whichever it is; without a card the visitor is signed in all the same.
    fn vouched(
        &mut self,
        person: shared::id::PersonId,
        elsewhere: bool,
        sessions: (SessionId, SessionId),
        method: Method,
        now: Millis,
    ) {
        if let Some(card) = self.state.open_card().map(|open| open.card.id.clone()) {
            return self.proved(&card, person, elsewhere, sessions, method, now);
        }
        if self.state.person().is_some() {
            return;
        }
        self.effects.push(Effect::Append(Entry::State { state: State::Authenticated }));
        self.audit(AuditKind::LoginSucceeded, by(method));
        self.effects.push(Effect::Close(CloseCode::IdentityChanged));
        let (session, replaces) = sessions;
        self.replace(&replaces, &session);
        self.state.asker = Some(session);
        self.state.identity = Identity::Authenticated(Authenticated { person, since: now, blocked: None, card: None });
        if !elsewhere {
            self.effects.push(Effect::Load);
        }
    }

    /// What one session asked is asked by the one that takes its place.
    fn replace(&mut self, old: &SessionId, new: &SessionId) {
        let queued = self.state.queued.iter_mut().map(|queued| &mut queued.session);
        for session in queued.chain([&mut self.state.asker]).flatten().filter(|session| *session == old) {
            session.clone_from(new);
        }
        for blocked in self.state.blocked_mut() {
            if blocked.session.as_ref() == Some(old) {
                blocked.session = Some(new.clone());
            }
        }
    }

    fn card_closed(&mut self, now: Millis) {
        let Some((Pending { mut card, blocked, .. }, more)) = self.take_card() else { return };
        card.step = CardStep::Cancelled;
        self.effects.push(Effect::Append(Entry::Card { card }));
        if !more {
            self.effects.push(Effect::Append(Entry::State { state: State::Unidentified }));
        }
        self.audit(AuditKind::LoginCancelled, BTreeMap::new());
        if !blocked.told {
            self.effects.push(Effect::Remember(result(
                &blocked.call,
                &json!({"status": "declined", "note": "The visitor closed the login card."}),
            )));
            // A confirmation that waits goes on by itself when it is decided.
            if !matches!(self.state.turn, Turn::Running { .. } | Turn::Calling { .. }) && self.state.open.is_empty() {
                self.ask(1, now, now);
            }
        }
    }

    /// Takes in what the person said elsewhere. The question goes on as a blocked one does, once the data is loaded.
    fn carried(&mut self, carried: Carried) {
        let running = matches!(self.state.turn, Turn::Running { .. } | Turn::Calling { .. });
        if self.state.person().is_none() {
            return;
        }
        if !running {
            self.tell_open();
        }
        let Identity::Authenticated(authenticated) = &mut self.state.identity else { return };
        let session = carried.session;
        if !running {
            self.state.asker.clone_from(&session);
        }
        let mut questions = carried.questions.into_iter();
        if authenticated.blocked.is_none()
            && let Some(question) = questions.next()
        {
            let (id, name) = ("carried".to_owned(), REQUEST_LOGIN.to_owned());
            let call = StoredCall { id, name, arguments: "{}".to_owned() };
            let session = session.clone();
            authenticated.blocked = Some(Blocked { call, question, told: true, session, again: false });
        }
        // The others are heard when the first goes on.
        self.state.queued.extend(questions.map(|text| Queued { text, session: session.clone() }));
        for entry in carried.entries {
            match entry {
                Entry::Message { .. } => self.effects.push(Effect::Append(entry)),
                // An answer gets a number of this conversation's: pages tell answers apart by it.
                Entry::Answer { blocks, partial, .. } => {
                    self.state.answers += 1;
                    let answer = self.state.answers;
                    self.effects.push(Effect::Append(Entry::Answer { answer, blocks, partial }));
                }
                _ => {}
            }
        }
        if !running {
            // In the middle of a turn the model's log may hold calls that wait for their results: nothing goes between.
            let said = |message: &ModelMessage| match message {
                ModelMessage::User { .. } => true,
                ModelMessage::Assistant { calls, .. } => calls.is_empty(),
                ModelMessage::Tool { .. } => false,
            };
            self.effects.extend(carried.log.into_iter().filter(said).map(Effect::Remember));
        }
        self.effects.push(Effect::Load);
    }

    fn loaded(&mut self, sources: Vec<LoadedSource>, now: Millis) {
        if self.state.person().is_none() {
            return;
        }
        if !sources.is_empty() {
            self.effects.push(Effect::Append(Entry::Loaded { sources }));
            self.audit(AuditKind::DataRead, BTreeMap::new());
        }
        if matches!(self.state.turn, Turn::Running { .. } | Turn::Calling { .. }) {
            self.state.resume = true;
        } else {
            self.resume(now);
        }
    }

    /// Answers the blocked call and lets the model go on with it (L7).
    ///
    /// False when nothing was blocked.
    fn resume(&mut self, now: Millis) -> bool {
        let Identity::Authenticated(authenticated) = &mut self.state.identity else { return false };
        let Some(blocked) = authenticated.blocked.take() else { return false };
        if blocked.told {
            // The question is put once more below: nothing may be left open before it.
            self.tell_open();
        } else {
            self.withdraw();
        }
        if let Some(session) = &blocked.session {
            self.state.asker = Some(session.clone());
        }
        let is_action = blocked.call.name != REQUEST_LOGIN;
        let done = json!({"status": "authenticated", "note": "The visitor has signed in. Answer what they had asked."});
        if blocked.told {
            // Its call was answered with "pending" long ago: the question is put once more, after what was said since.
            if !blocked.question.is_empty() {
                self.effects.push(Effect::Remember(ModelMessage::User { text: blocked.question }));
            }
            let arguments = serde_json::from_str(&blocked.call.arguments).unwrap_or_default();
            let again = ToolCall { id: format!("{}_again", blocked.call.id), name: blocked.call.name, arguments };
            self.effects
                .push(Effect::Remember(ModelMessage::Assistant { text: String::new(), calls: vec![again.clone()] }));
            if is_action {
                self.take_up((&again).into(), blocked.again, now);
                return true;
            }
            self.effects.push(Effect::Remember(result(&(&again).into(), &done)));
        } else if is_action {
            self.take_up(blocked.call, blocked.again, now);
            return true;
        } else {
            self.effects.push(Effect::Remember(result(&blocked.call, &done)));
        }
        let asker = self.state.asker.clone();
        self.hear_queued(asker.as_ref());
        self.ask(1, now, now);
        true
    }

    /// Carries out the call that a login had blocked, right after it (L7). What else was written is heard when it is done.
    fn take_up(&mut self, call: StoredCall, again: bool, now: Millis) {
        self.open_call(call, again);
        self.state.turn = Turn::Calling { round: 1, since: now };
        self.state.tokens.turn = 0;
        self.effects.push(Effect::Check);
    }
}

/// Gives every call an id of its own: what answers a call must name one.
/// How somebody was proved, for the trail.
fn by(method: Method) -> BTreeMap<String, String> {
    BTreeMap::from([("method".to_owned(), method.name().to_owned())])
}

fn distinct(calls: Vec<ToolCall>) -> Vec<ToolCall> {
    let mut seen = std::collections::BTreeSet::new();
    let rename = |(index, mut call): (usize, ToolCall)| {
        if call.id.is_empty() || !seen.insert(call.id.clone()) {
            call.id = format!("call_{index}_{}", call.id);
            seen.insert(call.id.clone());
        }
        call
    };
    calls.into_iter().enumerate().map(rename).collect()
}

pub(super) fn result(call: &StoredCall, content: &serde_json::Value) -> ModelMessage {
    ModelMessage::Tool { call_id: call.id.clone(), name: call.name.clone(), content: content.to_string() }
}
