//! Seals what a conversation keeps for a later request: a text copied to another conversation or field does not open (R55).

use domain::context::seal::{self, Aad};
use domain::json;
use domain::keys::Purpose;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::id::{AgentId, ConversationId};

use crate::config::Config;
use crate::failure::{Answer, Failure};
use crate::random;

/// The agent's sealing key, and whose values it seals here.
pub struct Vault<'a> {
    key: [u8; 32],
    agent: &'a AgentId,
    conversation: &'a ConversationId,
}

impl<'a> Vault<'a> {
    /// The vault of this conversation.
    pub fn of(config: &Config, agent: &'a AgentId, conversation: &'a ConversationId) -> Self {
        Self { key: config.master.derive(agent, Purpose::Seal), agent, conversation }
    }

    /// Seals a value. `field` says what it is and what of: `window/{flow}`.
    pub fn seal<T: Serialize>(&self, field: &str, value: &T) -> Answer<String> {
        Ok(seal::seal(&self.key, random::bytes()?, &self.place(field), &serde_json::to_vec(value)?))
    }

    /// Opens a value.
    pub fn open<T: DeserializeOwned>(&self, field: &str, sealed: &str) -> Answer<T> {
        let plain = seal::open(&self.key, &self.place(field), sealed)
            .map_err(|_| Failure::Internal(format!("{field} does not open")))?;
        Ok(json::read(&plain)?)
    }

    fn place<'b>(&'b self, field: &'b str) -> Aad<'b> {
        Aad { agent: self.agent, owner: self.conversation.as_str(), field }
    }
}
