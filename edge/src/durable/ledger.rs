//! The audit trail of an agent.
//!
//! Invariant: append only; an entry's hash covers the one before; an entry that arrives twice stands once.

use domain::audit;
use serde::{Deserialize, Serialize};
use shared::id::AgentId;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

use super::rpc::{Command, call, reply};
use crate::config::Namespace;
use crate::failure::Answer;

/// What the ledger is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum LedgerCommand {
    /// Append these, each once.
    Append {
        /// In order.
        entries: Vec<audit::Entry>,
    },
    /// The newest entries, oldest first.
    Read {
        /// At most this many.
        limit: u32,
    },
}

/// What the ledger answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct LedgerReply {
    /// The entries that were asked for.
    pub records: Vec<audit::Record>,
}

impl Command for LedgerCommand {
    const NAMESPACE: Namespace = Namespace::Ledger;
    type Reply = LedgerReply;
}

/// Sends a command to the agent's ledger.
pub async fn tell(env: &Env, agent: &AgentId, command: &LedgerCommand) -> Answer<LedgerReply> {
    call(env, agent.as_str(), command).await
}

/// The object.
#[durable_object]
pub struct Ledger {
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Row {
    body: String,
}

#[derive(Deserialize)]
struct Known {
    n: u32,
}

impl DurableObject for Ledger {
    fn new(state: State, _env: Env) -> Self {
        let sql = state.storage().sql();
        let _ = sql.exec(
            "CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT",
            None,
        );
        Self { sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        reply(match serde_json::from_str::<LedgerCommand>(&request.text().await?) {
            Ok(LedgerCommand::Append { entries }) => self.append(entries),
            Ok(LedgerCommand::Read { limit }) => self.read(limit).map(|records| LedgerReply { records }),
            Err(error) => Err(error.into()),
        })
    }
}

impl Ledger {
    fn append(&self, entries: Vec<audit::Entry>) -> Answer<LedgerReply> {
        for entry in entries {
            let known =
                self.sql.exec("SELECT count(*) AS n FROM entry WHERE id = ?", Some(vec![entry.id.as_str().into()]))?;
            if known.one::<Known>()?.n > 0 {
                continue;
            }
            let last = self.read(1)?.pop();
            let (seq, previous) =
                last.map_or((audit::FIRST_SEQ, audit::BEGINNING.to_owned()), |record| (record.seq + 1, record.hash));
            let record = audit::append(&previous, seq, entry);
            self.sql.exec(
                "INSERT INTO entry (seq, id, body) VALUES (?, ?, ?)",
                Some(vec![(seq as i64).into(), record.id.as_str().into(), serde_json::to_string(&record)?.into()]),
            )?;
        }
        Ok(LedgerReply { records: Vec::new() })
    }

    fn read(&self, limit: u32) -> Answer<Vec<audit::Record>> {
        let rows = self.sql.exec(
            "SELECT body FROM (SELECT seq, body FROM entry ORDER BY seq DESC LIMIT ?) ORDER BY seq",
            Some(vec![i64::from(limit).into()]),
        )?;
        rows.to_array::<Row>()?.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
    }
}
