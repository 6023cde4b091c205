//! A card's window at a provider: opened, come back, matched. Kept beside [`super::step`] as codes are: each is answered at
//! once and to the browser that asked.

use shared::card::{Card, CardStep, Method};
use shared::id::{CardId, SessionId};

use super::Conversation;
use super::login::StartRefused;
use crate::agent::Agent;
use crate::challenge::code::Code;
use crate::challenge::{Refused, RefusedWhy};
use crate::oidc::window::{DIGITS, Place, Tried, Window, WindowEnded};
use crate::time::Millis;

impl Conversation {
    /// Whether a window to Google may be opened from this card now.
    ///
    /// # Errors
    /// [`StartRefused::CardGone`], [`StartRefused::MethodOff`].
    pub fn may_open_window(&self, agent: &Agent, card: &CardId) -> Result<(), StartRefused> {
        let open = self.open_card().filter(|open| open.card.id == *card).ok_or(StartRefused::CardGone)?;
        let auth = &agent.customer_auth;
        let is_on = auth.enabled && auth.google.is_some() && auth.methods.contains(&Method::Google);
        if is_on && open.card.methods.contains(&Method::Google) { Ok(()) } else { Err(StartRefused::MethodOff) }
    }

    /// Opens a window. An older one that is still away is nothing any more; one that came back waits on.
    ///
    /// # Errors
    /// As [`Conversation::may_open_window`]; nothing has changed then.
    pub fn open_window(&mut self, agent: &Agent, card: &CardId, window: Window) -> Result<(), StartRefused> {
        self.may_open_window(agent, card)?;
        self.pending(card).ok_or(StartRefused::CardGone)?.window = Some(window);
        Ok(())
    }

    /// Somebody came back in this window: once.
    ///
    /// # Errors
    /// [`WindowEnded`].
    pub fn window_back(&mut self, flow: &str, now: Millis) -> Result<(), WindowEnded> {
        let window = self.open_card_mut().and_then(|pending| pending.window.as_mut());
        window.ok_or(WindowEnded)?.come_back(flow, now)
    }

    /// The window of this flow, while its card is open.
    pub fn window(&self, flow: &str) -> Option<(&CardId, &Window)> {
        let pending = self.open_card()?;
        pending.window.as_ref().filter(|window| window.flow() == flow).map(|window| (&pending.card.id, window))
    }

    /// Who came back, sealed, and the code that the window shows, where it shows one. Gives the card, which now says how
    /// the chat is to go on.
    ///
    /// # Errors
    /// [`WindowEnded`] when the card or the window is over, or another took its place meanwhile.
    pub fn window_proved(
        &mut self,
        flow: &str,
        proof: String,
        code: Option<&Code>,
        pepper: &[u8; 32],
        place: Place<'_>,
        now: Millis,
    ) -> Result<Card, WindowEnded> {
        let pending = self.open_card_mut().filter(|pending| pending.card.id == *place.card).ok_or(WindowEnded)?;
        let window = pending.window.take_if(|window| window.flow() == flow);
        let mut window = window.ok_or(WindowEnded)?;
        window.proved(proof, code, pepper, place, now)?;
        pending.returned = Some(window);
        pending.card.step = CardStep::Match { digits: if code.is_some() { DIGITS } else { 0 } };
        Ok(pending.card.clone())
    }

    /// The window brought nothing: it is over, and another may be opened.
    pub fn window_failed(&mut self, flow: &str) {
        if let Some(pending) = self.open_card_mut()
            && pending.window.as_ref().is_some_and(|window| window.flow() == flow)
        {
            pending.window = None;
        }
    }

    /// Counts a try at the window's code. The caller stores the conversation before it goes on.
    ///
    /// # Errors
    /// Why it is not evaluated; the wire has one answer for all of them.
    pub fn reserve_match(&mut self, card: &CardId, session: &SessionId) -> Result<Tried, Refused> {
        let window = self.pending(card).and_then(|pending| pending.returned.as_mut());
        window.ok_or(Refused { why: RefusedWhy::Used })?.reserve(session)
    }

    /// Compares the window's code and takes the window. Gives the sealed proof and the flow that it is sealed for. The
    /// caller stores the conversation with no await between.
    ///
    /// # Errors
    /// Why it was not accepted.
    pub fn evaluate_match(
        &mut self,
        tried: &Tried,
        pepper: &[u8; 32],
        place: Place<'_>,
        typed: &str,
        now: Millis,
    ) -> Result<(String, String), Refused> {
        let used = Refused { why: RefusedWhy::Used };
        let pending = self.pending(place.card).ok_or(used)?;
        let window = pending.returned.as_ref().ok_or(used)?;
        let proof = window.evaluate(tried, pepper, place, typed, now)?.to_owned();
        let flow = window.flow().to_owned();
        pending.returned = None;
        Ok((flow, proof))
    }

    /// Whether the card waits for a code of a window that can no longer be typed: then another way is shown.
    pub fn match_ended(&self, card: &CardId, now: Millis) -> bool {
        self.open_card().is_some_and(|open| {
            let is_waiting = open.card.id == *card && matches!(open.card.step, CardStep::Match { .. });
            is_waiting && !open.returned.as_ref().is_some_and(|window| window.is_open(now))
        })
    }

    /// The card waits for no window any more and is where it began. Gives it when it changed.
    pub fn end_match(&mut self, card: &CardId) -> Option<Card> {
        let pending = self.pending(card)?;
        if !matches!(pending.card.step, CardStep::Match { .. }) {
            return None;
        }
        pending.card.step = CardStep::Address;
        Some(pending.card.clone())
    }
}
