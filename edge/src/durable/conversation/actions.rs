//! Actions that the model calls: what the asking session stands on is read from the person's object, the call is judged
//! again with the values at hand, written down, sent, and its answer handed to the domain.
//!
//! Invariant: of a call that may have an effect at most one request with the same key leaves this object, unless the API
//! said that nothing was done (R63).

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use domain::action::answer::{self, Verdict as Said};
use domain::action::template::{self, Known, Unprepared};
use domain::action::value::Values;
use domain::action::{Action, Kind};
use domain::agent::Agent;
use domain::assurance::Standing;
use domain::audit::AuditKind;
use domain::context;
use domain::conversation::calls::values;
use domain::conversation::{CallAt, Conversation, Event, Outcome, StoredCall, Turn};
use domain::policy::{self, Verdict};
use domain::time::Millis;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::frame::{Doing, Live};

use super::room::Room;
use super::store::Journaled;
use crate::action::{self, Answered, SendFault};
use crate::clock::now;
use crate::config::Config;
use crate::durable::person::{self, PersonReply};
use crate::failure::{Answer, log};
use crate::random;
use crate::within::within;

/// How long the person's object may take to say what the session stands on, milliseconds.
const PERSON_MS: u64 = 15_000;

/// Said of a call of which nobody knows whether it was done. It is not made again: that would be a second effect.
const UNKNOWN_OUTCOME: &str = "It is not known whether this was done: no answer came. Do not call it again. Tell the \
                               visitor to check, or to ask the company.";

/// Said when an action cannot be made as it is set up, or our side fails.
const FAILED: &str = "This could not be done now. Tell the visitor to try again later.";

/// What an action is filled with, and who asks.
struct Grant {
    standing: Option<Standing>,
    context: BTreeMap<String, Value>,
    version: u64,
}

impl Room {
    /// Finds out what the session stands on that asks, in the background, and lets the waiting calls be decided.
    pub fn check(self: &Rc<Self>) {
        let room = Rc::clone(self);
        self.state.wait_until(async move {
            room.guard().await;
            match room.checked().await {
                Ok(event) => room.apply_logged(event),
                Err(failure) => {
                    log("check_failed", "", &format!("{failure:?}"));
                    room.apply_logged(Event::Stopped);
                }
            }
        });
    }

    async fn checked(&self) -> Answer<Event> {
        let (meta, agent) = within(PERSON_MS, self.agent()).await??;
        let Grant { standing, .. } = self.grant(&agent, Vec::new()).await?;
        let state = self.store.state()?;
        let fresh = state.open.iter().map(|_| random::card_id()).collect::<worker::Result<Vec<_>>>()?;
        Ok(Event::Checked { conversation: meta.conversation, agent, standing, fresh })
    }

    /// Carries out open calls, in the background and side by side, and says so while it lasts.
    pub fn call(self: &Rc<Self>, calls: Vec<u64>) {
        let room = Rc::clone(self);
        self.state.wait_until(async move {
            room.guard().await;
            if let Ok(Ok((_, agent))) = within(PERSON_MS, room.agent()).await {
                room.tell_live(Live::Progress { doing: Some(Doing::Acting { names: room.acting(&agent, &calls) }) });
            }
            join_all(calls.iter().map(|serial| room.perform(*serial))).await;
        });
    }

    fn acting(&self, agent: &Agent, calls: &[u64]) -> Vec<String> {
        let state = self.store.state().unwrap_or_default();
        let title = |open: &domain::conversation::OpenCall| Some(agent.tool(&open.call.name)?.title.clone());
        let mut titles: Vec<_> =
            state.open.iter().filter(|open| calls.contains(&open.serial)).filter_map(title).collect();
        titles.dedup();
        titles
    }

    async fn perform(self: &Rc<Self>, serial: u64) {
        let left = self.store.state().map_or(0, |state| state.turn.left_ms(now()));
        let outcome = match within(left, self.outcome(serial)).await {
            Ok(Ok(Some(outcome))) => outcome,
            // It is over: stopped, or answered by somebody else.
            Ok(Ok(None)) => return,
            Ok(Err(failure)) => {
                log("action_failed", "", &format!("{failure:?}"));
                self.given_up(serial)
            }
            // The turn's time is over.
            Err(_) => self.given_up(serial),
        };
        self.apply_logged(Event::Called { serial, outcome });
    }

    /// What to say of a call that was given up: whether it may have left stands in the journal.
    fn given_up(&self, serial: u64) -> Outcome {
        let key = self.running(serial).ok().flatten().map(|(_, key)| key);
        match key.map(|key| self.store.journaled(&key)) {
            Some(Ok(None)) | None => error(FAILED),
            Some(Ok(Some(Journaled::Done(result)))) => Outcome::Answered(result),
            Some(Ok(Some(Journaled::Sent)) | Err(_)) => error(UNKNOWN_OUTCOME),
        }
    }

    /// The open call of this number and its key, while it is to be carried out.
    fn running(&self, serial: u64) -> Answer<Option<(StoredCall, String)>> {
        Ok(self.store.state()?.open.into_iter().find_map(|open| match open.at {
            CallAt::Running { key } if open.serial == serial => Some((open.call, key)),
            _ => None,
        }))
    }

    async fn outcome(&self, serial: u64) -> Answer<Option<Outcome>> {
        let (_, agent) = self.agent().await?;
        let config = Config::read(&self.env)?;
        let Some((call, key)) = self.running(serial)? else { return Ok(None) };
        let Some(action) = agent.tool(&call.name) else {
            return Ok(Some(error(policy::UNKNOWN)));
        };
        let Ok(values) = values(action, &call) else { return Ok(Some(error(FAILED))) };
        self.send(&config, &agent, action, serial, &values, &key).await
    }

    /// Sends the call; once more after the token was refreshed.
    async fn send(
        &self,
        config: &Config,
        agent: &Arc<Agent>,
        action: &Action,
        serial: u64,
        values: &Values,
        key: &str,
    ) -> Answer<Option<Outcome>> {
        let Ok(uses) = template::uses(action) else { return Ok(Some(error(FAILED))) };
        let secrets = action::known_secrets(&self.env, config, &agent.id, &uses).await?;
        let fields: Vec<String> = uses.context.iter().cloned().collect();
        // A public action has nothing of a person's.
        let granted = if matches!(action.kind, Kind::Private { .. }) { fields.clone() } else { Vec::new() };
        // A 401 is about the person only where something secret of theirs was sent.
        let sends_token = fields.iter().any(|field| answer::is_secret_field(field));
        for again in [false, true] {
            let grant = self.grant(agent, granted.clone()).await?;
            // The last question before it leaves, with what is true now (R47).
            let state = self.store.state()?;
            match policy::judge(agent, &state, grant.standing.as_ref(), action, now()) {
                Verdict::Allowed => {}
                Verdict::Login { .. } => return Ok(Some(Outcome::SignInAgain)),
                Verdict::Refused(why) => {
                    self.note(&state, AuditKind::ActionDenied, &outcome_detail(action, key, "refused"))?;
                    return Ok(Some(error(why)));
                }
            }
            let known = Known { context: &grant.context, secrets: &secrets, step: &BTreeMap::new() };
            let prepared = match template::prepare(action, values, &known, &action::allowed()) {
                Ok(prepared) => prepared,
                Err(Unprepared::MissingContext(_)) => return Ok(Some(Outcome::SignInAgain)),
                Err(unprepared) => {
                    log("action_not_prepared", "", &format!("{} {}", action.name, action::why(&unprepared)));
                    return Ok(Some(error(FAILED)));
                }
            };
            // Claimed before it leaves, in one breath with the look whether somebody stopped it: of two calls with one key
            // one leaves.
            if self.running(serial)?.is_none() {
                return Ok(None);
            }
            match self.store.journal_claim(key, &action.name, now())? {
                Some(Journaled::Done(result)) => return Ok(Some(Outcome::Answered(result))),
                Some(Journaled::Sent) if !action.may_repeat() => return Ok(Some(error(UNKNOWN_OUTCOME))),
                _ => {}
            }
            let begun = now();
            let sent = action::send(config, &agent.id, action, prepared, key, None).await;
            if let Ok(Answered { status: 401, .. }) = &sent
                && sends_token
            {
                self.store.unjournal(key)?;
                if again {
                    // The token was given out a moment ago: another one would fare no better.
                    return Ok(Some(error("The company's system does not accept the sign-in now. Try again later.")));
                }
                match self.refresh(agent, grant.version).await? {
                    PersonReply::Refreshed { .. } => continue,
                    PersonReply::NotRefreshed { login: false } => return Ok(Some(error(FAILED))),
                    _ => return Ok(Some(Outcome::SignInAgain)),
                }
            }
            let mut hidden: Vec<String> = secrets.values().cloned().collect();
            let secret = grant.context.iter().filter(|(name, _)| answer::is_secret_field(name));
            hidden.extend(secret.filter_map(|(_, value)| context::text(value)));
            return self.ended(action, (key, begun), sent, &hidden).map(Some);
        }
        Ok(Some(Outcome::SignInAgain))
    }

    /// Writes down what became of it, and says it to the model.
    fn ended(
        &self,
        action: &Action,
        (key, begun): (&str, Millis),
        sent: core::result::Result<Answered, SendFault>,
        hidden: &[String],
    ) -> Answer<Outcome> {
        let (word, content) = match sent {
            Ok(answered) => {
                let said = answer::judge(action, &answered.read, hidden);
                let content = told(&said, answered.status);
                if said.succeeded {
                    self.store.journal_done(key, &content)?;
                    ("done", content)
                } else if action.may_repeat() || says_no(answered.status, &said) {
                    // The API said that it was not done: it may be tried again.
                    self.store.unjournal(key)?;
                    ("failed", content)
                } else {
                    // Something between here and there failed, perhaps after it was done.
                    ("unknown", json!({"error": UNKNOWN_OUTCOME}))
                }
            }
            Err(SendFault::NotSent(_)) => {
                self.store.unjournal(key)?;
                ("not_sent", json!({"error": FAILED}))
            }
            Err(SendFault::Unknown(_)) if action.may_repeat() => {
                ("unknown", json!({"error": "The company's system did not answer in time. It may be tried once more."}))
            }
            Err(SendFault::Unknown(_)) => ("unknown", json!({"error": UNKNOWN_OUTCOME})),
        };
        let mut told = outcome_detail(action, key, word);
        told.insert("took".to_owned(), format!("{} ms", now().since(begun)));
        self.note(&self.store.state()?, AuditKind::ActionCalled, &told)?;
        Ok(Outcome::Answered(content))
    }

    /// What the asking session stands on, and the values of these fields.
    async fn grant(&self, agent: &Agent, fields: Vec<String>) -> Answer<Grant> {
        let nobody = Grant { standing: None, context: BTreeMap::new(), version: 0 };
        let state = self.store.state()?;
        let (Some(owner), Some(session)) = (state.person(), &state.asker) else { return Ok(nobody) };
        let asked = person::Act::Grant { session: session.clone(), fields };
        Ok(match within(PERSON_MS, person::tell(&self.env, &agent.id, owner, asked)).await?? {
            PersonReply::Granted { standing, values, version } => {
                Grant { standing: Some(standing), context: values, version }
            }
            _ => nobody,
        })
    }

    /// Has the person's token refreshed, or dropped where it cannot be.
    async fn refresh(&self, agent: &Agent, version: u64) -> Answer<PersonReply> {
        let state = self.store.state()?;
        let owner = state.person().ok_or(shared::error::ErrorCode::SignedOut)?;
        within(PERSON_MS, person::tell(&self.env, &agent.id, owner, person::Act::Refresh { version })).await?
    }

    /// As if so many calls had been refused for the token that the person has now.
    #[cfg(feature = "dev")]
    pub async fn refuse_token(&self, times: u32) -> Answer<super::ConversationReply> {
        let (_, agent) = self.agent().await?;
        let state = self.store.state()?;
        let (Some(owner), Some(session)) = (state.person(), &state.asker) else {
            return Err(shared::error::ErrorCode::SignedOut.into());
        };
        let asked = person::Act::Grant { session: session.clone(), fields: Vec::new() };
        let PersonReply::Granted { version, .. } = person::tell(&self.env, &agent.id, owner, asked).await? else {
            return Err(shared::error::ErrorCode::SignedOut.into());
        };
        for outcome in join_all((0..times).map(|_| self.refresh(&agent, version))).await {
            outcome?;
        }
        Ok(super::ConversationReply::Done)
    }

    /// Takes up what the end of the last process cut off: calls that had left are not made again.
    pub fn take_up_calls(self: &Rc<Self>, state: &Conversation) {
        if !matches!(state.turn, Turn::Calling { .. }) {
            return;
        }
        let running = |open: &domain::conversation::OpenCall| matches!(open.at, CallAt::Running { .. });
        let calls: Vec<_> = state.open.iter().filter(|open| running(open)).map(|open| open.serial).collect();
        if state.open.iter().any(|open| open.at == CallAt::Checking) {
            self.check();
        }
        if !calls.is_empty() {
            self.call(calls);
        }
    }
}

/// Whether an answer says that nothing was done: a request that was refused, or a condition that could be read and is
/// false. A redirect, a server's error or an answer of another shape says nothing.
fn says_no(status: u16, said: &Said) -> bool {
    match status {
        408 | 425 => false,
        400..500 => true,
        200..300 => !said.faults.iter().any(|fault| fault.starts_with("success")),
        _ => false,
    }
}

fn error(why: &str) -> Outcome {
    Outcome::Answered(json!({"error": why}))
}

/// What the model reads of an answer: what the action shows when it was done, the API's own words when it was not.
fn told(said: &Said, status: u16) -> Value {
    if said.succeeded {
        return json!({"status": "done", "result": said.shows});
    }
    let words = said.failure.clone().unwrap_or_else(|| "The company's system did not do it.".to_owned());
    json!({"error": words, "status_code": status})
}

fn outcome_detail(action: &Action, key: &str, outcome: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("action".to_owned(), action.name.clone()),
        ("outcome".to_owned(), outcome.to_owned()),
        // Enough to find the call at the company's, which has the whole key.
        ("key".to_owned(), key.chars().take(12).collect()),
    ])
}
