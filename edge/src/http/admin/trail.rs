//! What members do, told to the ledger of the agent that they do it to.

use std::collections::BTreeMap;

use domain::audit::{AuditKind, Entry};
use shared::id::AgentId;
use worker::Env;

use super::Granted;
use super::actor::Actor;
use crate::clock::now;
use crate::durable::ledger::{self, LedgerCommand};
use crate::failure::Answer;
use crate::random;

impl Granted {
    /// Notes what was done. The details never hold an address, a code or a secret.
    pub async fn note(&self, kind: AuditKind, details: &[(&str, &str)]) -> Answer<()> {
        note(&self.ask.env, &self.agent, &self.actor, kind, details).await
    }
}

/// As [`Granted::note`], for what is done to an agent before it is granted.
pub async fn note(env: &Env, agent: &AgentId, actor: &Actor, kind: AuditKind, details: &[(&str, &str)]) -> Answer<()> {
    let by = ("by".to_owned(), actor.name());
    let detail: BTreeMap<_, _> =
        details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain([by]).collect();
    let entry = Entry { at: now(), id: random::id22()?, kind, conversation: None, person: None, detail };
    ledger::tell(env, agent, &LedgerCommand::Append { entries: vec![entry] }).await?;
    Ok(())
}
