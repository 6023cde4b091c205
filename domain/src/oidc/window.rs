//! A window that went to a provider, as its conversation keeps it: it comes back once, and what it brought waits until it is
//! known to be the visitor's own (R33, R34).
//!
//! That somebody came back proves who is at the window, not who is at the chat: a start address may have been mailed. So the
//! result waits. Either the window brought back what only the chat's own browser was given, or the code that it shows is
//! typed into the chat. Asking again and again finishes nothing.

use serde::{Deserialize, Serialize};
use shared::id::{AgentId, CardId, ConversationId, SessionId};

use super::attempt::LIFE_S;
use crate::challenge::code::{self, Code};
use crate::challenge::{Refused, RefusedWhy};
use crate::mac::Tag;
use crate::time::Millis;

/// Digits of the code that the window shows.
pub const DIGITS: u8 = 6;
/// Tries to type it.
pub const MAX_TRIES: u8 = 5;
/// How long what came back waits, seconds.
pub const WAITS_S: u64 = 300;

/// A window on its way. Holds no code and, once sealed by the edge, nothing about the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Window {
    flow: String,
    session: SessionId,
    opened_at: Millis,
    at: At,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum At {
    /// Nobody has come back.
    Away,
    /// Somebody has, and the provider is asked who.
    Asking,
    /// Who, sealed.
    Back(Back),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Back {
    proof: String,
    /// The code's tag; none where the window showed that it is of the chat's own browser.
    code: Option<Tag>,
    tries: u8,
    until: Millis,
}

/// A window that is over, was replaced, or has come back before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowEnded;

/// A try that was counted.
#[derive(Debug)]
#[must_use = "a try was counted; store the conversation, then evaluate"]
pub struct Tried {
    flow: String,
}

/// What the code's tag is over, besides flow and session.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The agent.
    pub agent: &'a AgentId,
    /// The conversation.
    pub conversation: &'a ConversationId,
    /// The card.
    pub card: &'a CardId,
}

impl Window {
    /// Opens one.
    pub fn open(flow: String, session: SessionId, now: Millis) -> Self {
        Self { flow, session, opened_at: now, at: At::Away }
    }

    /// Which.
    pub fn flow(&self) -> &str {
        &self.flow
    }

    /// The session of the browser that opened it.
    pub fn session(&self) -> &SessionId {
        &self.session
    }

    /// Somebody came back. Once: stored before the provider is asked, so that of two answers one is looked at.
    ///
    /// # Errors
    /// [`WindowEnded`].
    pub fn come_back(&mut self, flow: &str, now: Millis) -> Result<(), WindowEnded> {
        let is_away = matches!(self.at, At::Away);
        if self.flow != flow || !is_away || now.since(self.opened_at) >= LIFE_S * 1000 {
            return Err(WindowEnded);
        }
        self.at = At::Asking;
        Ok(())
    }

    /// Who came back, sealed. `code` is what the window shows, none where it needs to show nothing.
    ///
    /// # Errors
    /// [`WindowEnded`].
    pub fn proved(
        &mut self,
        proof: String,
        code: Option<&Code>,
        pepper: &[u8; 32],
        place: Place<'_>,
        now: Millis,
    ) -> Result<(), WindowEnded> {
        if !matches!(self.at, At::Asking) {
            return Err(WindowEnded);
        }
        let code = code.map(|code| self.tag(pepper, place, code.expose()));
        self.at = At::Back(Back { proof, code, tries: 0, until: now.plus_s(WAITS_S) });
        Ok(())
    }

    /// Counts a try before anything is compared. The caller stores the conversation, then [`Window::evaluate`].
    ///
    /// # Errors
    /// [`Refused`] for another browser's session, which counts nothing; before anybody came back; when no try is left.
    pub fn reserve(&mut self, session: &SessionId) -> Result<Tried, Refused> {
        if *session != self.session {
            return Err(Refused { why: RefusedWhy::Foreign });
        }
        let At::Back(back) = &mut self.at else { return Err(Refused { why: RefusedWhy::Used }) };
        if back.tries >= MAX_TRIES {
            return Err(Refused { why: RefusedWhy::Locked });
        }
        back.tries += 1;
        Ok(Tried { flow: self.flow.clone() })
    }

    /// Compares, in constant time. Gives the sealed proof; the caller drops the window in the same block.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn evaluate(
        &self,
        tried: &Tried,
        pepper: &[u8; 32],
        place: Place<'_>,
        typed: &str,
        now: Millis,
    ) -> Result<&str, Refused> {
        let At::Back(back) = &self.at else { return Err(Refused { why: RefusedWhy::Used }) };
        let is_right = match &back.code {
            Some(code) => {
                // Nothing readable becomes the empty text, which no code is: it takes the same path and time.
                let typed = code::read(typed, DIGITS..=DIGITS).unwrap_or_default();
                bool::from(self.tag(pepper, place, &typed).is(code))
            }
            None => typed.is_empty(),
        };
        if tried.flow != self.flow {
            Err(Refused { why: RefusedWhy::Foreign })
        } else if now >= back.until {
            Err(Refused { why: RefusedWhy::Expired })
        } else if is_right {
            Ok(&back.proof)
        } else {
            Err(Refused { why: RefusedWhy::Wrong })
        }
    }

    /// Whether it can still become a login.
    pub fn is_open(&self, now: Millis) -> bool {
        match &self.at {
            At::Away | At::Asking => now.since(self.opened_at) < LIFE_S * 1000,
            At::Back(back) => back.tries < MAX_TRIES && now < back.until,
        }
    }

    fn tag(&self, pepper: &[u8; 32], place: Place<'_>, code: &str) -> Tag {
        let Place { agent, conversation, card } = place;
        let (agent, conversation, card) = (agent.as_str(), conversation.as_str(), card.as_str());
        let fields = [agent, conversation, self.session.as_str(), &self.flow, card, code];
        Tag::over(pepper, "window", &fields.map(str::as_bytes))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::{
        AgentId, CardId, Code, ConversationId, MAX_TRIES, Millis, Place, Refused, RefusedWhy, SessionId, Window,
        WindowEnded, code,
    };

    const NOW: Millis = Millis(1_795_262_400_000);
    const PEPPER: [u8; 32] = [5; 32];

    struct Here {
        agent: AgentId,
        conversation: ConversationId,
        card: CardId,
    }

    impl Here {
        fn place(&self) -> Place<'_> {
            Place { agent: &self.agent, conversation: &self.conversation, card: &self.card }
        }
    }

    fn here() -> Here {
        Here {
            agent: AgentId::parse("ag_x").unwrap(),
            conversation: ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            card: CardId::parse(&"C".repeat(22)).unwrap(),
        }
    }

    fn session(letter: &str) -> SessionId {
        SessionId::parse(&letter.repeat(22)).unwrap()
    }

    fn six(seed: u64) -> Code {
        code::draw(&mut StdRng::seed_from_u64(seed), 6)
    }

    fn away() -> Window {
        Window::open("flow".to_owned(), session("S"), NOW)
    }

    fn back(code: Option<&Code>) -> Window {
        let mut window = away();
        window.come_back("flow", NOW).unwrap();
        window.proved("sealed".to_owned(), code, &PEPPER, here().place(), NOW).unwrap();
        window
    }

    fn typed(window: &mut Window, typed: &str, at: Millis) -> Result<String, RefusedWhy> {
        let tried = window.reserve(&session("S")).map_err(|refused| refused.why)?;
        let proof = window.evaluate(&tried, &PEPPER, here().place(), typed, at);
        proof.map(str::to_owned).map_err(|refused| refused.why)
    }

    #[test]
    fn a_window_comes_back_once_and_in_time() {
        let mut window = away();
        assert_eq!(window.come_back("other", NOW), Err(WindowEnded));
        assert_eq!(window.come_back("flow", NOW.plus_minutes(10)), Err(WindowEnded));
        assert_eq!(window.come_back("flow", NOW.plus_ms(599_999)), Ok(()));
        assert_eq!(window.come_back("flow", NOW), Err(WindowEnded));
        assert!(away().proved("sealed".to_owned(), None, &PEPPER, here().place(), NOW).is_err());
    }

    #[test]
    fn nothing_is_finished_before_somebody_came_back() {
        let mut window = away();
        assert_eq!(typed(&mut window, "", NOW), Err(RefusedWhy::Used));
        window.come_back("flow", NOW).unwrap();
        assert_eq!(typed(&mut window, "", NOW), Err(RefusedWhy::Used));
    }

    #[test]
    fn the_code_that_the_window_shows_finishes_it_in_five_minutes() {
        let code = six(1);
        let spaced = format!(" {} {}", &code.expose()[..3], &code.expose()[3..]);
        assert_eq!(typed(&mut back(Some(&code)), &spaced, NOW), Ok("sealed".to_owned()));
        assert_eq!(typed(&mut back(Some(&code)), code.expose(), NOW.plus_ms(299_999)), Ok("sealed".to_owned()));
        assert_eq!(typed(&mut back(Some(&code)), code.expose(), NOW.plus_minutes(5)), Err(RefusedWhy::Expired));
        for wrong in ["", "0", "null", &code.expose()[1..], six(2).expose()] {
            assert_eq!(typed(&mut back(Some(&code)), wrong, NOW), Err(RefusedWhy::Wrong), "{wrong}");
        }
    }

    #[test]
    fn after_five_wrong_codes_the_right_one_is_refused() {
        let code = six(1);
        let mut window = back(Some(&code));
        for _ in 0..MAX_TRIES {
            assert!(window.is_open(NOW));
            assert_eq!(typed(&mut window, six(2).expose(), NOW), Err(RefusedWhy::Wrong));
        }
        assert!(!window.is_open(NOW));
        assert_eq!(typed(&mut window, code.expose(), NOW), Err(RefusedWhy::Locked));
    }

    #[test]
    fn a_window_of_the_chats_own_browser_needs_no_code_and_takes_none() {
        assert_eq!(typed(&mut back(None), "", NOW), Ok("sealed".to_owned()));
        assert_eq!(typed(&mut back(None), "123456", NOW), Err(RefusedWhy::Wrong));
    }

    #[test]
    fn another_browser_counts_nothing_and_gets_nothing() {
        let code = six(1);
        let mut window = back(Some(&code));
        for _ in 0..20 {
            assert_eq!(window.reserve(&session("T")).unwrap_err(), Refused { why: RefusedWhy::Foreign });
        }
        assert_eq!(typed(&mut window, code.expose(), NOW), Ok("sealed".to_owned()));
    }

    #[test]
    fn a_code_of_another_place_is_another_code() {
        let code = six(1);
        let mut window = back(Some(&code));
        let other = Here { card: CardId::parse(&"D".repeat(22)).unwrap(), ..here() };
        let tried = window.reserve(&session("S")).unwrap();
        assert!(window.evaluate(&tried, &PEPPER, other.place(), code.expose(), NOW).is_err());
        assert!(window.evaluate(&tried, &[6; 32], here().place(), code.expose(), NOW).is_err());
        assert!(window.evaluate(&tried, &PEPPER, here().place(), code.expose(), NOW).is_ok());
        assert!(!serde_json::to_string(&window).unwrap().contains(code.expose()));
    }
}
