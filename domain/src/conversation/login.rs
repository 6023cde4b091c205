//! The login card's own steps: sending a code, taking a guess. Kept beside [`super::step`] because each is answered at
//! once and to the browser that asked, not to the conversation.

use shared::card::{Card, CardStep, Channel, CodeStep, Delivery, Method};
use shared::id::{CardId, ConversationId, SessionId};

use super::{Conversation, Pending};
use crate::agent::Agent;
use crate::challenge::code::Code;
use crate::challenge::{
    Binding, Challenge, Destination, IssueRefused, Outcome, Purpose, RESEND_AFTER_S, Refused, RefusedWhy, Reserved,
};
use crate::time::Millis;

/// Why no code is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartRefused {
    /// The card is not the current one.
    CardGone,
    /// The method is not allowed here.
    MethodOff,
    /// The person is known, and codes go to their own address alone.
    OtherAddress,
    /// Too early for another code.
    TooSoon {
        /// Seconds until one may be sent.
        retry_after_s: u32,
    },
}

/// What a start needs from outside.
pub struct Start<'a> {
    /// The conversation.
    pub conversation: &'a ConversationId,
    /// The session of the browser that asks.
    pub session: &'a SessionId,
    /// The card on which it acts.
    pub card: &'a CardId,
    /// How.
    pub method: Method,
    /// Where to.
    pub destination: Destination,
    /// What the code travels by.
    pub channel: Channel,
    /// The key under which codes are stored.
    pub pepper: &'a [u8; 32],
    /// The code, freshly drawn.
    pub code: &'a Code,
    /// A fresh id, used if a new challenge has to be opened.
    pub fresh: CardId,
    /// A fresh reference word, used likewise.
    pub reference: String,
}

impl Conversation {
    /// The open card, if it is this one.
    pub fn pending(&mut self, card: &CardId) -> Option<&mut Pending> {
        self.open_card_mut().filter(|pending| pending.card.id == *card)
    }

    /// Whether a start on this card could send a code now; asked before any budget is spent.
    ///
    /// # Errors
    /// As [`Conversation::start_code`].
    pub fn may_start(
        &mut self,
        agent: &Agent,
        card: &CardId,
        method: Method,
        destination: &Destination,
        now: Millis,
    ) -> Result<(), StartRefused> {
        let auth = &agent.customer_auth;
        let Some(pending) = self.pending(card) else { return Err(StartRefused::CardGone) };
        if !auth.enabled || !auth.methods.contains(&method) || !pending.card.methods.contains(&method) {
            return Err(StartRefused::MethodOff);
        }
        let fixed = match (method, destination) {
            (Method::EmailCode, Destination::Email { .. }) => pending.card.address.as_deref(),
            (Method::PhoneCode, Destination::Phone { .. }) => pending.card.phone.as_deref(),
            (Method::CollectionLookup, Destination::Record { .. }) => None,
            _ => return Err(StartRefused::MethodOff),
        };
        if fixed.is_some_and(|fixed| fixed != destination.as_str()) {
            return Err(StartRefused::OtherAddress);
        }
        // A challenge that is spent is replaced by a new one, but no sooner than another mail would have gone out.
        let resend_at = pending.challenge.as_ref().and_then(Challenge::resend_at).unwrap_or_default();
        match resend_at.since(now).div_ceil(1_000) {
            0 => Ok(()),
            wait => Err(StartRefused::TooSoon { retry_after_s: wait as u32 }),
        }
    }

    /// Issues a code and moves the card to its code step. The card's new form is given back.
    ///
    /// A challenge whose guesses are used up is replaced by a new one: the guesses of all challenges together are
    /// bounded per identity and per day by the limiter.
    ///
    /// # Errors
    /// [`StartRefused`]; nothing has changed then.
    pub fn start_code(&mut self, agent: &Agent, start: Start<'_>, now: Millis) -> Result<Card, StartRefused> {
        self.may_start(agent, start.card, start.method, &start.destination, now)?;
        let Some(pending) = self.pending(start.card) else { return Err(StartRefused::CardGone) };
        let life_ms = u64::from(agent.customer_auth.code_minutes.clamp(1, 10)) * 60_000;
        let binding = Binding {
            agent: agent.id.clone(),
            conversation: start.conversation.clone(),
            session: start.session.clone(),
            purpose: Purpose::Login,
            destination: start.destination.clone(),
        };
        // How the code for another record went out says nothing of this one.
        if pending.challenge.as_ref().is_none_or(|challenge| challenge.binding().destination != start.destination) {
            pending.reached = None;
        }
        let mut challenge = match pending.challenge.take() {
            Some(challenge) if challenge.is_open() && challenge.binding().session == *start.session => challenge,
            _ => Challenge::open(binding, start.fresh, start.reference),
        };
        let issued = challenge
            .redirect(start.destination.clone(), now)
            .and_then(|()| challenge.issue(start.pepper, start.code, now, life_ms));
        let reference = challenge.reference().to_owned();
        pending.challenge = Some(challenge);
        match issued {
            Ok(()) => {}
            Err(IssueRefused::TooSoon { retry_after_s }) => return Err(StartRefused::TooSoon { retry_after_s }),
            Err(IssueRefused::Spent) => return Err(StartRefused::CardGone),
        }
        pending.card.step = CardStep::Code(CodeStep {
            address: start.destination.as_str().to_owned(),
            channel: start.channel,
            instead_of: None,
            digits: start.code.expose().len() as u8,
            reference,
            resend_at: now.plus_s(RESEND_AFTER_S).rfc3339(),
            expires_at: now.plus_ms(life_ms).rfc3339(),
            // Of a look-up nothing else is ever said, whether there is such a record or not (R17).
            delivery: if start.channel == Channel::OnRecord { Delivery::Sent } else { Delivery::Sending },
        });
        Ok(pending.card.clone())
    }

    /// Notes what became of a message. Gives the card back when it changed.
    pub fn delivered(&mut self, card: &CardId, delivery: Delivery, now: Millis) -> Option<Card> {
        let pending = self.pending(card)?;
        let CardStep::Code(code) = &mut pending.card.step else { return None };
        if code.delivery == delivery || code.channel == Channel::OnRecord {
            return None;
        }
        code.delivery = delivery;
        if delivery == Delivery::Failed {
            // The visitor may try again at once: nothing arrived.
            code.resend_at = now.rfc3339();
            if let Some(challenge) = &mut pending.challenge {
                challenge.send_failed();
            }
        }
        Some(pending.card.clone())
    }

    /// The code travels by another channel, because one failed. A card of a look-up says nothing of it (R17). The card is
    /// changed when [`Conversation::delivered`] tells what became of it.
    pub fn travels_by(&mut self, card: &CardId, channel: Channel, instead_of: Option<Channel>) {
        let Some(pending) = self.pending(card) else { return };
        if let CardStep::Code(code) = &mut pending.card.step
            && code.channel != Channel::OnRecord
        {
            (code.channel, code.instead_of) = (channel, instead_of);
        }
    }

    /// Whether the card waits for a code that is alive: what else there is need not be delivered any more.
    pub fn awaits_code(&self, card: &CardId, now: Millis) -> bool {
        let pending = self.open_card().filter(|pending| pending.card.id == *card);
        let challenge = pending.and_then(|pending| pending.challenge.as_ref());
        challenge.is_some_and(|one| one.is_open() && one.expires_at().is_some_and(|end| now < end))
    }

    /// Issues another code, because the one that was sent did not arrive: what is stored of it does not give it back. It
    /// lives beside the first for a time of its own, and shares its guesses. The card is given back; it has changed unless
    /// it is a look-up's.
    ///
    /// `destination` is what the lost code was for. Nothing is issued when the card's codes are for another one by now: the
    /// fresh code would prove that one to whoever holds the phone of the first.
    pub fn issue_instead(
        &mut self,
        card: &CardId,
        destination: &Destination,
        pepper: &[u8; 32],
        code: &Code,
        life_ms: u64,
        now: Millis,
    ) -> Option<Card> {
        if !self.awaits_code(card, now) || self.destination(card) != Some(destination) {
            return None;
        }
        let pending = self.pending(card)?;
        let challenge = pending.challenge.as_mut()?;
        if let Destination::Record { .. } = destination {
            // Of somebody who was not found nothing is ever lost (R17).
            challenge.issue_unseen(pepper, code, now, life_ms).ok()?;
        } else {
            challenge.send_failed();
            challenge.issue(pepper, code, now, life_ms).ok()?;
        }
        if let CardStep::Code(step) = &mut pending.card.step
            && step.channel != Channel::OnRecord
        {
            step.delivery = Delivery::Sending;
            step.resend_at = now.plus_s(RESEND_AFTER_S).rfc3339();
            step.expires_at = now.plus_ms(life_ms).rfc3339();
        }
        Some(pending.card.clone())
    }

    /// Counts a guess before anything is compared. The caller stores the conversation before it goes on.
    ///
    /// # Errors
    /// Why the guess is not evaluated; the wire has one answer for all of them.
    pub fn reserve_guess(&mut self, card: &CardId, session: &SessionId) -> Result<Reserved, Refused> {
        let challenge = self.pending(card).and_then(|pending| pending.challenge.as_mut());
        challenge.ok_or(Refused { why: RefusedWhy::Used })?.reserve(session)
    }

    /// Compares the guess and consumes the code. The caller stores the conversation and, when accepted, goes on with
    /// [`super::Event::Proved`], with no await between.
    pub fn evaluate_guess(
        &mut self,
        card: &CardId,
        reserved: Reserved,
        pepper: &[u8; 32],
        typed: &str,
        now: Millis,
    ) -> Outcome {
        match self.pending(card).and_then(|pending| pending.challenge.as_mut()) {
            Some(challenge) => challenge.evaluate(reserved, pepper, typed, now),
            None => Outcome::Refused(Refused { why: RefusedWhy::Used }),
        }
    }

    /// Where the guess's code was sent, for the identity's budget.
    pub fn destination(&self, card: &CardId) -> Option<&Destination> {
        let pending = self.open_card().filter(|pending| pending.card.id == *card)?;
        pending.challenge.as_ref().map(|challenge| &challenge.binding().destination)
    }

    /// The open card, while nobody knows yet what became of its mail.
    pub fn sending(&self) -> Option<CardId> {
        let card = &self.open_card()?.card;
        match &card.step {
            CardStep::Code(code) if code.delivery == Delivery::Sending => Some(card.id.clone()),
            _ => None,
        }
    }

    /// What the open card's code travels by, and in place of what; of a card that has sent none nothing.
    pub fn channel(&self) -> Option<(Channel, Option<Channel>)> {
        match &self.open_card()?.card.step {
            CardStep::Code(code) => Some((code.channel, code.instead_of)),
            _ => None,
        }
    }

    /// Whether this card's code goes to what is on record: then nothing may tell where it went, or whether (R17).
    pub fn is_on_record(&self, card: &CardId) -> bool {
        matches!(self.destination(card), Some(Destination::Record { .. }))
    }

    /// How many digits a code typed now would have, when the card waits for one.
    pub fn awaited_digits(&self) -> Option<u8> {
        match &self.open_card()?.card.step {
            CardStep::Code(code) => Some(code.digits),
            CardStep::Match { digits } if *digits > 0 => Some(*digits),
            _ => None,
        }
    }
}
