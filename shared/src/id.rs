//! Identifiers as newtypes: an agent's id cannot be passed where a conversation's belongs.

use serde::{Deserialize, Serialize};

/// Why a text is not an identifier. Carries nothing of the text: it may come from anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

fn is_word(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text that has this identifier's shape.
            ///
            /// # Errors
            /// [`InvalidId`] for any other text, the empty one included.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
            }

            /// The identifier as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

impl core::fmt::Display for InvalidId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not an identifier of this kind")
    }
}

impl core::error::Error for InvalidId {}

id! {
    /// One AI assistant of a site owner: `ag_` and 1 to 40 of `A-Z a-z 0-9 _ -`. A test of one ([`AgentId::test`]) has 28 more.
    AgentId, |text| text.strip_prefix("ag_").is_some_and(|rest| is_word(rest, 1, 68))
}

id! {
    /// One thread: the agent's id, a dot, and 22 random characters (128 bits, base64url).
    /// The owner is part of the id, so that an id never stands without its owner.
    ConversationId, |text| text
        .split_once('.')
        .is_some_and(|(agent, rest)| AgentId::parse(agent).is_ok() && is_word(rest, 22, 22))
}

id! {
    /// A message's id, made by the client, unique in its conversation: 8 to 64 of `A-Z a-z 0-9 _ -`.
    /// Sending the same id again is the same message (idempotent).
    MessageId, |text| is_word(text, 8, 64)
}

id! {
    /// A login card's id; also the id of the challenge behind it: 22 characters (128 bits, base64url).
    CardId, |text| is_word(text, 22, 22)
}

id! {
    /// A person of one agent, opaque: 43 characters (HMAC-SHA-256, base64url). Says nothing about the address.
    PersonId, |text| is_word(text, 43, 43)
}

id! {
    /// A session's id: 22 characters (128 bits, base64url).
    SessionId, |text| is_word(text, 22, 22)
}

/// What stands between the id of an agent and the random part in the id of a test of it.
const TEST: &str = "-test-";

impl AgentId {
    /// The id of a test of this agent: an agent for a while, with settings that are not saved, whom one member talks to. It has
    /// an id of its own so that nobody who signs in to it is anybody to the agent that it is a test of.
    ///
    /// # Errors
    /// [`InvalidId`] when `random` is not 22 characters of base64url, or this is a test itself.
    pub fn test(&self, random: &str) -> Result<Self, InvalidId> {
        let id = Self::parse(&format!("{self}{TEST}{random}"))?;
        if id.tested().as_ref() == Some(self) && self.tested().is_none() { Ok(id) } else { Err(InvalidId) }
    }

    /// The agent that this is a test of; none of any other agent.
    pub fn tested(&self) -> Option<Self> {
        let (rest, random) = self.0.split_at_checked(self.0.len().checked_sub(22)?)?;
        rest.strip_suffix(TEST).filter(|_| is_word(random, 22, 22)).and_then(|agent| Self::parse(agent).ok())
    }

    /// The agent whose records, keys, budgets and trail count: that of a test is the agent that it is a test of.
    #[must_use]
    pub fn saved(&self) -> Self {
        self.tested().unwrap_or_else(|| self.clone())
    }
}

impl ConversationId {
    /// The conversation of `agent` with this random part.
    ///
    /// # Errors
    /// [`InvalidId`] when `random` is not 22 characters of base64url.
    pub fn new(agent: &AgentId, random: &str) -> Result<Self, InvalidId> {
        Self::parse(&format!("{agent}.{random}"))
    }

    /// The agent that owns this conversation.
    ///
    /// # Errors
    /// Never for a value that was parsed; the signature stays honest without a panic.
    pub fn agent(&self) -> Result<AgentId, InvalidId> {
        AgentId::parse(self.0.split('.').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_shape_is_refused() {
        for text in ["", "ag_", "northwind", "ag_a b", "ag_a.b", "ag_ä", "null", "ag_\0"] {
            assert!(AgentId::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "ag_x", "ag_x.", ".AAAAAAAAAAAAAAAAAAAAAA", "ag_x.short", "ag_x.AAAAAAAAAAAAAAAAAAAAAA.b"] {
            assert!(ConversationId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_test_names_the_agent_that_it_is_a_test_of() {
        let agent = AgentId::parse("ag_northwind").unwrap();
        let test = agent.test("AAAAAAAAAAAA-test-AAAA").unwrap();
        assert_eq!(test.tested(), Some(agent.clone()));
        assert_eq!(test.saved(), agent);
        assert_eq!(agent.saved(), agent);
        assert!(agent.test("short").is_err() && test.test("AAAAAAAAAAAAAAAAAAAAAA").is_err());
        let longest = AgentId::parse(&format!("ag_{}", "x".repeat(40))).unwrap();
        assert!(longest.test("AAAAAAAAAAAAAAAAAAAAAA").is_ok());
        for text in ["ag_northwind", "ag_-test-", "ag_x-test-AAAA", "ag_x_test-AAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(AgentId::parse(text).unwrap().tested(), None, "{text}");
        }
    }

    #[test]
    fn a_conversation_names_its_agent() {
        let agent = AgentId::parse("ag_northwind").unwrap();
        let id = ConversationId::new(&agent, "AAAAAAAAAAAAAAAAAAAAAA").unwrap();
        assert_eq!(id.agent().unwrap(), agent);
    }
}
