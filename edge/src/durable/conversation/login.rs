//! Codes of the login card: one is sent, a guess is taken, the card is closed.

use std::rc::Rc;

use domain::audit::AuditKind;
use domain::challenge::{Destination, Outcome, Refused, RefusedWhy, code, reference};
use domain::conversation::Event;
use domain::conversation::login::{Start, StartRefused};
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::policy;
use shared::card::{Card, CardStep, Channel, Delivery, Method};
use shared::error::ErrorCode;
use shared::frame::Entry;
use shared::id::CardId;

use super::audit::detail;
use super::room::Room;
use super::send::{self, Became, Sending, Target};
use super::{ConversationReply, sign_in};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, peek, take};
use crate::durable::person::Proof;
use crate::failure::{Answer, Failure, Refusal};
use crate::random;

/// Digits of a code once an identity's daily guesses are used up (R8).
const LONG_DIGITS: u8 = 8;

/// A request for a code.
pub struct Asked {
    pub caller: Caller,
    pub card: CardId,
    pub method: Method,
    pub destination: Destination,
    pub channel: Option<Channel>,
    /// The client's address, as a key.
    pub client: String,
}

/// Sends a code: budgets first, then the code, then the message, which nobody waits for (R10).
pub async fn start(room: &Rc<Room>, asked: Asked) -> Answer<ConversationReply> {
    let (meta, mut state) = room.admit(&asked.caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    state.may_start(&agent, &asked.card, asked.method, &asked.destination, now()).map_err(refused)?;
    let target = target(&asked.destination).ok_or(ErrorCode::MethodOff)?;
    let channel = send::pick(&agent, &target, asked.channel).ok_or(ErrorCode::MethodOff)?;
    send::asking(room, &config, &agent.id, &target, &asked.client).await?;
    send::receiving(room, &config, &agent, &target, &asked.card).await?;
    let used_up =
        peek(&room.env, &config.master, &agent.id, Budget::GuessIdentity, asked.destination.as_str()).await.is_err();
    let wanted = agent.customer_auth.code_digits.clamp(6, 10);
    let digits = if used_up { wanted.max(LONG_DIGITS) } else { wanted };

    // From here to the stored state nothing waits: what was admitted above is admitted again.
    let (_, mut state) = room.admit(&asked.caller)?;
    let mut rng = random::rng();
    let code = code::draw(&mut rng, digits);
    let card = state
        .start_code(
            &agent,
            Start {
                conversation: &meta.conversation,
                session: &asked.caller.session,
                card: &asked.card,
                method: asked.method,
                destination: asked.destination,
                channel,
                pepper: &config.master.derive(&agent.id, Purpose::CodePepper),
                code: &code,
                fresh: random::card_id()?,
                reference: reference::draw(&mut rng),
            },
            now(),
        )
        .map_err(refused)?;
    room.store.put_state(&state)?;
    room.append(&state, Entry::Card { card: card.clone() })?;

    let (background, shown) = (Rc::clone(room), card.clone());
    room.state.wait_until(async move {
        let sending = Sending {
            agent: &agent,
            card: &shown.id,
            target: &target,
            channel,
            code: &code,
            reference: reference_of(&shown),
            may_fall_over: true,
        };
        let became = send::send(&background, &config, sending).await;
        if became.delivery == Delivery::Failed {
            send::give_back_failed(&background, &config, &agent.id, &target).await;
        }
        background.delivered(&shown.id, became);
    });
    Ok(ConversationReply::Card { card })
}

/// Where a code to this destination goes.
fn target(destination: &Destination) -> Option<Target> {
    match destination {
        Destination::Email { address } => Some(Target::Email { address: address.clone() }),
        Destination::Phone { number } => Some(Target::Phone { number: number.clone() }),
        Destination::Record { .. } => None,
    }
}

fn reference_of(card: &Card) -> &str {
    match &card.step {
        CardStep::Code(step) => &step.reference,
        _ => "",
    }
}

pub(super) fn refused(refused: StartRefused) -> Failure {
    match refused {
        StartRefused::CardGone => ErrorCode::CardGone.into(),
        StartRefused::MethodOff => ErrorCode::MethodOff.into(),
        StartRefused::OtherAddress => ErrorCode::BadAddress.into(),
        StartRefused::TooSoon { retry_after_s } => {
            Refusal { code: ErrorCode::TooOften, retry_after_s: Some(retry_after_s) }.into()
        }
    }
}

impl Room {
    /// Tells the card what became of its code, where nobody waits for that.
    pub fn delivered(self: &Rc<Self>, card: &CardId, became: Became) {
        if let Err(failure) = self.tell_delivery(card, became) {
            crate::failure::log("delivery_not_told", "", &format!("{failure:?}"));
        }
    }

    /// Writes down why a guess was refused: the trail alone knows, the wire has one answer.
    fn guess_refused(self: &Rc<Self>, why: RefusedWhy) -> Answer<ConversationReply> {
        self.note(&self.store.state()?, AuditKind::CodeRefused, &detail("why", why.as_str()))?;
        self.hand_over();
        Err(ErrorCode::CodeNotAccepted.into())
    }
}

/// Takes a guess: counted, then bounded for the identity, then compared, then consumed, then the person.
pub async fn verify(room: &Rc<Room>, caller: &Caller, card: &CardId, typed: &str) -> Answer<ConversationReply> {
    let (meta, mut state) = room.admit(caller)?;
    let Some(digits) = state.awaited_digits() else { return room.guess_refused(RefusedWhy::Used) };
    let destination = state.destination(card).cloned();
    let reserved = state.reserve_guess(card, &caller.session);
    // Stored before anything else happens, the refusals too.
    room.store.put_state(&state)?;
    let (reserved, destination) = match (reserved, destination) {
        (Ok(reserved), Some(destination)) => (reserved, destination),
        (Err(Refused { why }), _) => return room.guess_refused(why),
        (_, None) => return room.guess_refused(RefusedWhy::Used),
    };
    let config = Config::read(&room.env)?;
    // Read before the code is consumed: what fails now costs a guess, not the login.
    let (_, agent) = room.agent().await?;
    let agent_id = meta.conversation.agent()?;
    let budget = if digits >= LONG_DIGITS { Budget::GuessIdentityLong } else { Budget::GuessIdentity };
    if take(&room.env, &config.master, &agent_id, budget, destination.as_str()).await.is_err() {
        return room.guess_refused(RefusedWhy::Locked);
    }

    // Compared and consumed in one go. The address may have been changed meanwhile: then this guess was charged to another.
    let mut state = room.store.state()?;
    if state.destination(card) != Some(&destination) {
        return room.guess_refused(RefusedWhy::Foreign);
    }
    let pepper = config.master.derive(&agent_id, Purpose::CodePepper);
    let outcome = state.evaluate_guess(card, reserved, &pepper, typed, now());
    room.store.put_state(&state)?;
    #[cfg(feature = "dev")]
    room.store.count_evaluated()?;
    let proved = match outcome {
        Outcome::Accepted { destination } => destination,
        Outcome::Refused(Refused { why }) => return room.guess_refused(why),
    };
    let (identifier, method) = match proved {
        Destination::Email { address } => (Identifier::Email { address }, Method::EmailCode),
        Destination::Phone { number } => (Identifier::Phone { number }, Method::PhoneCode),
        Destination::Record { collection, key } => (Identifier::Record { collection, key }, Method::CollectionLookup),
    };
    if method != Method::EmailCode {
        send::verified(room, Config::read(&room.env)?, agent_id, card.clone());
    }
    let proof = Proof { identifier, method, assurance: policy::strength(&agent, method), at: now(), remembered: None };
    sign_in::complete(room, &config, &agent, caller, card, proof).await
}

/// Closes the card.
pub fn cancel(room: &Rc<Room>, caller: &Caller, card: &CardId) -> Answer<ConversationReply> {
    let (_, state) = room.admit(caller)?;
    if state.is_open(card) {
        room.apply(Event::CardClosed)?;
    }
    Ok(ConversationReply::Done)
}
