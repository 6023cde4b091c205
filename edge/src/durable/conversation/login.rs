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
use shared::id::CardId;

use super::allowance::{Allowance, Message};
use super::audit::detail;
use super::room::Room;
use super::send::{self, Became, Sending, Target};
use super::{ConversationReply, lookup, sign_in};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::person::Proof;
use crate::failure::{Answer, Failure, Refusal};
use crate::random;

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
    if matches!(asked.destination, Destination::Record { .. }) {
        return lookup::start(room, asked).await;
    }
    let (meta, mut state) = room.admit(&asked.caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    state.may_start(&agent, &asked.card, asked.method, &asked.destination, now()).map_err(refused)?;
    let target = target(&asked.destination).ok_or(ErrorCode::MethodOff)?;
    let channel = send::pick(&agent, &target, asked.channel).ok_or(ErrorCode::MethodOff)?;
    let allowance = Allowance::of(room, &config, &agent.id, &asked.caller, &asked.destination).await;
    send::asking(room, &config, &agent.id, &target, (&asked.client, &allowance)).await?;
    send::receiving(room, &config, &agent, &target, &asked.card, (&allowance, Message::First)).await?;
    let digits = allowance.digits(room, &config, &agent, &asked.client).await?;

    // From here to the stored state nothing waits: what was admitted above is admitted again.
    let (_, mut state) = room.admit(&asked.caller)?;
    let before = state.state();
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
    room.put_stepped(before, &state, &card)?;

    let (background, shown) = (Rc::clone(room), card.clone());
    room.state.wait_until(async move {
        let sending = Sending {
            agent: &agent,
            card: &shown.id,
            target: &target,
            channel,
            code: &code,
            reference: reference_of(&shown),
            allowance: &allowance,
            may_fall_over: true,
        };
        let became = send::send(&background, &config, sending).await;
        if became.delivery == Delivery::Failed {
            send::give_back_failed(&background, &config, &agent.id, &target, &allowance).await;
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

pub(super) fn reference_of(card: &Card) -> &str {
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
    let allowance = Allowance::of(room, &config, &agent_id, caller, &destination).await;
    if !allowance.guess(room, &config, &agent_id, digits).await {
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
        Outcome::Refused(Refused { why }) => {
            room.failed(&config, &agent_id, why).await?;
            return room.guess_refused(why);
        }
    };
    let method = match &proved {
        Destination::Email { .. } => Method::EmailCode,
        Destination::Phone { .. } => Method::PhoneCode,
        Destination::Record { .. } => {
            let Some(proof) = lookup::prove(room, &config, &agent, (card, proved), &allowance).await? else {
                return room.guess_refused(RefusedWhy::Wrong);
            };
            return sign_in::complete(room, &config, &agent, caller, card, proof).await;
        }
    };
    if method == Method::PhoneCode {
        send::verified(room, Config::read(&room.env)?, agent_id, card.clone());
    }
    let assurance = policy::strength(&agent, method);
    let proof = Proof { identifier: Identifier::from(proved), method, assurance, at: now(), remembered: None };
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
