//! Messages that were not sent because no key is set: development builds only, shown at `/dev/inbox`.

use serde::{Deserialize, Serialize};
use shared::card::Channel;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

use super::rpc::{Command, call, reply};
use crate::config::Namespace;
use crate::failure::Answer;

/// A mail or a message to a phone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxMail {
    /// What it would have travelled by.
    pub channel: Channel,
    /// To whom.
    pub to: String,
    /// Its subject; of a message to a phone empty.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// When it was put here. RFC 3339, UTC.
    pub at: String,
}

/// What the outbox is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxCommand {
    /// Keep a mail.
    Put {
        /// Which.
        mail: OutboxMail,
    },
    /// The mails, newest first.
    List {
        /// To this address alone.
        to: Option<String>,
    },
}

impl Command for OutboxCommand {
    const NAMESPACE: Namespace = Namespace::Outbox;
    type Reply = Vec<OutboxMail>;
}

/// Sends a command to the outbox.
pub async fn tell(env: &Env, command: &OutboxCommand) -> Answer<Vec<OutboxMail>> {
    call(env, "outbox", command).await
}

/// The object.
#[durable_object]
pub struct Outbox {
    sql: SqlStorage,
}

impl DurableObject for Outbox {
    fn new(state: State, _env: Env) -> Self {
        let sql = state.storage().sql();
        let _ = sql.exec(
            "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, channel TEXT NOT NULL, \"to\" TEXT NOT NULL, \
             subject TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL) STRICT",
            None,
        );
        Self { sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        reply(match serde_json::from_str::<OutboxCommand>(&request.text().await?) {
            Ok(OutboxCommand::Put { mail }) => self.put(mail),
            Ok(OutboxCommand::List { to }) => self.list(to),
            Err(error) => Err(error.into()),
        })
    }
}

impl Outbox {
    fn put(&self, mail: OutboxMail) -> Answer<Vec<OutboxMail>> {
        let channel = serde_json::to_value(mail.channel)?;
        let channel = channel.as_str().unwrap_or_default();
        self.sql.exec(
            "INSERT INTO message (channel, \"to\", subject, text, at) VALUES (?, ?, ?, ?, ?)",
            Some(vec![channel.into(), mail.to.into(), mail.subject.into(), mail.text.into(), mail.at.into()]),
        )?;
        Ok(Vec::new())
    }

    fn list(&self, to: Option<String>) -> Answer<Vec<OutboxMail>> {
        let rows = self.sql.exec(
            "SELECT channel, \"to\", subject, text, at FROM message WHERE ?1 IS NULL OR \"to\" = ?1 ORDER BY id DESC LIMIT 200",
            Some(vec![to.into()]),
        )?;
        Ok(rows.to_array::<OutboxMail>()?)
    }
}
