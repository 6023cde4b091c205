//! The audit trail of an agent, and the list of conversations that is kept from it.
//!
//! Invariants: append only; an entry's hash covers the one before; an entry that arrives twice stands once; the list of
//! conversations holds what the entries up to its mark tell, so that it is made from a trail that is older than the list.

use domain::{audit, conversations};
use serde::{Deserialize, Serialize};
use shared::admin::conversation::Summary;
use shared::card::Method;
use shared::frame;
use shared::id::{AgentId, ConversationId};
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, SqlStorageValue, State, durable_object};

use super::rpc::{Command, call, reply};
use crate::config::Namespace;
use crate::failure::Answer;

/// What the ledger is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerCommand {
    /// Append these, each once.
    Append {
        /// In order.
        entries: Vec<audit::Entry>,
    },
    /// The newest entries, oldest first.
    #[cfg(feature = "dev")]
    Read {
        /// At most this many.
        limit: u32,
    },
    /// Entries, newest first.
    Select {
        /// Of this kind alone.
        kind: Option<audit::AuditKind>,
        /// Of this conversation alone.
        conversation: Option<ConversationId>,
        /// Older than this number.
        before: Option<u64>,
        /// At most this many.
        limit: u32,
    },
    /// Entries, oldest first.
    Page {
        /// Newer than this number.
        after: u64,
        /// At most this many.
        limit: u32,
    },
    /// Conversations, newest first.
    Conversations {
        /// In this state alone.
        state: Option<frame::State>,
        /// Signed in by this method alone.
        method: Option<Method>,
        /// Whose newest entry is older than this number.
        before: Option<u64>,
        /// At most this many.
        limit: u32,
    },
    /// One conversation.
    Conversation {
        /// Which.
        id: ConversationId,
    },
}

/// What the ledger answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct LedgerReply {
    /// The entries that were asked for.
    pub records: Vec<audit::Record>,
    /// The conversations that were asked for, each with the number of its newest entry.
    #[serde(default)]
    pub conversations: Vec<(u64, Summary)>,
}

impl Command for LedgerCommand {
    const NAMESPACE: Namespace = Namespace::Ledger;
    type Reply = LedgerReply;
}

/// Sends a command to the agent's ledger. That of a test chat is the agent's own.
pub async fn tell(env: &Env, agent: &AgentId, command: &LedgerCommand) -> Answer<LedgerReply> {
    call(env, agent.saved().as_str(), command).await
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

#[derive(Deserialize)]
struct Listed {
    seq: u64,
    body: String,
}

const SCHEMA: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT",
    "CREATE INDEX IF NOT EXISTS entry_conversation ON entry (json_extract(body, '$.conversation'))",
    "CREATE INDEX IF NOT EXISTS entry_kind ON entry (json_extract(body, '$.kind'))",
    // What the list says of each conversation; `seq` is the number of its newest entry.
    "CREATE TABLE IF NOT EXISTS conversation (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS conversation_newest ON conversation (seq)",
    // Up to which entry the list was made.
    "CREATE TABLE IF NOT EXISTS mark (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT",
];

/// How many entries are taken into the list at once.
const BATCH: u32 = 1_000;

impl DurableObject for Ledger {
    fn new(state: State, _env: Env) -> Self {
        let sql = state.storage().sql();
        for statement in SCHEMA {
            let _ = sql.exec(statement, None);
        }
        Self { sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        reply(match serde_json::from_str::<LedgerCommand>(&request.text().await?) {
            Ok(command) => self.act(command),
            Err(error) => Err(error.into()),
        })
    }
}

impl Ledger {
    fn act(&self, command: LedgerCommand) -> Answer<LedgerReply> {
        let records = match command {
            LedgerCommand::Append { entries } => {
                self.append(entries)?;
                self.list()?;
                Vec::new()
            }
            #[cfg(feature = "dev")]
            LedgerCommand::Read { limit } => self.newest(limit)?,
            LedgerCommand::Select { kind, conversation, before, limit } => {
                self.select(kind, conversation, before, limit)?
            }
            LedgerCommand::Page { after, limit } => self.records(
                "SELECT body FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
                vec![number(after), i64::from(limit).into()],
            )?,
            LedgerCommand::Conversations { state, method, before, limit } => {
                self.list()?;
                let conversations = self.conversations(state, method, before, limit)?;
                return Ok(LedgerReply { records: Vec::new(), conversations });
            }
            LedgerCommand::Conversation { id } => {
                self.list()?;
                return Ok(LedgerReply { records: Vec::new(), conversations: self.one(&id)?.into_iter().collect() });
            }
        };
        Ok(LedgerReply { records, conversations: Vec::new() })
    }

    fn append(&self, entries: Vec<audit::Entry>) -> Answer<()> {
        for entry in entries {
            let known =
                self.sql.exec("SELECT count(*) AS n FROM entry WHERE id = ?", Some(vec![entry.id.as_str().into()]))?;
            if known.one::<Known>()?.n > 0 {
                continue;
            }
            let last = self.newest(1)?.pop();
            let (seq, previous) =
                last.map_or((audit::FIRST_SEQ, audit::BEGINNING.to_owned()), |record| (record.seq + 1, record.hash));
            let record = audit::append(&previous, seq, entry);
            self.sql.exec(
                "INSERT INTO entry (seq, id, body) VALUES (?, ?, ?)",
                Some(vec![(seq as i64).into(), record.id.as_str().into(), serde_json::to_string(&record)?.into()]),
            )?;
        }
        Ok(())
    }

    /// Takes the entries after the mark into the list of conversations.
    fn list(&self) -> Answer<()> {
        loop {
            let marks = self.sql.exec("SELECT seq AS n FROM mark", None)?.to_array::<Known>()?;
            let mark = marks.first().map_or(0, |mark| mark.n);
            let records = self.records(
                "SELECT body FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
                vec![i64::from(mark).into(), i64::from(BATCH).into()],
            )?;
            let Some(last) = records.last().map(|record| record.seq) else { return Ok(()) };
            for record in &records {
                let Some(id) = &record.conversation else { continue };
                let before = self.one(id)?;
                let known = before.as_ref().map(|(seq, _)| *seq);
                let Some(summary) = conversations::take(before.map(|(_, summary)| summary), record) else { continue };
                // Who only looks at a conversation does not move it up.
                let looked = record.kind == audit::AuditKind::ConversationRead;
                let seq = known.filter(|_| looked).unwrap_or(record.seq);
                self.sql.exec(
                    "INSERT OR REPLACE INTO conversation (id, seq, body) VALUES (?, ?, ?)",
                    Some(vec![id.as_str().into(), number(seq), serde_json::to_string(&summary)?.into()]),
                )?;
            }
            self.sql.exec("INSERT OR REPLACE INTO mark (one, seq) VALUES (1, ?)", Some(vec![number(last)]))?;
        }
    }

    fn one(&self, id: &ConversationId) -> Answer<Option<(u64, Summary)>> {
        let rows = self
            .sql
            .exec("SELECT seq, body FROM conversation WHERE id = ?", Some(vec![id.as_str().into()]))?
            .to_array::<Listed>()?;
        rows.first().map(|row| Ok((row.seq, serde_json::from_str(&row.body)?))).transpose()
    }

    fn conversations(
        &self,
        state: Option<frame::State>,
        method: Option<Method>,
        before: Option<u64>,
        limit: u32,
    ) -> Answer<Vec<(u64, Summary)>> {
        let mut values = vec![number(before.unwrap_or(u64::MAX))];
        let mut text = "SELECT seq, body FROM conversation WHERE seq < ?".to_owned();
        if let Some(state) = state {
            text.push_str(" AND json_extract(body, '$.state') = ?");
            values.push(word(&state)?);
        }
        if let Some(method) = method {
            text.push_str(" AND json_extract(body, '$.method') = ?");
            values.push(method.name().into());
        }
        text.push_str(" ORDER BY seq DESC LIMIT ?");
        values.push(i64::from(limit).into());
        let rows = self.sql.exec(&text, Some(values))?.to_array::<Listed>()?;
        rows.iter().map(|row| Ok((row.seq, serde_json::from_str(&row.body)?))).collect()
    }

    fn select(
        &self,
        kind: Option<audit::AuditKind>,
        conversation: Option<ConversationId>,
        before: Option<u64>,
        limit: u32,
    ) -> Answer<Vec<audit::Record>> {
        let mut values = vec![number(before.unwrap_or(u64::MAX))];
        let mut text = "SELECT body FROM entry WHERE seq < ?".to_owned();
        if let Some(kind) = kind {
            text.push_str(" AND json_extract(body, '$.kind') = ?");
            values.push(word(&kind)?);
        }
        if let Some(conversation) = conversation {
            text.push_str(" AND json_extract(body, '$.conversation') = ?");
            values.push(conversation.as_str().into());
        }
        text.push_str(" ORDER BY seq DESC LIMIT ?");
        values.push(i64::from(limit).into());
        self.records(&text, values)
    }

    fn newest(&self, limit: u32) -> Answer<Vec<audit::Record>> {
        self.records(
            "SELECT body FROM (SELECT seq, body FROM entry ORDER BY seq DESC LIMIT ?) ORDER BY seq",
            vec![i64::from(limit).into()],
        )
    }

    fn records(&self, text: &str, values: Vec<SqlStorageValue>) -> Answer<Vec<audit::Record>> {
        let rows = self.sql.exec(text, Some(values))?.to_array::<Row>()?;
        rows.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
    }
}

/// A number of an entry, as SQL takes it.
fn number(seq: u64) -> SqlStorageValue {
    (seq.min(1 << 52) as i64).into()
}

/// A word of a closed set, as it is stored.
fn word<T: Serialize>(word: &T) -> Answer<SqlStorageValue> {
    Ok(serde_json::to_value(word)?.as_str().unwrap_or_default().into())
}
