//! The form of a login action: what was typed goes to the company's API and nowhere else (M5, R18, R52 to R54).

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::action::answer::{self, LoginFault};
use domain::action::template::{self, Known};
use domain::action::value::Values;
use domain::action::{Action, Kind};
use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::identity::Identifier;
use domain::{limits, policy};
use serde_json::Value;
use shared::card::{Card, CardStep, Method};
use shared::error::ErrorCode;
use shared::frame::Entry;
use shared::id::CardId;

use super::audit::detail;
use super::room::Room;
use super::vault::Vault;
use super::{ConversationReply, sign_in};
use crate::action;
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, give_back};
use crate::durable::person::Proof;
use crate::failure::{Answer, Failure, log};
use crate::random;

/// The field of what the first step of a login leaves for the second, when it is sealed.
fn field(card: &CardId) -> String {
    format!("step/{card}")
}

/// Whose login it is, in what a step leaves for the next; no placeholder can name it.
const WHO: &str = "_who";

/// Likewise: the budgets of names that the steps before took, given back when somebody is proved.
const TAKEN: &str = "_taken";

/// A form that was filled.
pub struct Filled {
    pub caller: Caller,
    pub card: CardId,
    pub action: String,
    pub values: BTreeMap<String, String>,
    /// The client's address, as a key for budgets.
    pub client: String,
    /// The same, for the company's API.
    pub address: String,
}

/// What the steps before gave, by name.
type Step = BTreeMap<String, Value>;

/// Sends a filled form to the company's API: counted first, judged afterwards, nothing of it kept but what the mapping names.
pub async fn submit(room: &Rc<Room>, filled: Filled) -> Answer<ConversationReply> {
    room.admit(&filled.caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let action = expected(room, &filled, &agent)?;
    let values = match Values::from_form(&action.parameters, &filled.values) {
        Ok(values) => values,
        Err(complaints) => {
            let all: Vec<_> = complaints.iter().map(ToString::to_string).collect();
            return Ok(refused(Some(all.join(" "))));
        }
    };
    let steps = Steps { config: &config, agent: &agent, room };
    let Opened { step, sealed } = steps.before(&filled.card)?;
    let begins = policy::begins_login(&agent, &action.name);
    // Of a later step it is the first one's name: what is typed there is what would be guessed.
    let who = match step.get(WHO).and_then(Value::as_str) {
        Some(who) if !begins => who.to_owned(),
        _ => limits::login_key(&action.name, &values.login_name(&action.parameters)),
    };
    let name = format!("{}\n{who}", action.name);
    // The agent's last: whoever is stopped before uses up nothing of what everybody shares.
    let budgets =
        [(Budget::LoginIp, filled.client.as_str()), (Budget::LoginName, name.as_str()), (Budget::LoginAgent, "")];
    room.take_all(&config, &agent.id, budgets).await?;

    let uses = template::uses(action).map_err(|_| Failure::Internal(format!("{} is not set up", action.name)))?;
    let secrets = action::known_secrets(&room.env, &config, &agent.id, &uses).await?;
    let known = Known { context: &BTreeMap::new(), secrets: &secrets, step: &step };
    let prepared = match template::prepare(action, &values, &known, &action::allowed()) {
        Ok(prepared) => prepared,
        Err(unprepared) => {
            log("login_not_prepared", "", &format!("{} {}", action.name, action::why(&unprepared)));
            return Err(ErrorCode::Unavailable.into());
        }
    };
    let key = random::id22()?;
    let sent = action::send(&config, &agent.id, action, prepared, &key, Some(&filled.address)).await;
    let Ok(answered) = sent else { return Err(ErrorCode::Unavailable.into()) };

    // What was typed into a password field is never shown, nor kept, wherever the API puts it.
    let submitted = values.secrets(&action.parameters);
    let mut hidden: Vec<String> = secrets.values().cloned().collect();
    hidden.extend(submitted.iter().cloned());
    let verdict = answer::judge(action, &answered.read, &hidden);
    if let Kind::Login { next: Some(next), remembers, .. } = &action.kind {
        if !verdict.succeeded || answered.read.response.is_null() {
            return deny(room, action, verdict.failure, "condition");
        }
        let (mut given, faults) = answer::remember(remembers, &answered.read, &submitted);
        if let Some(fault) = faults.first() {
            log("login_step_mapping", "", &format!("{}: {fault}", action.name));
        }
        // What was typed may serve the next step too, but for secrets.
        let typed = action.parameters.iter().filter(|one| !one.is_secret());
        for parameter in typed {
            if let Some(text) = values.text(&parameter.name) {
                given.entry(parameter.name.clone()).or_insert(Value::String(text));
            }
        }
        // What the steps before gave goes along; a login that begins anew leaves it behind.
        let mut all = if begins { Step::new() } else { step };
        let mut taken = taken(&all);
        all.extend(given);
        // Nothing is given back yet: each first step may cost somebody a text message.
        taken.push(name);
        all.insert(WHO.to_owned(), Value::String(who));
        all.insert(TAKEN.to_owned(), taken.into_iter().collect());
        return steps.next_form(&filled, next, &all, sealed.as_ref());
    }
    let proved = match answer::prove(action, &answered.read, &submitted) {
        Ok(proved) => proved,
        Err(fault) => return deny(room, action, verdict.failure, reason(fault)),
    };
    let earlier = if begins { Vec::new() } else { taken(&step) };
    for name in earlier.iter().chain([&name]) {
        give_back_taken(room, &config, &agent, name).await;
    }
    let Kind::Login { proves, .. } = action.kind else { return Err(ErrorCode::MethodOff.into()) };
    let proof = Proof {
        identifier: Identifier::Account { action: action.name.clone(), user_id: proved.user_id },
        method: Method::LoginAction,
        assurance: proves,
        at: now(),
        remembered: Some(proved.remembered),
    };
    sign_in::complete(room, &config, &agent, &filled.caller, &filled.card, proof).await
}

/// The action whose form the open card shows now; any other is refused.
fn expected<'a>(room: &Room, filled: &Filled, agent: &'a Agent) -> Answer<&'a Action> {
    let (_, state) = room.admit(&filled.caller)?;
    let open = state.open_card().filter(|open| open.card.id == filled.card).ok_or(ErrorCode::CardGone)?;
    // The form that the card shows, or one with which a login begins: the visitor may go back.
    let next = matches!(&open.card.step, CardStep::Form { form } if form.action == filled.action);
    let shown = next || open.card.forms.iter().any(|form| form.action == filled.action);
    if !shown || !agent.customer_auth.enabled || !open.card.methods.contains(&Method::LoginAction) {
        return Err(ErrorCode::MethodOff.into());
    }
    policy::login_action(agent, &filled.action).ok_or_else(|| ErrorCode::MethodOff.into())
}

/// The budgets of names that the steps before took.
fn taken(step: &Step) -> Vec<String> {
    let names = step.get(TAKEN).and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Gives back what one step of a login took, now that somebody is proved: failures are bounded, not logins. What was asked
/// from one network stays counted. What cannot be given back is forgotten in time.
async fn give_back_taken(room: &Room, config: &Config, agent: &Agent, name: &str) {
    for (budget, key) in [(Budget::LoginName, name), (Budget::LoginAgent, "")] {
        if give_back(&room.env, &config.master, &agent.id, budget, key).await.is_err() {
            log("budget_not_given_back", "", budget.name());
        }
    }
}

fn refused(message: Option<String>) -> ConversationReply {
    ConversationReply::LoginRefused { message }
}

fn deny(room: &Rc<Room>, action: &Action, message: Option<String>, why: &str) -> Answer<ConversationReply> {
    let mut told = detail("action", &action.name);
    told.extend(detail("why", why));
    room.note(&room.store.state()?, AuditKind::LoginRefused, &told)?;
    room.hand_over();
    Ok(refused(message))
}

fn reason(fault: LoginFault) -> &'static str {
    match fault {
        LoginFault::NotJson => "not_json",
        LoginFault::Refused => "condition",
        LoginFault::NoUserId => "no_user_id",
        LoginFault::NotALogin => "not_a_login",
    }
}

/// What the steps before gave, and the sealed text that it was read from.
struct Opened {
    step: Step,
    sealed: Option<String>,
}

/// What the first step of a login leaves for the second: sealed, bound to the conversation and the card.
struct Steps<'a> {
    config: &'a Config,
    agent: &'a Agent,
    room: &'a Rc<Room>,
}

impl Steps<'_> {
    fn before(&self, card: &CardId) -> Answer<Opened> {
        let nothing = Opened { step: Step::new(), sealed: None };
        let (Some(meta), state) = (self.room.store.meta()?, self.room.store.state()?) else { return Ok(nothing) };
        let open = state.open_card().filter(|open| open.card.id == *card);
        let Some(sealed) = open.and_then(|open| open.carried.clone()) else { return Ok(nothing) };
        let step = Vault::of(self.config, &self.agent.id, &meta.conversation).open(&field(card), &sealed)?;
        Ok(Opened { step, sealed: Some(sealed) })
    }

    /// Moves the card to the form of the next step, if it is still the open one and nobody has moved it since `before` was
    /// read: what one login gave must not stand beside what another did.
    fn next_form(
        &self,
        filled: &Filled,
        next: &str,
        given: &Step,
        before: Option<&String>,
    ) -> Answer<ConversationReply> {
        let next = policy::login_action(self.agent, next)
            .ok_or_else(|| Failure::Internal("the next step of the login is missing".to_owned()))?;
        let (meta, mut state) = self.room.admit(&filled.caller)?;
        let sealed = Vault::of(self.config, &self.agent.id, &meta.conversation).seal(&field(&filled.card), given)?;
        let pending = state.pending(&filled.card).filter(|pending| pending.carried.as_ref() == before);
        let pending = pending.ok_or(ErrorCode::CardGone)?;
        pending.carried = Some(sealed);
        pending.card.step = CardStep::Form { form: policy::form(next) };
        let card: Card = pending.card.clone();
        self.room.store.put_state(&state)?;
        self.room.append(&state, Entry::Card { card: card.clone() })?;
        Ok(ConversationReply::Card { card })
    }
}
