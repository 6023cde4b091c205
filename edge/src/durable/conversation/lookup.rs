//! Looking a visitor up in a collection: with a code to the phone or email on record, or without one (M6, R10, R17).
//!
//! With a code nothing that is answered, sent or counted where the client can see it depends on whether there is such a
//! record: the look and the message happen in the background, and what came of them is sealed until the code is proved.

use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use domain::agent::{Agent, LookupSettings};
use domain::audit::AuditKind;
use domain::challenge::code::{self, Code};
use domain::challenge::{Destination, reference};
use domain::conversation::login::Start;
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::lookup::{self, Found, Reached};
use domain::phone::PhoneNumber;
use domain::policy;
use rand::Rng as _;
use shared::card::{Card, Channel, Method};
use shared::error::ErrorCode;
use shared::id::{CardId, ConversationId};
use worker::Delay;

use super::allowance::{Allowance, Message};
use super::audit::detail;
use super::login::{Asked, reference_of, refused};
use super::room::Room;
use super::send::{self, Sending, Target};
use super::vault::Vault;
use super::{ConversationReply, sign_in};
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, give_back, take};
use crate::durable::person::{self, Proof};
use crate::failure::{Answer, log};
use crate::random;
use crate::store::records;

/// How long the look-up itself waits, milliseconds: by then the answer has left. Begun at once, it competes with the answer for
/// the same thread, and a hit's work is longer than a miss's. Drawn anew each time, so that nobody can wait for it either.
const HEAD_START_MS: RangeInclusive<u64> = 150..=450;

/// The field of what is sealed with the challenge: bound to the card.
fn field(card: &CardId) -> String {
    format!("reached/{card}")
}

/// Looks the visitor up: counted first, whether there is such a record or not.
pub async fn start(room: &Rc<Room>, asked: Asked) -> Answer<ConversationReply> {
    let (meta, mut state) = room.admit(&asked.caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    let settings = agent.customer_auth.lookup.clone().ok_or(ErrorCode::MethodOff)?;
    let (asked, key) = keyed(asked, &settings)?;
    state.may_start(&agent, &asked.card, asked.method, &asked.destination, now()).map_err(refused)?;
    let allowance = Allowance::of(room, &config, &agent.id, &asked.caller, &asked.destination).await;
    if !allowance.is_own() {
        room.take_all(&config, &agent.id, [(Budget::LookupIp, asked.client.as_str())]).await?;
    }
    let looked = Looked { room: Rc::clone(room), config, agent, settings, key, allowance };
    let lookups = looked.allowance.lookups(meta.conversation.as_str());
    if !looked.settings.require_code {
        room.take_all(&looked.config, &looked.agent.id, lookups).await?;
        return looked.sign_in(&asked).await;
    }
    // The record's own, under what was typed: the same whether there is one or not.
    let shared = looked.allowance.shared();
    let sends = [looked.allowance.gap(shared)].into_iter().chain(looked.allowance.recipient(shared));
    room.take_all(&looked.config, &looked.agent.id, sends.chain(lookups)).await?;
    let digits = looked.allowance.digits(room, &looked.config, &looked.agent, &asked.client).await?;

    // From here to the stored state nothing waits: what was admitted above is admitted again.
    let (_, mut state) = room.admit(&asked.caller)?;
    let before = state.state();
    let mut rng = random::rng();
    let code = code::draw(&mut rng, digits);
    let card = state
        .start_code(
            &looked.agent,
            Start {
                conversation: &meta.conversation,
                session: &asked.caller.session,
                card: &asked.card,
                method: asked.method,
                destination: asked.destination,
                channel: Channel::OnRecord,
                pepper: &looked.config.master.derive(&looked.agent.id, Purpose::CodePepper),
                code: &code,
                fresh: random::card_id()?,
                reference: reference::draw(&mut rng),
            },
            now(),
        )
        .map_err(refused)?;
    room.put_stepped(before, &state, &card)?;
    let told = card.clone();
    room.state.wait_until(async move {
        Delay::from(Duration::from_millis(random::rng().random_range(HEAD_START_MS))).await;
        if let Err(failure) = looked.reach(&told, code).await {
            log("lookup_failed", "", &format!("{failure:?}"));
        }
    });
    Ok(ConversationReply::Card { card })
}

/// What was asked for, of the collection that the settings name: the client names none.
fn keyed(asked: Asked, settings: &LookupSettings) -> Answer<(Asked, String)> {
    let Destination::Record { key, .. } = &asked.destination else { return Err(ErrorCode::MethodOff.into()) };
    let key = key.clone();
    let destination = Destination::Record { collection: settings.collection.clone(), key: key.clone() };
    Ok((Asked { destination, ..asked }, key))
}

/// A look-up.
struct Looked {
    room: Rc<Room>,
    config: Config,
    agent: Arc<Agent>,
    settings: LookupSettings,
    key: String,
    allowance: Allowance,
}

impl Looked {
    async fn found(&self) -> Answer<Option<Found>> {
        let LookupSettings { collection, field, .. } = &self.settings;
        let rows = records::by_key(&self.room.env, &self.agent.id, collection, field, &self.key).await?;
        Ok(lookup::found(&self.settings, &self.key, &rows))
    }

    fn identifier(&self) -> Identifier {
        Identifier::Record { collection: self.settings.collection.clone(), key: self.key.clone() }
    }

    /// Without a code: whoever knows the value is let in as somebody who was looked up, and as no more.
    async fn sign_in(self, asked: &Asked) -> Answer<ConversationReply> {
        let found = self.found().await?;
        let conversation = self.room.store.meta()?.ok_or(ErrorCode::SignedOut)?.conversation;
        let Some(found) = found else {
            self.room.note(&self.room.store.state()?, AuditKind::LoginRefused, &detail("why", "no_record"))?;
            self.room.hand_over();
            return Ok(ConversationReply::LoginRefused { message: None });
        };
        give_lookups_back(&self.room, &self.config, &self.agent.id, &self.allowance, &conversation).await;
        let proof = Proof {
            identifier: self.identifier(),
            method: Method::CollectionLookup,
            assurance: policy::strength(&self.agent, Method::CollectionLookup),
            at: now(),
            remembered: None,
        };
        tell_person(&self.room, &self.config, &self.agent, &proof.identifier, None, found.name).await?;
        sign_in::complete(&self.room, &self.config, &self.agent, &asked.caller, &asked.card, proof).await
    }

    /// Looks, and sends the code to whom it found. What follows from a hit and from a miss takes the same steps as far as
    /// there is anybody to send to.
    async fn reach(self, card: &Card, code: Code) -> Answer<()> {
        let way = self.found().await?.and_then(|found| way(&self.agent, found));
        let may = self.may_receive(way.as_ref().map(|(target, _)| target), &card.id).await;
        let to = way.as_ref().filter(|_| may).map(|(target, _)| destination(target));
        let reached = Reached { collection: self.settings.collection.clone(), key: self.key.clone(), to };
        self.keep(&card.id, &reached, may)?;
        let (Some((target, channel)), true) = (way, may) else {
            return self.note(AuditKind::CodeSendFailed, if may { "no_record" } else { "too_often" });
        };
        let sending = Sending {
            agent: &self.agent,
            card: &card.id,
            target: &target,
            channel,
            code: &code,
            reference: reference_of(card),
            allowance: &self.allowance,
            may_fall_over: true,
        };
        let became = send::send(&self.room, &self.config, sending).await;
        self.room.tell_delivery(&card.id, became)
    }

    /// Takes the budgets of whoever receives the code: a look-up is no way to send more to them. Where nobody is, nobody's.
    async fn may_receive(&self, target: Option<&Target>, card: &CardId) -> bool {
        if let Some(target) = target {
            let budgets = (&self.allowance, Message::LookedUp);
            return send::receiving(&self.room, &self.config, &self.agent, target, card, budgets).await.is_ok();
        }
        let nobody = format!("nobody\n{}", self.allowance.shared());
        let mut may = true;
        for budget in [Budget::EmailGap, Budget::EmailRecipient] {
            may &= take(&self.room.env, &self.config.master, &self.agent.id, budget, &nobody).await.is_ok();
        }
        may
    }

    fn note(&self, kind: AuditKind, why: &str) -> Answer<()> {
        let mut told = detail("method", "collection_lookup");
        told.extend(detail("why", why));
        self.room.note(&self.room.store.state()?, kind, &told)?;
        self.room.hand_over();
        Ok(())
    }

    /// Keeps how the code went out, with the challenge that it belongs to. Where it did not go out because too many did,
    /// an earlier one that is on its way stays good.
    fn keep(&self, card: &CardId, reached: &Reached, may: bool) -> Answer<()> {
        let Some(meta) = self.room.store.meta()? else { return Ok(()) };
        let sealed = Vault::of(&self.config, &self.agent.id, &meta.conversation).seal(&field(card), reached)?;
        let mut state = self.room.store.state()?;
        let Some(pending) = state.pending(card) else { return Ok(()) };
        if may || pending.reached.is_none() {
            pending.reached = Some(sealed);
        }
        self.room.store.put_state(&state)
    }
}

/// Where the code of a look-up goes: to the phone on record where the agent sends to phones and serves that number, else to
/// the email on record.
fn way(agent: &Agent, found: Found) -> Option<(Target, Channel)> {
    let settings = agent.customer_auth.phone.as_ref();
    let served = |number: &PhoneNumber| settings.is_some_and(|phone| lookup::is_served(number, &phone.countries));
    let phone = found.phone.filter(served).map(|number| Target::Phone { number });
    let email = found.email.map(|address| Target::Email { address });
    let mut ways = [phone, email].into_iter().flatten();
    ways.find_map(|target| send::pick(agent, &target, None).map(|channel| (target, channel)))
}

fn destination(target: &Target) -> Destination {
    match target {
        Target::Email { address } => Destination::Email { address: address.clone() },
        Target::Phone { number } => Destination::Phone { number: number.clone() },
    }
}

/// What follows from a code that was right: who it proves, and how strongly. None where the code went to nobody, which a
/// guess may hit as any other.
pub async fn prove(
    room: &Rc<Room>,
    config: &Config,
    agent: &Agent,
    (card, destination): (&CardId, Destination),
    allowance: &Allowance,
) -> Answer<Option<Proof>> {
    let Some(to) = opened(room, config, agent, card, &destination)? else { return Ok(None) };
    let assurance = lookup::strength(&to, policy::strength(agent, Method::CollectionLookup));
    let identifier = Identifier::from(destination);
    let name = match (&identifier, &agent.customer_auth.lookup) {
        (Identifier::Record { key, .. }, Some(settings)) => {
            let LookupSettings { collection, field, .. } = settings;
            let rows = records::by_key(&room.env, &agent.id, collection, field, key).await?;
            // Gone or doubled since the code went out: nobody's any more.
            let Some(found) = lookup::found(settings, key, &rows) else { return Ok(None) };
            found.name
        }
        _ => return Ok(None),
    };
    let Some(meta) = room.store.meta()? else { return Ok(None) };
    give_lookups_back(room, config, &agent.id, allowance, &meta.conversation).await;
    if matches!(to, Destination::Phone { .. }) {
        send::verified(room, Config::read(&room.env)?, agent.id.clone(), card.clone());
    }
    tell_person(room, config, agent, &identifier, Some(to), name).await?;
    Ok(Some(Proof { identifier, method: Method::CollectionLookup, assurance, at: now(), remembered: None }))
}

fn opened(
    room: &Room,
    config: &Config,
    agent: &Agent,
    card: &CardId,
    destination: &Destination,
) -> Answer<Option<Destination>> {
    let (Some(meta), mut state) = (room.store.meta()?, room.store.state()?) else { return Ok(None) };
    let Some(sealed) = state.pending(card).and_then(|pending| pending.reached.clone()) else { return Ok(None) };
    let reached: Reached = Vault::of(config, &agent.id, &meta.conversation).open(&field(card), &sealed)?;
    Ok(reached.of(destination))
}

/// Somebody was proved: failures are bounded, not logins. What was asked from one network stays counted.
async fn give_lookups_back(
    room: &Room,
    config: &Config,
    agent: &shared::id::AgentId,
    allowance: &Allowance,
    conversation: &ConversationId,
) {
    for (budget, key) in allowance.lookups(conversation.as_str()) {
        if give_back(&room.env, &config.master, agent, budget, key).await.is_err() {
            log("budget_not_given_back", "", budget.name());
        }
    }
}

/// Says to the person's object what the look-up is worth before the session opens: an address or number on record is the
/// person's own where the code went there, and nowhere else.
async fn tell_person(
    room: &Room,
    config: &Config,
    agent: &Agent,
    identifier: &Identifier,
    to: Option<Destination>,
    name: Option<String>,
) -> Answer<()> {
    let whose = identifier.person(&config.master.derive(&agent.id, Purpose::Identity));
    person::tell(&room.env, &agent.id, &whose, person::Act::Reached { to, name }).await?;
    Ok(())
}
