//! What the model calls: checked, confirmed by the visitor where the action asks for it, carried out at most once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::confirm::{ConfirmStep, Confirmation};
use shared::frame::{Entry, Interruption};
use shared::id::{CardId, ConversationId, SessionId};

use super::step::{Step, result};
use super::{CallAt, Effect, MAX_CALLS, OpenCall, Outcome, StoredCall, Turn};
use crate::action::value::{Complaint, Values};
use crate::action::{Action, key};
use crate::agent::Agent;
use crate::assurance::Standing;
use crate::audit::AuditKind;
use crate::model::ToolCall;
use crate::policy::{self, REQUEST_LOGIN, UNKNOWN, Verdict};
use crate::time::Millis;

/// The arguments of a call, read as the action's parameters.
///
/// # Errors
/// What is wrong with them, one for each fault.
pub fn values(action: &Action, call: &StoredCall) -> Result<Values, Vec<Complaint>> {
    let arguments = serde_json::from_str(&call.arguments).unwrap_or(Value::Null);
    Values::from_model(&action.parameters, &arguments)
}

fn confirmation(id: CardId, action: &Action, values: &Values) -> Confirmation {
    let details = values.details(&action.parameters);
    Confirmation { id, title: action.title.clone(), details, step: ConfirmStep::Asked }
}

impl Step {
    /// Takes the calls of an answer. Actions are checked first; a login card is shown at once.
    pub(super) fn calls(
        &mut self,
        calls: &[ToolCall],
        fresh: CardId,
        agent: &Agent,
        (round, since): (u8, Millis),
        now: Millis,
    ) {
        let mut waits = None;
        for call in calls {
            let is_tool = agent.tool(&call.name).is_some();
            if call.name == REQUEST_LOGIN && self.state.person().is_some() {
                self.answer(&call.into(), &json!({"status": "authenticated"}));
            } else if call.name == REQUEST_LOGIN && policy::can_sign_in(agent) && waits.is_none() {
                waits = Some(StoredCall::from(call));
            } else if is_tool && self.state.open.len() < MAX_CALLS {
                self.open_call(call.into(), false);
            } else if is_tool {
                self.refuse(&call.into(), "Too many calls at once. Call it again in the next step.");
            } else {
                self.refuse(&call.into(), UNKNOWN);
            }
        }
        if let Some(call) = waits {
            self.show_card((call, false), fresh, agent, policy::card_ways(agent), None);
        }
        self.state.turn = Turn::Calling { round, since };
        if self.state.open.is_empty() {
            self.settle(now);
        } else {
            self.effects.push(Effect::Check);
        }
    }

    /// Decides the calls that wait for it.
    pub(super) fn checked(
        &mut self,
        conversation: &ConversationId,
        agent: &Agent,
        standing: Option<&Standing>,
        fresh: Vec<CardId>,
        now: Millis,
    ) {
        if !matches!(self.state.turn, Turn::Calling { .. }) {
            return;
        }
        let mut fresh = fresh.into_iter();
        for open in std::mem::take(&mut self.state.open) {
            if open.at != CallAt::Checking {
                self.state.open.push(open);
                continue;
            }
            let Some(action) = agent.tool(&open.call.name) else {
                self.refuse(&open.call, UNKNOWN);
                continue;
            };
            match policy::judge(agent, &self.state, standing, action, now) {
                Verdict::Allowed => self.allowed(conversation, action, open, fresh.next()),
                Verdict::Login { methods, forms } => match fresh.next() {
                    Some(id) if !self.is_blocked() => {
                        self.show_card((open.call, open.again), id, agent, (methods, forms), standing);
                    }
                    _ => self.refuse(&open.call, "The visitor is being asked to sign in. Call it again after that."),
                },
                Verdict::Refused(why) => {
                    self.audit(AuditKind::ActionDenied, BTreeMap::from([("action".to_owned(), action.name.clone())]));
                    self.refuse(&open.call, why);
                }
            }
        }
        self.settle(now);
    }

    fn allowed(&mut self, conversation: &ConversationId, action: &Action, mut open: OpenCall, fresh: Option<CardId>) {
        let values = match values(action, &open.call) {
            Ok(values) => values,
            Err(complaints) => return self.complain(&open.call, &complaints),
        };
        let key = key::idempotency_key(conversation, self.state.heard, &action.name, &values);
        let is_same = |other: &OpenCall| match &other.at {
            CallAt::Running { key: same } | CallAt::Confirming { key: same, .. } => *same == key,
            CallAt::Checking => false,
        };
        if self.state.open.iter().any(is_same) {
            return self.refuse(&open.call, "The same call is being carried out already.");
        }
        if !action.confirms() {
            self.effects.push(Effect::Call { serial: open.serial });
            open.at = CallAt::Running { key };
        } else if let Some(id) = fresh {
            let confirm = confirmation(id, action, &values);
            self.effects.push(Effect::Append(Entry::Confirm { confirm: confirm.clone() }));
            open.at = CallAt::Confirming { confirm, key };
        } else {
            return self.refuse(&open.call, "The visitor could not be asked. Call it again.");
        }
        self.state.open.push(open);
    }

    /// A call ended.
    pub(super) fn called(&mut self, serial: u64, outcome: Outcome, now: Millis) {
        let is_it = |open: &OpenCall| open.serial == serial && matches!(open.at, CallAt::Running { .. });
        let Some(at) = self.state.open.iter().position(is_it) else { return };
        let mut open = self.state.open.remove(at);
        match outcome {
            Outcome::Answered(content) => self.answer(&open.call, &content),
            Outcome::SignInAgain if !open.again && matches!(self.state.turn, Turn::Calling { .. }) => {
                open.again = true;
                open.at = CallAt::Checking;
                self.state.open.push(open);
                self.effects.push(Effect::Check);
                return;
            }
            Outcome::SignInAgain => self.refuse(&open.call, "The company's system does not accept the sign-in."),
        }
        self.settle(now);
    }

    /// The visitor said yes or no.
    pub(super) fn confirmed(&mut self, id: &CardId, accepted: bool, session: SessionId, agent: &Agent, now: Millis) {
        let asked = |open: &OpenCall| matches!(&open.at, CallAt::Confirming { confirm, .. } if confirm.id == *id);
        let Some(at) = self.state.open.iter().position(asked) else { return };
        let mut open = self.state.open.remove(at);
        let CallAt::Confirming { confirm, key } = open.at else { return };
        let detail = BTreeMap::from([("action".to_owned(), open.call.name.clone())]);
        if !matches!(self.state.turn, Turn::Calling { .. }) {
            self.state.turn = Turn::Calling { round: 1, since: now };
            self.state.tokens.turn = 0;
        }
        self.state.asker = Some(session);
        // What is done is what was shown: the settings may have changed since.
        let as_shown = agent.tool(&open.call.name).is_some_and(|action| {
            let again = values(action, &open.call).map(|values| confirmation(id.clone(), action, &values));
            again.is_ok_and(|again| again == confirm)
        });
        let (step, kind) = match (accepted, as_shown) {
            (true, true) => (ConfirmStep::Confirmed, AuditKind::ActionConfirmed),
            (true, false) => (ConfirmStep::Withdrawn, AuditKind::ActionDenied),
            (false, _) => (ConfirmStep::Declined, AuditKind::ActionDeclined),
        };
        self.effects.push(Effect::Append(Entry::Confirm { confirm: Confirmation { step, ..confirm } }));
        self.audit(kind, detail);
        match step {
            ConfirmStep::Confirmed => {
                self.effects.push(Effect::Call { serial: open.serial });
                open.at = CallAt::Running { key };
                self.state.open.push(open);
            }
            ConfirmStep::Declined => self.refuse(&open.call, "The visitor said no."),
            _ => self.refuse(&open.call, "This was changed since the visitor was asked. Call it again."),
        }
        self.settle(now);
    }

    /// The visitor stopped the turn while actions were being carried out.
    pub(super) fn stopped(&mut self, now: Millis) {
        if !matches!(self.state.turn, Turn::Calling { .. }) {
            return;
        }
        self.withdraw();
        for open in std::mem::take(&mut self.state.open) {
            self.refuse(&open.call, "The visitor stopped this. It is not known whether it was done.");
        }
        self.interrupt(Interruption::Stopped, now);
    }

    /// Takes back every confirmation that the visitor did not answer: the conversation goes on, and nothing was done.
    pub(super) fn withdraw(&mut self) {
        for open in std::mem::take(&mut self.state.open) {
            if let CallAt::Confirming { confirm, .. } = open.at {
                let confirm = Confirmation { step: ConfirmStep::Withdrawn, ..confirm };
                self.effects.push(Effect::Append(Entry::Confirm { confirm }));
                let why = "The visitor did not answer the confirmation; nothing was done.";
                self.effects.push(Effect::Remember(result(&open.call, &json!({"error": why}))));
            } else {
                self.state.open.push(open);
            }
        }
    }

    /// Opens a call, to be checked.
    pub(super) fn open_call(&mut self, call: StoredCall, again: bool) {
        self.state.calls += 1;
        self.state.open.push(OpenCall { serial: self.state.calls, call, at: CallAt::Checking, again });
    }

    /// Goes on when no call is being checked or carried out any more: with the model, unless the visitor is to act.
    fn settle(&mut self, now: Millis) {
        let Turn::Calling { round, since } = self.state.turn else { return };
        if self.state.open.iter().any(|open| !matches!(open.at, CallAt::Confirming { .. })) {
            return;
        }
        if self.state.open.is_empty() && !self.is_blocked() {
            self.ask(round + 1, since, now);
        } else {
            self.end_turn(now);
        }
    }

    /// Whether a call of the model's newest answer waits for a login.
    fn is_blocked(&self) -> bool {
        self.state.blocked().any(|blocked| !blocked.told)
    }

    fn answer(&mut self, call: &StoredCall, content: &Value) {
        self.effects.push(Effect::Remember(result(call, content)));
    }

    fn refuse(&mut self, call: &StoredCall, why: &str) {
        self.answer(call, &json!({"error": why}));
    }

    fn complain(&mut self, call: &StoredCall, complaints: &[Complaint]) {
        let all: Vec<_> = complaints.iter().map(ToString::to_string).collect();
        self.refuse(call, &all.join(" "));
    }
}
