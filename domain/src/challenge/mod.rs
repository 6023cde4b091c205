//! The one recipe for one-time codes (R1 to R8): what may be issued, and what is accepted.
//!
//! A [`Challenge`] is one login attempt, bound to agent, conversation, browser session, purpose and destination. An
//! answer is checked in two synchronous steps so that the caller can store the count before anything is compared:
//! [`Challenge::reserve`] counts, [`Challenge::evaluate`] compares and consumes. There is nothing to await in either:
//! measured, one await between reading and writing the counter let 200 of 200 concurrent guesses through.

pub mod code;
mod destination;
pub mod reference;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use shared::id::{AgentId, CardId, ConversationId, SessionId};
use subtle::Choice;

pub use self::destination::Destination;
use crate::challenge::code::Code;
use crate::mac::Tag;
use crate::time::Millis;

/// Answers that are evaluated in the whole life of a challenge, however often a code is sent again.
pub const MAX_ATTEMPTS: u8 = 5;
/// Seconds between two sends.
pub const RESEND_AFTER_S: u64 = 60;
/// The longest life of a code, minutes.
pub const MAX_LIFE_MINUTES: u64 = 10;
/// Codes that can be alive at once: a first mail that comes late still works after a second was asked for.
pub const MAX_CODES: usize = 2;

/// What accepting a code allows. Codes of one purpose are nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signing in in a conversation.
    Login,
}

/// What a challenge belongs to. Each field goes into the stored tag of every code, so that a code moved to any other
/// agent, conversation, browser, purpose or address is another code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The agent.
    pub agent: AgentId,
    /// The conversation in which the card stands.
    pub conversation: ConversationId,
    /// The browser's session when the code was asked for: `sid` of its cookie.
    pub session: SessionId,
    /// What for.
    pub purpose: Purpose,
    /// Where the code goes.
    pub destination: Destination,
}

/// A code as it is stored: its tag, never itself (R2).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct IssuedCode {
    mac: Tag,
    issued_at: Millis,
    expires_at: Millis,
    digits: u8,
}

/// One login attempt. Serialized, it is what the conversation stores; it holds no code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Challenge {
    id: CardId,
    binding: Binding,
    attempts: u8,
    codes: Vec<IssuedCode>,
    sends: u8,
    last_sent_at: Option<Millis>,
    consumed: bool,
    reference: String,
}

/// Why no code is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueRefused {
    /// The last one went out less than [`RESEND_AFTER_S`] ago.
    TooSoon {
        /// Seconds until the next one may go out, at least 1.
        retry_after_s: u32,
    },
    /// The challenge was used or its attempts are: a new card is needed.
    Spent,
}

/// A counted attempt that has not been evaluated. Made by [`Challenge::reserve`] alone, used up by
/// [`Challenge::evaluate`].
#[derive(Debug)]
#[must_use = "an attempt was counted; store the challenge, then evaluate"]
pub struct Reserved {
    challenge: CardId,
    attempt: u8,
}

/// An answer that was not accepted. The wire says `code_not_accepted` whatever the reason (R10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// For the audit alone.
    pub why: RefusedWhy,
}

/// Why an answer was not accepted. For the audit; no client learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedWhy {
    /// From another browser session, or with another challenge's reservation.
    Foreign,
    /// All attempts are used.
    Locked,
    /// No code of this challenge.
    Wrong,
    /// A code of this challenge whose life is over.
    Expired,
    /// A code was accepted before.
    Used,
}

impl RefusedWhy {
    /// The reason as a word for the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Locked => "locked",
            Self::Wrong => "wrong",
            Self::Expired => "expired",
            Self::Used => "used",
        }
    }
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The code was right; the challenge is consumed. Store that before acting on it.
    Accepted {
        /// What is now proved.
        destination: Destination,
    },
    /// It was not.
    Refused(Refused),
}

impl Challenge {
    /// Opens a challenge. No code exists until [`Challenge::issue`]. `id` is the card's, `reference` the word on it.
    pub fn open(binding: Binding, id: CardId, reference: String) -> Self {
        Self { id, binding, attempts: 0, codes: Vec::new(), sends: 0, last_sent_at: None, consumed: false, reference }
    }

    /// Whether a code may be issued now. Ask before drawing a code, counting it elsewhere, or [`Challenge::redirect`].
    pub fn may_issue(&self, now: Millis) -> Result<(), IssueRefused> {
        if !self.is_open() {
            return Err(IssueRefused::Spent);
        }
        let waited = self.last_sent_at.map_or(u64::MAX, |last| now.since(last));
        let left = (RESEND_AFTER_S * 1000).saturating_sub(waited);
        if left == 0 { Ok(()) } else { Err(IssueRefused::TooSoon { retry_after_s: left.div_ceil(1000) as u32 }) }
    }

    /// Takes a freshly drawn code into the challenge; `life_ms` is held to [`MAX_LIFE_MINUTES`].
    ///
    /// The newest [`MAX_CODES`] codes stay, each with its own end. Attempts are never given back (R6).
    ///
    /// # Errors
    /// [`IssueRefused`]; the challenge is unchanged then.
    pub fn issue(&mut self, pepper: &[u8; 32], code: &Code, now: Millis, life_ms: u64) -> Result<(), IssueRefused> {
        self.may_issue(now)?;
        let life_ms = life_ms.min(MAX_LIFE_MINUTES * 60_000);
        let digits = code.expose().len() as u8;
        let mac = self.tag(pepper, code.expose());
        // Codes get longer when too many were guessed at: a shorter one must not stay beside a longer one (R8).
        self.codes.retain(|older| older.digits >= digits);
        self.codes.push(IssuedCode { mac, issued_at: now, expires_at: now.plus_ms(life_ms), digits });
        let surplus = self.codes.len().saturating_sub(MAX_CODES);
        self.codes.drain(..surplus);
        self.sends = self.sends.saturating_add(1);
        self.last_sent_at = Some(now);
        Ok(())
    }

    /// Issues a code in place of one that got lost. The resend clock stays as it was: nothing that the browser sees changes, so
    /// a look-up whose message got lost waits as long as one that found nobody (R17).
    ///
    /// # Errors
    /// [`IssueRefused::Spent`]; the challenge is unchanged then.
    pub fn issue_unseen(
        &mut self,
        pepper: &[u8; 32],
        code: &Code,
        now: Millis,
        life_ms: u64,
    ) -> Result<(), IssueRefused> {
        let last_sent_at = self.last_sent_at.take();
        let issued = self.issue(pepper, code, now, life_ms);
        self.last_sent_at = last_sent_at;
        issued
    }

    /// Changes the address. Every code of the old one dies; attempts and the resend clock stay, so that correcting an
    /// address is no way to more guesses or mails. The same address again changes nothing.
    ///
    /// # Errors
    /// [`IssueRefused`] when no code could be issued now: the old codes then stay alive, because killing them would
    /// leave a person with none.
    pub fn redirect(&mut self, destination: Destination, now: Millis) -> Result<(), IssueRefused> {
        if destination == self.binding.destination {
            return Ok(());
        }
        self.may_issue(now)?;
        self.codes.clear();
        self.binding.destination = destination;
        Ok(())
    }

    /// The mail did not go out: another may be asked for at once. The code stays alive, since a mail service that
    /// answers with an error may still have sent it. Limits per address are kept elsewhere and still count.
    pub fn send_failed(&mut self) {
        self.last_sent_at = None;
    }

    /// Counts an attempt before anything is looked at (R3). Store the challenge, then [`Challenge::evaluate`].
    ///
    /// # Errors
    /// [`Refused`] for another browser session (which counts nothing: a stranger must not lock anybody out, R12), for a
    /// used challenge, and once [`MAX_ATTEMPTS`] were reserved.
    pub fn reserve(&mut self, binding_session: &SessionId) -> Result<Reserved, Refused> {
        if *binding_session != self.binding.session {
            return Err(Refused { why: RefusedWhy::Foreign });
        }
        if self.consumed {
            return Err(Refused { why: RefusedWhy::Used });
        }
        if self.attempts >= MAX_ATTEMPTS {
            return Err(Refused { why: RefusedWhy::Locked });
        }
        self.attempts += 1;
        Ok(Reserved { challenge: self.id.clone(), attempt: self.attempts })
    }

    /// Compares what was typed with the live codes, in constant time, and consumes the challenge when one is right
    /// (R4, R5). A code ends at `expires_at` sharp: it is refused from that millisecond on.
    pub fn evaluate(&mut self, reserved: Reserved, pepper: &[u8; 32], typed: &str, now: Millis) -> Outcome {
        let Reserved { challenge, attempt } = reserved;
        // Nothing readable becomes the empty text, which no issued code is: it takes the same path and time.
        let typed = code::read(typed, code::DIGITS).unwrap_or_default();
        let tag = self.tag(pepper, &typed);
        let (mut live, mut ended) = (Choice::from(0), Choice::from(0));
        for slot in 0..MAX_CODES {
            let (mac, end) = self.codes.get(slot).map_or((Tag::NONE, Millis(0)), |code| (code.mac, code.expires_at));
            let is_same = tag.is(&mac);
            let is_alive = Choice::from(u8::from(now < end));
            live |= is_same & is_alive;
            ended |= is_same & !is_alive;
        }
        let why = if challenge != self.id || attempt > self.attempts {
            RefusedWhy::Foreign
        } else if self.consumed {
            RefusedWhy::Used
        } else if bool::from(live) {
            self.consumed = true;
            return Outcome::Accepted { destination: self.binding.destination.clone() };
        } else if bool::from(ended) {
            RefusedWhy::Expired
        } else {
            RefusedWhy::Wrong
        };
        Outcome::Refused(Refused { why })
    }

    /// The stored form of a code: HMAC-SHA-256 under the agent's pepper over the whole binding (R2, R7).
    fn tag(&self, pepper: &[u8; 32], code: &str) -> Tag {
        let Binding { agent, conversation, session, purpose, destination } = &self.binding;
        let purpose = match purpose {
            Purpose::Login => "login",
        };
        let (kind, of) = destination.kind();
        let fields = [
            agent.as_str(),
            conversation.as_str(),
            session.as_str(),
            purpose,
            kind,
            of,
            destination.as_str(),
            self.id.as_str(),
            code,
        ];
        Tag::over(pepper, "code", &fields.map(str::as_bytes))
    }

    /// The card that this challenge belongs to.
    pub fn id(&self) -> &CardId {
        &self.id
    }

    /// What it is bound to.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// The words on the card and in the mail.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Whether an answer could still be accepted: neither used nor out of attempts.
    pub fn is_open(&self) -> bool {
        !self.consumed && self.attempts < MAX_ATTEMPTS
    }

    /// Whether a code was accepted.
    pub fn is_consumed(&self) -> bool {
        self.consumed
    }

    /// Attempts counted so far.
    pub fn attempts(&self) -> u8 {
        self.attempts
    }

    /// Codes issued so far, all addresses together; stops counting at 255.
    pub fn sends(&self) -> u8 {
        self.sends
    }

    /// Digits of the newest code; `None` before the first, and after a new address until its first.
    pub fn digits(&self) -> Option<u8> {
        self.codes.last().map(|code| code.digits)
    }

    /// When the newest code was issued.
    pub fn issued_at(&self) -> Option<Millis> {
        self.codes.last().map(|code| code.issued_at)
    }

    /// When the newest code ends.
    pub fn expires_at(&self) -> Option<Millis> {
        self.codes.last().map(|code| code.expires_at)
    }

    /// When another code may be asked for; `None` means at once.
    pub fn resend_at(&self) -> Option<Millis> {
        self.last_sent_at.map(|last| last.plus_s(RESEND_AFTER_S))
    }
}
