//! Seals what is stored of one person: a row copied to another person or field does not open (R55).

use domain::context::seal::{self, Aad};
use domain::keys::Purpose;
use shared::id::{AgentId, PersonId};

use crate::config::Config;
use crate::failure::{Answer, Failure};

/// The agent's sealing key, and whose values it seals here.
pub struct Vault {
    key: [u8; 32],
    /// Of which agent.
    pub agent: AgentId,
    /// Which person.
    pub person: PersonId,
}

impl Vault {
    /// The vault of this person.
    pub fn new(config: &Config, agent: AgentId, person: PersonId) -> Self {
        Self { key: config.master.derive(&agent, Purpose::Seal), agent, person }
    }

    /// Seals a field's value.
    pub fn seal(&self, field: &str, plain: &[u8]) -> Answer<String> {
        Ok(seal::seal(&self.key, crate::random::bytes()?, &self.place(field), plain))
    }

    /// Opens a field's value.
    pub fn open(&self, field: &str, sealed: &str) -> Answer<Vec<u8>> {
        seal::open(&self.key, &self.place(field), sealed)
            .map_err(|_| Failure::Internal(format!("{field} does not open")))
    }

    fn place<'a>(&'a self, field: &'a str) -> Aad<'a> {
        Aad { agent: &self.agent, owner: self.person.as_str(), field }
    }
}
