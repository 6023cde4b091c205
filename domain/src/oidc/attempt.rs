//! What binds an answer of the provider's to the window that asked (R30).
//!
//! Nothing of it is stored: state, nonce and PKCE verifier are made from the agent's key, the flow, the time and a secret
//! that only the window's own cookie holds. Each has 256 bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use shared::id::{ConversationId, SessionId};

use crate::mac::Tag;
use crate::time::Millis;

/// How long a window may take from its start to its answer, seconds (R30).
pub const LIFE_S: u64 = 600;
/// How far two clocks of ours may be apart, seconds.
const SKEW_S: u64 = 60;
/// The most bytes of a state that are looked at.
const MAX_STATE_BYTES: usize = 256;

/// One window on its way to the provider and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The conversation whose card opened it.
    pub conversation: ConversationId,
    /// Which of the conversation's windows.
    pub flow: String,
    /// When it began, Unix seconds.
    pub began_s: u64,
    /// The secret of the window's cookie.
    pub window: String,
}

/// What a state says. Believed once [`Said::attempt`] found that it is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The conversation.
    pub conversation: ConversationId,
    /// The flow.
    pub flow: String,
    began_s: u64,
    mac: String,
}

/// A state that is not this window's, or not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRefused {
    /// Not made by us for this window and agent.
    Foreign,
    /// More than [`LIFE_S`] old, or of the future.
    Ended,
}

impl Attempt {
    /// `state` (RFC 6749, section 4.1.1): says which conversation to ask, and that this window asked.
    pub fn state(&self, key: &[u8; 32]) -> String {
        let Self { conversation, flow, began_s, .. } = self;
        format!("{conversation}~{flow}~{began_s}~{}", self.tag(key, "oidc-state").text())
    }

    /// `nonce` (OIDC Core, section 3.1.2.1).
    pub fn nonce(&self, key: &[u8; 32]) -> String {
        self.tag(key, "oidc-nonce").text()
    }

    /// `code_verifier` (RFC 7636, section 4.1): 43 characters.
    pub fn verifier(&self, key: &[u8; 32]) -> String {
        self.tag(key, "oidc-verifier").text()
    }

    /// `code_challenge` by `S256` (RFC 7636, section 4.2).
    pub fn challenge(&self, key: &[u8; 32]) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier(key)))
    }

    fn tag(&self, key: &[u8; 32], label: &str) -> Tag {
        let began = self.began_s.to_be_bytes();
        let texts = [self.conversation.as_str(), self.flow.as_str(), self.window.as_str()];
        Tag::over(key, label, &[b"google", texts[0].as_bytes(), texts[1].as_bytes(), texts[2].as_bytes(), &began])
    }
}

impl Said {
    /// Reads a state; nothing of it is believed yet.
    pub fn parse(state: &str) -> Option<Self> {
        if state.len() > MAX_STATE_BYTES {
            return None;
        }
        let mut parts = state.split('~');
        let (conversation, flow, began, mac) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_flow = (1..=64).contains(&flow.len()) && flow.bytes().all(is_base64url);
        let is_time = (1..=12).contains(&began.len()) && began.bytes().all(|b| b.is_ascii_digit());
        if parts.next().is_some() || !is_flow || !is_time {
            return None;
        }
        Some(Self {
            conversation: ConversationId::parse(conversation).ok()?,
            flow: flow.to_owned(),
            began_s: began.parse().ok()?,
            mac: mac.to_owned(),
        })
    }

    /// The attempt, if the window's cookie is the one that it began with.
    ///
    /// # Errors
    /// [`StateRefused`].
    pub fn attempt(self, key: &[u8; 32], window: &str, now: Millis) -> Result<Attempt, StateRefused> {
        let Self { conversation, flow, began_s, mac } = self;
        let attempt = Attempt { conversation, flow, began_s, window: window.to_owned() };
        let given = Tag::read(&mac).ok_or(StateRefused::Foreign)?;
        if window.is_empty() || !bool::from(attempt.tag(key, "oidc-state").is(&given)) {
            return Err(StateRefused::Foreign);
        }
        let now = now.secs();
        if now >= began_s.saturating_add(LIFE_S) || began_s > now.saturating_add(SKEW_S) {
            return Err(StateRefused::Ended);
        }
        Ok(attempt)
    }
}

/// What the browser that opened the window is given besides, in a cookie that is not partitioned. Where a window brings it
/// back, it is a window of that browser (R33).
pub fn binding(key: &[u8; 32], conversation: &ConversationId, flow: &str, session: &SessionId) -> String {
    binding_tag(key, conversation, flow, session).text()
}

/// Whether this is that text, in constant time.
pub fn is_bound(
    key: &[u8; 32],
    conversation: &ConversationId,
    flow: &str,
    session: &SessionId,
    given: Option<&str>,
) -> bool {
    let given = given.and_then(Tag::read).unwrap_or(Tag::NONE);
    binding_tag(key, conversation, flow, session).is(&given).into()
}

fn binding_tag(key: &[u8; 32], conversation: &ConversationId, flow: &str, session: &SessionId) -> Tag {
    let fields = [conversation.as_str(), flow, session.as_str()].map(str::as_bytes);
    Tag::over(key, "window-binding", &fields)
}

fn is_base64url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::{Attempt, ConversationId, LIFE_S, Millis, Said, SessionId, StateRefused, binding, is_bound};

    const KEY: [u8; 32] = [7; 32];
    const BEGAN: u64 = 1_795_262_400;

    fn attempt() -> Attempt {
        Attempt {
            conversation: ConversationId::parse("ag_x.AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
            flow: "F".repeat(22),
            began_s: BEGAN,
            window: "W".repeat(22),
        }
    }

    fn at(seconds: u64) -> Millis {
        Millis(seconds * 1000)
    }

    #[test]
    fn a_state_brings_its_attempt_back() {
        let said = Said::parse(&attempt().state(&KEY)).unwrap();
        assert_eq!(said.flow, attempt().flow);
        for now in [BEGAN - 60, BEGAN, BEGAN + LIFE_S - 1] {
            assert_eq!(said.clone().attempt(&KEY, &attempt().window, at(now)), Ok(attempt()), "{now}");
        }
        for now in [BEGAN - 61, BEGAN + LIFE_S, BEGAN + 86_400] {
            let ended = said.clone().attempt(&KEY, &attempt().window, at(now));
            assert_eq!(ended, Err(StateRefused::Ended), "{now}");
        }
    }

    #[test]
    fn a_state_of_another_window_agent_conversation_flow_or_time_is_refused() {
        let state = attempt().state(&KEY);
        let said = |text: &str| Said::parse(text);
        let window = attempt().window;
        assert_eq!(said(&state).unwrap().attempt(&[8; 32], &window, at(BEGAN)), Err(StateRefused::Foreign));
        for other in ["", "X", &"V".repeat(22)] {
            assert_eq!(said(&state).unwrap().attempt(&KEY, other, at(BEGAN)), Err(StateRefused::Foreign), "{other}");
        }
        for (from, to) in [("ag_x.A", "ag_x.B"), ("~FF", "~GF"), ("~1795262400~", "~1795262401~"), ("ag_x.", "ag_y.")] {
            let forged = said(&state.replacen(from, to, 1)).unwrap();
            assert_eq!(forged.attempt(&KEY, &window, at(BEGAN)), Err(StateRefused::Foreign), "{to}");
        }
        for mac in ["", "x", &"A".repeat(43), &attempt().nonce(&KEY), &attempt().verifier(&KEY)] {
            let forged = format!("{}~{mac}", state.rsplit_once('~').unwrap().0);
            assert_eq!(said(&forged).unwrap().attempt(&KEY, &window, at(BEGAN)), Err(StateRefused::Foreign), "{mac}");
        }
    }

    #[test]
    fn a_text_of_another_shape_is_no_state() {
        let state = attempt().state(&KEY);
        for text in ["", "~", "~~~", "a~b~c~d", &format!("{state}~"), &format!("~{state}"), &"x".repeat(300)] {
            assert_eq!(Said::parse(text), None, "{text}");
        }
        for (from, to) in [("~1795262400~", "~-1~"), ("~1795262400~", "~1e9~"), ("~FFFF", "~F F"), ("ag_x", "x")] {
            assert_eq!(Said::parse(&state.replacen(from, to, 1)), None, "{to}");
        }
    }

    #[test]
    fn state_nonce_verifier_and_challenge_differ_and_are_of_256_bits() {
        let one = attempt();
        let texts = [
            one.state(&KEY).rsplit_once('~').unwrap().1.to_owned(),
            one.nonce(&KEY),
            one.verifier(&KEY),
            one.challenge(&KEY),
        ];
        let again = Attempt { window: "V".repeat(22), ..attempt() };
        let mut all = texts.to_vec();
        all.extend([again.nonce(&KEY), again.verifier(&KEY), again.challenge(&KEY)]);
        assert!(all.iter().all(|text| text.len() == 43), "{all:?}");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn only_the_browser_that_opened_the_window_is_bound_to_it() {
        let (conversation, flow) = (attempt().conversation, attempt().flow);
        let session = SessionId::parse(&"S".repeat(22)).unwrap();
        let given = binding(&KEY, &conversation, &flow, &session);
        assert!(is_bound(&KEY, &conversation, &flow, &session, Some(&given)));
        let other = SessionId::parse(&"T".repeat(22)).unwrap();
        assert!(!is_bound(&KEY, &conversation, &flow, &other, Some(&given)));
        assert!(!is_bound(&KEY, &conversation, "G", &session, Some(&given)));
        assert!(!is_bound(&[8; 32], &conversation, &flow, &session, Some(&given)));
        for nothing in [None, Some(""), Some("AAAA"), Some(&*"A".repeat(43)), Some("null")] {
            assert!(!is_bound(&KEY, &conversation, &flow, &session, nothing), "{nothing:?}");
        }
    }
}
