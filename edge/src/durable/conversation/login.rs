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

use super::allowance::Allowance;
use super::audit::detail;
use super::room::Room;
use super::{ConversationReply, lookup, sign_in};
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, give_back};
use crate::durable::person::Proof;
use crate::failure::{Answer, Failure, Refusal};
use crate::mail::{self, CodeMail};
use crate::random;
use crate::within::within;

/// How long giving a budget back may take before the card is told without it, milliseconds.
const GIVE_BACK_MS: u64 = 2_000;

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

/// Sends a code: budgets first, then the code, then the mail, which nobody waits for (R10).
pub async fn start(room: &Rc<Room>, asked: Asked) -> Answer<ConversationReply> {
    if matches!(asked.destination, Destination::Record { .. }) {
        return lookup::start(room, asked).await;
    }
    let (meta, mut state) = room.admit(&asked.caller)?;
    let config = Config::read(&room.env)?;
    let (_, agent) = room.agent().await?;
    state.may_start(&agent, &asked.card, asked.method, &asked.destination, now()).map_err(refused)?;
    let Destination::Email { address } = asked.destination.clone() else { return Err(ErrorCode::MethodOff.into()) };
    let allowance = Allowance::of(&config, &agent.id, &asked.caller, &asked.destination);
    let budgets = [
        (Budget::EmailIp, asked.client.as_str()),
        (Budget::EmailConversation, meta.conversation.as_str()),
        allowance.gap(address.as_str()),
        allowance.recipient(address.as_str()),
    ];
    // Of a browser that proved the address before nothing is taken that strangers on its network can use up.
    room.take_all(&config, &agent.id, budgets.into_iter().skip(usize::from(allowance.is_own()))).await?;
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
                channel: asked.channel.unwrap_or_default(),
                pepper: &config.master.derive(&agent.id, Purpose::CodePepper),
                code: &code,
                fresh: random::card_id()?,
                reference: reference::draw(&mut rng),
            },
            now(),
        )
        .map_err(refused)?;
    room.put_stepped(before, &state, &card)?;

    let mail = CodeMail {
        agent: agent.name.clone(),
        to: address,
        code,
        reference: reference_of(&card),
        minutes: agent.customer_auth.code_minutes.clamp(1, 10),
        idempotency_key: format!("{}/{}", card.id, random::id22()?),
    };
    let (background, id) = (Rc::clone(room), card.id.clone());
    room.state.wait_until(async move {
        let to = mail.to.clone();
        let sent = mail::send(&background.env, &config, mail).await;
        if sent.is_err() {
            // The visitor may try again at once, so the minute between two mails must not run. The mail may have gone out
            // all the same: what the recipient is sent in an hour and a day stays counted.
            for (budget, key) in
                [(Budget::EmailConversation, meta.conversation.as_str()), allowance.gap(to.as_str())]
            {
                let given = give_back(&background.env, &config.master, &agent.id, budget, key);
                let _ = within(GIVE_BACK_MS, given).await;
            }
        }
        background.delivered(&id, sent.is_ok());
    });
    Ok(ConversationReply::Card { card })
}

pub(super) fn reference_of(card: &Card) -> String {
    match &card.step {
        CardStep::Code(step) => step.reference.clone(),
        _ => String::new(),
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
    /// Tells the card what became of its mail.
    pub fn delivered(self: &Rc<Self>, card: &CardId, sent: bool) {
        let told = || -> Answer<()> {
            let mut state = self.store.state()?;
            let (delivery, kind) = if sent {
                (Delivery::Sent, AuditKind::CodeSent)
            } else {
                (Delivery::Failed, AuditKind::CodeSendFailed)
            };
            self.note(&state, kind, &detail("method", "email_code"))?;
            if let Some(card) = state.delivered(card, delivery, now()) {
                self.store.put_state(&state)?;
                self.append(&state, Entry::Card { card })?;
            }
            self.hand_over();
            Ok(())
        };
        if let Err(failure) = told() {
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
    let allowance = Allowance::of(&config, &agent_id, caller, &destination);
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
