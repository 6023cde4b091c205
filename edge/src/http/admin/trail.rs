//! What members do, told to the ledger of the agent that they do it to.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::audit::{self, AuditKind, Entry};
use shared::id::AgentId;
use worker::{Delay, Env};

use super::Granted;
use super::actor::Actor;
use crate::clock::now;
use crate::durable::ledger::{self, LedgerCommand};
use crate::failure::Answer;
use crate::random;

/// After how many milliseconds an entry that was not taken is told again.
const AGAIN_MS: [u64; 3] = [100, 400, 1_500];

impl Granted {
    /// Notes what was done. The details never hold an address, a code or a secret.
    pub async fn note(&self, kind: AuditKind, details: &[(&str, &str)]) -> Answer<()> {
        note(&self.ask.env, &self.agent, &self.actor, kind, details).await
    }

    /// Notes what was done to a list of things, all of them.
    pub async fn note_list(&self, kind: AuditKind, name: &str, items: &[String]) -> Answer<()> {
        let listed = audit::listed(name, items);
        let details: Vec<_> = listed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.note(kind, &details).await
    }
}

/// As [`Granted::note`], for what is done to an agent before it is granted.
pub async fn note(env: &Env, agent: &AgentId, actor: &Actor, kind: AuditKind, details: &[(&str, &str)]) -> Answer<()> {
    let by = ("by".to_owned(), actor.name());
    let detail: BTreeMap<_, _> =
        details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain([by]).collect();
    let entry = Entry { at: now(), id: random::id22()?, kind, conversation: None, person: None, detail };
    // What is noted has happened already. The ledger drops an entry that it has.
    let command = LedgerCommand::Append { entries: vec![entry] };
    let mut told = ledger::tell(env, agent, &command).await;
    for wait_ms in AGAIN_MS {
        if told.is_ok() {
            break;
        }
        Delay::from(Duration::from_millis(wait_ms)).await;
        told = ledger::tell(env, agent, &command).await;
    }
    told.map(drop)
}
