//! One event, one step: the only place where a conversation changes.

use serde_json::json;
use shared::card::{Card, CardStep};
use shared::frame::{CloseCode, Entry, Interruption, LoadedSource, State};
use shared::id::CardId;

use super::{
    Authenticated, Blocked, Carried, Conversation, Effect, Event, Identity, MAX_ROUNDS, MAX_TURN_MS, Pending,
    StoredCall, Turn,
};
use crate::agent::Agent;
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
        Event::Message { id, text } => step.message(id, text, now),
        Event::Answered { answer, text, blocks, calls, fresh, agent } => {
            let Some((round, since)) = step.running(answer) else { return step };
            if blocks.is_empty() && calls.is_empty() {
                // Nothing to show: filtered, or cut off before the first word. The visitor is told, and may try again.
                step.interrupt(Interruption::Failed, now);
                return step;
            }
            if !blocks.is_empty() {
                step.effects.push(Effect::Append(Entry::Answer { answer, blocks, partial: false }));
            }
            if calls.is_empty() {
                step.effects.push(Effect::Remember(ModelMessage::Assistant { text, calls }));
                step.end_turn(now);
            } else {
                step.effects.push(Effect::Remember(ModelMessage::Assistant { text, calls: calls.clone() }));
                step.calls(&calls, fresh, &agent, round, since, now);
            }
        }
        Event::Broken { answer, text, blocks, why } => {
            if step.running(answer).is_none() {
                return step;
            }
            if !blocks.is_empty() {
                step.effects.push(Effect::Append(Entry::Answer { answer, blocks, partial: true }));
            }
            if why == Interruption::Stopped && !text.trim().is_empty() {
                // After a failure the model writes the whole answer again; after a stop it goes on from what was said.
                step.effects.push(Effect::Remember(ModelMessage::Assistant { text, calls: Vec::new() }));
            }
            step.interrupt(why, now);
        }
        Event::Retry => {
            if step.state.turn == Turn::Interrupted {
                step.ask(1, now, now);
            }
        }
        Event::CardClosed => step.card_closed(now),
        Event::Carried(carried) => step.carried(carried),
        Event::Proved { card, person, elsewhere } => {
            if !step.state.is_pending(&card) {
                return step;
            }
            let Some(Pending { mut card, blocked, .. }) = step.take_pending() else { return step };
            card.step = CardStep::Done;
            step.effects.push(Effect::Append(Entry::Card { card }));
            step.effects.push(Effect::Append(Entry::State { state: State::Authenticated }));
            step.effects.push(Effect::Audit(AuditKind::LoginSucceeded));
            // Whoever holds a socket under the old cookie is cut off; the browser that signed in comes back with the new one.
            step.effects.push(Effect::Close(CloseCode::IdentityChanged));
            if !elsewhere {
                step.effects.push(Effect::Load);
            }
            let blocked = (!elsewhere).then_some(blocked);
            step.state.identity = Identity::Authenticated(Authenticated { person, since: now, blocked });
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

    fn interrupt(&mut self, reason: Interruption, now: Millis) {
        self.effects.push(Effect::Append(Entry::Interrupted { reason }));
        self.state.turn = Turn::Interrupted;
        self.go_on(now);
    }

    fn message(&mut self, id: shared::id::MessageId, text: String, now: Millis) {
        self.effects.push(Effect::Append(Entry::Message { id, text: text.clone() }));
        if let Turn::Running { .. } = self.state.turn {
            self.state.queued.push(text);
            return;
        }
        self.tell_pending();
        self.hear(text);
        self.ask(1, now, now);
    }

    fn hear(&mut self, text: String) {
        self.state.asked.clone_from(&text);
        self.effects.push(Effect::Remember(ModelMessage::User { text }));
    }

    /// Answers the blocked call with "not yet", because the conversation goes on beside the card.
    fn tell_pending(&mut self) {
        if let Identity::Pending(pending) = &mut self.state.identity
            && !pending.blocked.told
        {
            pending.blocked.told = true;
            self.effects.push(Effect::Remember(result(
                &pending.blocked.call,
                &json!({"status": "pending", "note": "The login card is open. The visitor has not signed in yet."}),
            )));
        }
    }

    fn ask(&mut self, round: u8, since: Millis, now: Millis) {
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

    fn end_turn(&mut self, now: Millis) {
        self.state.turn = Turn::Idle;
        self.go_on(now);
    }

    /// Takes up what waited for the end of the turn.
    fn go_on(&mut self, now: Millis) {
        if std::mem::take(&mut self.state.resume) && self.resume(now) {
            return;
        }
        if !self.state.queued.is_empty() {
            self.tell_pending();
            for text in std::mem::take(&mut self.state.queued) {
                self.hear(text);
            }
            self.ask(1, now, now);
        }
    }

    fn calls(&mut self, calls: &[ToolCall], fresh: CardId, agent: &Agent, round: u8, since: Millis, now: Millis) {
        let mut waits = None;
        for call in calls {
            // Checked again at execution: what the model was offered and what it calls are two things (R46, R47).
            let offered = policy::offered(agent, &self.state).iter().any(|tool| tool.name == call.name);
            if call.name == REQUEST_LOGIN && self.state.person().is_some() {
                self.effects.push(Effect::Remember(result(&call.into(), &json!({"status": "authenticated"}))));
            } else if call.name == REQUEST_LOGIN && offered && waits.is_none() {
                waits = Some(StoredCall::from(call));
            } else {
                let error = json!({"error": "There is no such tool, or it may not be called now."});
                self.effects.push(Effect::Remember(result(&call.into(), &error)));
            }
        }
        match waits {
            None => self.ask(round + 1, since, now),
            Some(call) => {
                self.show_card(call, fresh, agent);
                self.end_turn(now);
            }
        }
    }

    fn show_card(&mut self, call: StoredCall, fresh: CardId, agent: &Agent) {
        let blocked = Blocked { call, question: self.state.asked.clone(), told: false };
        if let Identity::Pending(pending) = &mut self.state.identity {
            // Asked again: the same card moves to the end, with whatever was typed and sent already.
            pending.blocked = blocked;
            self.effects.push(Effect::Append(Entry::Card { card: pending.card.clone() }));
            return;
        }
        let auth = &agent.customer_auth;
        let card = Card {
            id: fresh,
            title: auth.title.clone(),
            subtitle: auth.subtitle.clone(),
            methods: auth.methods.clone(),
            forms: Vec::new(),
            address: None,
            step: CardStep::Address,
        };
        self.effects.push(Effect::Append(Entry::Card { card: card.clone() }));
        self.effects.push(Effect::Append(Entry::State { state: State::Pending }));
        self.effects.push(Effect::Audit(AuditKind::LoginRequested));
        self.state.identity = Identity::Pending(Box::new(Pending { card, challenge: None, blocked }));
    }

    /// Takes the open card out of the state. Any other state stays as it is: a second proof must not undo the first.
    fn take_pending(&mut self) -> Option<Pending> {
        match std::mem::take(&mut self.state.identity) {
            Identity::Pending(pending) => Some(*pending),
            other => {
                self.state.identity = other;
                None
            }
        }
    }

    fn card_closed(&mut self, now: Millis) {
        let Some(Pending { mut card, blocked, .. }) = self.take_pending() else { return };
        card.step = CardStep::Cancelled;
        self.effects.push(Effect::Append(Entry::Card { card }));
        self.effects.push(Effect::Append(Entry::State { state: State::Unidentified }));
        self.effects.push(Effect::Audit(AuditKind::LoginCancelled));
        if !blocked.told {
            self.effects.push(Effect::Remember(result(
                &blocked.call,
                &json!({"status": "declined", "note": "The visitor closed the login card."}),
            )));
            if !matches!(self.state.turn, Turn::Running { .. }) {
                self.ask(1, now, now);
            }
        }
    }

    /// Takes in what the person said elsewhere. The question goes on as a blocked one does, once the data is loaded.
    fn carried(&mut self, carried: Carried) {
        let running = matches!(self.state.turn, Turn::Running { .. });
        let Identity::Authenticated(authenticated) = &mut self.state.identity else { return };
        let mut questions = carried.questions.into_iter();
        if authenticated.blocked.is_none()
            && let Some(question) = questions.next()
        {
            let (id, name) = ("carried".to_owned(), REQUEST_LOGIN.to_owned());
            let call = StoredCall { id, name, arguments: "{}".to_owned() };
            authenticated.blocked = Some(Blocked { call, question, told: true });
        }
        // The others are heard when the first goes on.
        self.state.queued.extend(questions);
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
            self.effects.push(Effect::Audit(AuditKind::DataRead));
        }
        if matches!(self.state.turn, Turn::Running { .. }) {
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
            self.effects.push(Effect::Remember(result(&(&again).into(), &done)));
        } else {
            self.effects.push(Effect::Remember(result(&blocked.call, &done)));
        }
        for text in std::mem::take(&mut self.state.queued) {
            self.hear(text);
        }
        self.ask(1, now, now);
        true
    }
}

fn result(call: &StoredCall, content: &serde_json::Value) -> ModelMessage {
    ModelMessage::Tool { call_id: call.id.clone(), name: call.name.clone(), content: content.to_string() }
}
