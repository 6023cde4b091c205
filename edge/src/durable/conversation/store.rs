//! What a conversation keeps, and the only SQL that touches it.

use domain::audit::Entry as AuditEntry;
use domain::conversation::Conversation;
use domain::language::Ranges;
use domain::limits::Tally;
use domain::model::ModelMessage;
use domain::time::Millis;
use serde::Deserialize;
use shared::card::Method;
use shared::frame::{Entry, Numbered};
use shared::id::{ConversationId, MessageId, SessionId};
use worker::{SqlStorage, SqlStorageValue};

use super::send::SentNote;
use crate::failure::{Answer, Failure};

/// The most frames that one replay gives.
pub const REPLAY: u32 = 200;

/// The tables of one conversation.
pub struct Store {
    sql: SqlStorage,
}

/// Where the conversation came from.
pub struct Meta {
    /// Its id.
    pub conversation: ConversationId,
    /// The session of the browser that opened it.
    pub browser: SessionId,
}

#[derive(Deserialize)]
struct MetaRow {
    conversation: String,
    browser: String,
}

#[derive(Deserialize)]
struct Body {
    body: String,
}

#[derive(Deserialize)]
struct FrameRow {
    seq: f64,
    at: f64,
    body: String,
}

#[derive(Deserialize)]
struct JournalRow {
    result: Option<String>,
}

/// What is known of a call that left.
pub enum Journaled {
    /// Nobody knows whether it arrived.
    Sent,
    /// It was done; this is what the model was told.
    Done(serde_json::Value),
}

#[derive(Deserialize)]
struct Number {
    n: Option<f64>,
}

const SCHEMA: [&str; 8] = [
    "CREATE TABLE IF NOT EXISTS meta (one INTEGER PRIMARY KEY, conversation TEXT NOT NULL, browser TEXT NOT NULL) STRICT",
    // One row each: `state` (the domain's), `tally` (the message budget), `sent` (the newest message to a phone),
    // `last_method` (of the browser's last login), `reads` (the visitor's languages),
    // `evaluated` (guesses compared).
    "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID",
    // AUTOINCREMENT: a number is never given twice, though the frame of an old card is dropped.
    "CREATE TABLE IF NOT EXISTS frame (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, message TEXT UNIQUE, \
     card TEXT, body TEXT NOT NULL) STRICT",
    "CREATE INDEX IF NOT EXISTS frame_card ON frame (card) WHERE card IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL) STRICT",
    // Sessions that ended while they could still reach this conversation: a socket that joins late is refused.
    "CREATE TABLE IF NOT EXISTS ended (session TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    // Calls of actions that left, by their idempotency key; the result once the API said that it was done.
    "CREATE TABLE IF NOT EXISTS journal (key TEXT PRIMARY KEY, action TEXT NOT NULL, at INTEGER NOT NULL, result TEXT) STRICT, \
     WITHOUT ROWID",
    // Waits until the ledger has it.
    "CREATE TABLE IF NOT EXISTS audit (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT",
];

impl Store {
    /// Whether nothing was said or shown yet.
    pub fn is_empty(&self) -> Answer<bool> {
        Ok(self.frames_after(0)?.is_empty())
    }

    /// The tables, made where they are missing.
    pub fn new(sql: SqlStorage) -> Self {
        for statement in SCHEMA {
            let _ = sql.exec(statement, None);
        }
        Self { sql }
    }

    /// Begins the conversation. False when it had begun already.
    pub fn open(&self, conversation: &ConversationId, browser: &SessionId) -> Answer<bool> {
        let cursor = self.sql.exec(
            "INSERT OR IGNORE INTO meta (one, conversation, browser) VALUES (1, ?, ?)",
            Some(vec![conversation.as_str().into(), browser.as_str().into()]),
        )?;
        Ok(cursor.rows_written() > 0)
    }

    /// Where the conversation came from; none when it never began.
    pub fn meta(&self) -> Answer<Option<Meta>> {
        let rows =
            self.sql.exec("SELECT conversation, browser FROM meta WHERE one = 1", None)?.to_array::<MetaRow>()?;
        rows.into_iter()
            .next()
            .map(|row| {
                Ok(Meta {
                    conversation: ConversationId::parse(&row.conversation)?,
                    browser: SessionId::parse(&row.browser)?,
                })
            })
            .transpose()
    }

    /// Notes that a session ended.
    pub fn end(&self, session: &SessionId) -> Answer<()> {
        self.sql.exec("INSERT OR IGNORE INTO ended (session) VALUES (?)", Some(vec![session.as_str().into()]))?;
        Ok(())
    }

    /// Whether a session ended.
    pub fn has_ended(&self, session: &SessionId) -> Answer<bool> {
        let rows = self.sql.exec("SELECT 1 AS n FROM ended WHERE session = ?", Some(vec![session.as_str().into()]))?;
        Ok(!rows.to_array::<Number>()?.is_empty())
    }

    /// The state.
    pub fn state(&self) -> Answer<Conversation> {
        self.kept("state")
    }

    /// Replaces the state.
    pub fn put_state(&self, state: &Conversation) -> Answer<()> {
        self.keep("state", &serde_json::to_string(state)?)
    }

    /// The message budget.
    pub fn tally(&self) -> Answer<Tally> {
        self.kept("tally")
    }

    /// Replaces the message budget.
    pub fn put_tally(&self, tally: &Tally) -> Answer<()> {
        self.keep("tally", &serde_json::to_string(tally)?)
    }

    /// The newest message to a phone, while something may still be told of it.
    pub fn sent(&self) -> Answer<Option<SentNote>> {
        self.kept("sent")
    }

    /// Notes a message to a phone in place of the one before.
    pub fn put_sent(&self, note: &SentNote) -> Answer<()> {
        self.keep("sent", &serde_json::to_string(note)?)
    }

    /// Nothing more is to be told of it.
    pub fn drop_sent(&self) -> Answer<()> {
        self.keep("sent", "null")
    }

    /// How the browser signed in last, before this conversation.
    pub fn last_method(&self) -> Answer<Option<Method>> {
        self.kept("last_method")
    }

    /// Notes it, if it is news.
    pub fn put_last_method(&self, last: Option<Method>) -> Answer<()> {
        if last.is_some() && last != self.last_method()? {
            self.keep("last_method", &serde_json::to_string(&last)?)?;
        }
        Ok(())
    }

    /// The languages that the visitor reads, as their browser said last.
    pub fn reads(&self) -> Answer<Ranges> {
        self.kept("reads")
    }

    /// Notes them, if they are news. A browser that says nothing is no news.
    pub fn put_reads(&self, reads: &Ranges) -> Answer<()> {
        if *reads != Ranges::default() && *reads != self.reads()? {
            self.keep("reads", &serde_json::to_string(reads)?)?;
        }
        Ok(())
    }

    /// How many guesses were compared.
    #[cfg(feature = "dev")]
    pub fn evaluated(&self) -> Answer<u32> {
        self.kept("evaluated")
    }

    /// Notes that a guess was compared.
    #[cfg(feature = "dev")]
    pub fn count_evaluated(&self) -> Answer<()> {
        self.keep("evaluated", &(self.evaluated()? + 1).to_string())
    }

    fn kept<T: Default + serde::de::DeserializeOwned>(&self, name: &str) -> Answer<T> {
        let rows =
            self.sql.exec("SELECT body FROM kept WHERE name = ?", Some(vec![name.into()]))?.to_array::<Body>()?;
        match rows.first() {
            Some(row) => Ok(serde_json::from_str(&row.body)?),
            None => Ok(T::default()),
        }
    }

    fn keep(&self, name: &str, body: &str) -> Answer<()> {
        self.sql
            .exec("INSERT OR REPLACE INTO kept (name, body) VALUES (?, ?)", Some(vec![name.into(), body.into()]))?;
        Ok(())
    }

    /// Stores a frame and numbers it. A card or confirmation takes the place of its older form.
    pub fn append(&self, entry: Entry, at: Millis) -> Answer<Numbered> {
        let (message, card) = match &entry {
            Entry::Message { id, .. } => (Some(id.as_str().to_owned()), None),
            Entry::Card { card } => (None, Some(card.id.as_str().to_owned())),
            Entry::Confirm { confirm } => (None, Some(confirm.id.as_str().to_owned())),
            _ => (None, None),
        };
        if let Some(card) = &card {
            self.sql.exec("DELETE FROM frame WHERE card = ?", Some(vec![card.as_str().into()]))?;
        }
        let values: Vec<SqlStorageValue> =
            vec![(at.0 as i64).into(), message.into(), card.into(), serde_json::to_string(&entry)?.into()];
        let row = self
            .sql
            .exec("INSERT INTO frame (at, message, card, body) VALUES (?, ?, ?, ?) RETURNING seq AS n", Some(values))?;
        let seq = row.one::<Number>()?.n.ok_or_else(|| Failure::Internal("no number".to_owned()))?;
        Ok(Numbered { seq: seq as u64, at: at.rfc3339(), entry })
    }

    /// The number of a message that is stored already.
    pub fn number_of(&self, message: &MessageId) -> Answer<Option<u64>> {
        let rows =
            self.sql.exec("SELECT seq AS n FROM frame WHERE message = ?", Some(vec![message.as_str().into()]))?;
        Ok(rows.to_array::<Number>()?.first().and_then(|row| row.n).map(|n| n as u64))
    }

    /// The newest number, 0 before the first frame.
    pub fn newest(&self) -> Answer<u64> {
        let row = self.sql.exec("SELECT max(seq) AS n FROM frame", None)?.one::<Number>()?;
        Ok(row.n.unwrap_or(0.0) as u64)
    }

    /// When the newest frame was stored; the beginning of time before the first.
    pub fn newest_at(&self) -> Answer<Millis> {
        let row = self.sql.exec("SELECT max(at) AS n FROM frame", None)?.one::<Number>()?;
        Ok(Millis(row.n.unwrap_or(0.0) as u64))
    }

    /// The frames after a number, at most the newest [`REPLAY`].
    pub fn frames_after(&self, after: u64) -> Answer<Vec<Numbered>> {
        let rows = self.sql.exec(
            "SELECT seq, at, body FROM (SELECT seq, at, body FROM frame WHERE seq > ? ORDER BY seq DESC LIMIT ?) ORDER BY seq",
            Some(vec![(after.min(1 << 52) as i64).into(), i64::from(REPLAY).into()]),
        )?;
        rows.to_array::<FrameRow>()?
            .into_iter()
            .map(|row| {
                let entry = serde_json::from_str(&row.body)?;
                Ok(Numbered { seq: row.seq as u64, at: Millis(row.at as u64).rfc3339(), entry })
            })
            .collect()
    }

    /// Keeps a message for the model.
    pub fn remember(&self, message: &ModelMessage) -> Answer<()> {
        self.sql.exec("INSERT INTO log (body) VALUES (?)", Some(vec![serde_json::to_string(message)?.into()]))?;
        Ok(())
    }

    /// The newest messages for the model, oldest first.
    pub fn log(&self, most: usize) -> Answer<Vec<ModelMessage>> {
        let rows = self.sql.exec(
            "SELECT body FROM (SELECT id, body FROM log ORDER BY id DESC LIMIT ?) ORDER BY id",
            Some(vec![(most as i64).into()]),
        )?;
        rows.to_array::<Body>()?.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
    }

    /// What is known of a call with this key.
    pub fn journaled(&self, key: &str) -> Answer<Option<Journaled>> {
        let rows = self.sql.exec("SELECT result FROM journal WHERE key = ?", Some(vec![key.into()]))?;
        Ok(match rows.to_array::<JournalRow>()?.into_iter().next() {
            None => None,
            Some(JournalRow { result: None }) => Some(Journaled::Sent),
            Some(JournalRow { result: Some(result) }) => Some(Journaled::Done(serde_json::from_str(&result)?)),
        })
    }

    /// A call is about to leave. Gives back what is known of an earlier one with this key, and changes nothing then.
    pub fn journal_claim(&self, key: &str, action: &str, at: Millis) -> Answer<Option<Journaled>> {
        let known = self.journaled(key)?;
        if known.is_none() {
            self.sql.exec(
                "INSERT INTO journal (key, action, at) VALUES (?, ?, ?)",
                Some(vec![key.into(), action.into(), (at.0 as i64).into()]),
            )?;
        }
        Ok(known)
    }

    /// A call was done.
    pub fn journal_done(&self, key: &str, result: &serde_json::Value) -> Answer<()> {
        self.sql
            .exec("UPDATE journal SET result = ? WHERE key = ?", Some(vec![result.to_string().into(), key.into()]))?;
        Ok(())
    }

    /// A call was certainly not done.
    pub fn unjournal(&self, key: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM journal WHERE key = ?", Some(vec![key.into()]))?;
        Ok(())
    }

    /// Puts an entry where it waits for the ledger.
    pub fn note(&self, entry: &AuditEntry) -> Answer<()> {
        self.sql.exec(
            "INSERT OR IGNORE INTO audit (id, body) VALUES (?, ?)",
            Some(vec![entry.id.as_str().into(), serde_json::to_string(entry)?.into()]),
        )?;
        Ok(())
    }

    /// The entries that wait, oldest first.
    pub fn noted(&self) -> Answer<Vec<AuditEntry>> {
        let rows = self.sql.exec("SELECT body FROM audit ORDER BY rowid LIMIT 100", None)?;
        rows.to_array::<Body>()?.iter().map(|row| Ok(serde_json::from_str(&row.body)?)).collect()
    }

    /// The ledger has this entry.
    pub fn forget_note(&self, id: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM audit WHERE id = ?", Some(vec![id.into()]))?;
        Ok(())
    }
}
