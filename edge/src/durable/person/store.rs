//! The tables of a person, and the SQL of identity, accounts and persistent context.

use std::collections::BTreeMap;

use domain::context::Context;
use domain::identity::Identifier;
use domain::json;
use domain::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use shared::id::{AgentId, ConversationId, PersonId};
use worker::SqlStorage;

use super::{Holder, Vault};
use crate::clock::now;
use crate::failure::{Answer, Failure, log};

const SCHEMA: [&str; 14] = [
    // One row: who the person is, sealed, and the conversation that every device of the person continues.
    "CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY, identifier TEXT NOT NULL, conversation TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, conversation TEXT NOT NULL, created_at INTEGER NOT NULL, \
     expires_at INTEGER NOT NULL, revoked_at INTEGER, method TEXT NOT NULL, assurance TEXT NOT NULL, \
     proved_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    // One row: since when the person is known.
    "CREATE TABLE IF NOT EXISTS first (one INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT",
    // One row: what codes of look-ups proved of the person's record, sealed.
    "CREATE TABLE IF NOT EXISTS reached (one INTEGER PRIMARY KEY, reached TEXT NOT NULL) STRICT",
    // What a rule fetched, sealed, until it is stale.
    "CREATE TABLE IF NOT EXISTS fetched (rule TEXT PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID",
    // Whose object this is, for the alarm, which is told nothing; and a number that rises with every change of `context`.
    "CREATE TABLE IF NOT EXISTS whose (one INTEGER PRIMARY KEY, agent TEXT NOT NULL, person TEXT NOT NULL, \
     version INTEGER NOT NULL) STRICT",
    // The persistent context, sealed.
    "CREATE TABLE IF NOT EXISTS context (field TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    // Accounts that the person proved besides their identity, sealed.
    "CREATE TABLE IF NOT EXISTS account (action TEXT PRIMARY KEY, user_id TEXT NOT NULL, since INTEGER NOT NULL DEFAULT 0) \
     STRICT, WITHOUT ROWID",
    // One row while a refresh is under way or failed: stored before the call, so that one that was cut off is made again
    // with the same key. No key when the last attempt was answered, and the next is another one.
    "CREATE TABLE IF NOT EXISTS refresh (one INTEGER PRIMARY KEY, key TEXT, started_at INTEGER NOT NULL, \
     version INTEGER NOT NULL, failed INTEGER NOT NULL) STRICT",
    // What else was proved to be the person's, sealed, under a name that says nothing.
    "CREATE TABLE IF NOT EXISTS proof (id TEXT PRIMARY KEY, body TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    // One row, where this person was proved to be another one: whose sessions a proof of this one opens, sealed.
    "CREATE TABLE IF NOT EXISTS alias (one INTEGER PRIMARY KEY, target TEXT NOT NULL) STRICT",
    // The person's passkeys, sealed, likewise.
    "CREATE TABLE IF NOT EXISTS passkey (id TEXT PRIMARY KEY, body TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    // What a new passkey is to sign, by the session that asked.
    "CREATE TABLE IF NOT EXISTS passkey_challenge (session TEXT PRIMARY KEY, challenge TEXT NOT NULL, at INTEGER NOT NULL) \
     STRICT, WITHOUT ROWID",
    // One row: when a refresh last brought a token.
    "CREATE TABLE IF NOT EXISTS refreshed (one INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT",
];

/// Makes the tables where they are missing.
pub fn prepare(sql: &SqlStorage) {
    // Before 0.2 these two had other columns. Whoever was signed in then signs in again.
    if sql.exec("SELECT identifier FROM identity LIMIT 0", None).is_err() {
        for table in ["identity", "session"] {
            let _ = sql.exec(&format!("DROP TABLE IF EXISTS {table}"), None);
        }
    }
    for statement in SCHEMA {
        let _ = sql.exec(statement, None);
    }
    if sql.exec("SELECT since FROM account LIMIT 0", None).is_err() {
        let _ = sql.exec("ALTER TABLE account ADD COLUMN since INTEGER NOT NULL DEFAULT 0", None);
    }
    // Before 0.3 nobody wrote down when a session was last used, nor in which browser: it counts from its begin.
    if sql.exec("SELECT seen_at FROM session LIMIT 0", None).is_err() {
        for statement in [
            "ALTER TABLE session ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT ''",
        ] {
            let _ = sql.exec(statement, None);
        }
    }
}

/// Who the person is, and where they go on.
pub struct Identity {
    /// What was proved first.
    pub identifier: Identifier,
    /// The person's conversation.
    pub conversation: ConversationId,
}

/// The persistent context as it is stored.
#[derive(Default)]
pub struct Kept {
    /// The values.
    pub values: Context,
    /// Since when each field has its value.
    pub since: BTreeMap<String, Millis>,
    /// Rises with every change.
    pub version: u64,
}

#[derive(Deserialize)]
struct IdentityRow {
    identifier: String,
    conversation: String,
}

#[derive(Deserialize)]
struct FirstRow {
    at: f64,
}

#[derive(Deserialize)]
struct WhoseRow {
    agent: String,
    person: String,
    version: f64,
}

#[derive(Deserialize)]
struct FieldRow {
    field: String,
    value: String,
    at: f64,
}

#[derive(Deserialize)]
struct SinceRow {
    since: f64,
}

#[derive(Deserialize)]
struct AccountRow {
    action: String,
    user_id: String,
}

impl Holder {
    /// Who the person is; none before the first login.
    pub(super) fn identity(&self, vault: &Vault) -> Answer<Option<Identity>> {
        let rows = self.sql.exec("SELECT identifier, conversation FROM identity WHERE one = 1", None)?;
        let Some(row) = rows.to_array::<IdentityRow>()?.into_iter().next() else { return Ok(None) };
        let plain = vault.open("identifier", &row.identifier)?;
        Ok(Some(Identity { identifier: json::read(&plain)?, conversation: ConversationId::parse(&row.conversation)? }))
    }

    pub(super) fn keep_identity(&self, vault: &Vault, identity: &Identity) -> Answer<()> {
        let sealed = vault.seal("identifier", &serde_json::to_vec(&identity.identifier)?)?;
        self.sql.exec(
            "INSERT OR REPLACE INTO identity (one, identifier, conversation) VALUES (1, ?, ?)",
            Some(vec![sealed.into(), identity.conversation.as_str().into()]),
        )?;
        self.sql.exec("INSERT OR IGNORE INTO first (one, at) VALUES (1, ?)", Some(vec![(now().0 as i64).into()]))?;
        self.sql.exec(
            "INSERT OR IGNORE INTO whose (one, agent, person, version) VALUES (1, ?, ?, 0)",
            Some(vec![vault.agent.as_str().into(), vault.person.as_str().into()]),
        )?;
        Ok(())
    }

    /// Since when the person is known; the first moment for one from before it was written down.
    pub(super) fn since(&self) -> Answer<Millis> {
        let rows = self.sql.exec("SELECT at FROM first WHERE one = 1", None)?.to_array::<FirstRow>()?;
        Ok(rows.first().map(|row| Millis(row.at as u64)).unwrap_or_default())
    }

    /// Whose object this is; nobody's before the first login.
    pub(super) fn whose(&self) -> Answer<Option<(AgentId, PersonId)>> {
        let Some(row) = self.whose_row()? else { return Ok(None) };
        Ok(Some((AgentId::parse(&row.agent)?, PersonId::parse(&row.person)?)))
    }

    /// The number of the persistent context as it stands.
    pub(super) fn version(&self) -> Answer<u64> {
        Ok(self.whose_row()?.map_or(0, |row| row.version as u64))
    }

    fn whose_row(&self) -> Answer<Option<WhoseRow>> {
        let rows = self.sql.exec("SELECT agent, person, version FROM whose WHERE one = 1", None)?;
        Ok(rows.to_array::<WhoseRow>()?.into_iter().next())
    }

    /// The persistent context. A value that does not open is as good as none: what needs it asks for a login.
    pub(super) fn kept(&self, vault: &Vault) -> Answer<Kept> {
        let mut kept = Kept { version: self.version()?, ..Kept::default() };
        for row in self.sql.exec("SELECT field, value, at FROM context", None)?.to_array::<FieldRow>()? {
            let opened = vault.open(&format!("context/{}", row.field), &row.value);
            match opened.and_then(|plain| Ok(json::read::<Value>(&plain)?)) {
                Ok(value) => {
                    kept.since.insert(row.field.clone(), Millis(row.at as u64));
                    kept.values.insert(row.field, value);
                }
                Err(failure) => log("context_not_opened", "", &format!("{failure:?}")),
            }
        }
        Ok(kept)
    }

    /// Puts these fields in the place of those of the same names. What was under way for the old ones is void.
    pub(super) fn keep_fields(&self, vault: &Vault, fields: &BTreeMap<String, Value>) -> Answer<()> {
        for (field, value) in fields {
            let sealed = vault.seal(&format!("context/{field}"), &serde_json::to_vec(value)?)?;
            self.sql.exec(
                "INSERT OR REPLACE INTO context (field, value, at) VALUES (?, ?, ?)",
                Some(vec![field.as_str().into(), sealed.into(), (now().0 as i64).into()]),
            )?;
        }
        self.changed()
    }

    /// Drops these fields.
    pub(super) fn drop_fields(&self, fields: &[impl AsRef<str>]) -> Answer<()> {
        for field in fields {
            self.sql.exec("DELETE FROM context WHERE field = ?", Some(vec![field.as_ref().into()]))?;
        }
        self.changed()
    }

    /// Forgets the persistent context and the linked accounts.
    pub(super) fn forget(&self) -> Answer<()> {
        for table in ["context", "account", "refreshed"] {
            self.sql.exec(&format!("DELETE FROM {table}"), None)?;
        }
        self.changed()
    }

    fn changed(&self) -> Answer<()> {
        self.sql.exec("UPDATE whose SET version = version + 1", None)?;
        self.sql.exec("DELETE FROM refresh", None)?;
        Ok(())
    }

    /// Linked accounts: user ids by action. One that does not open is a failure, not an absence: else another could be
    /// linked in its place.
    pub(super) fn accounts(&self, vault: &Vault) -> Answer<BTreeMap<String, String>> {
        let rows = self.sql.exec("SELECT action, user_id FROM account", None)?.to_array::<AccountRow>()?;
        let open = |row: AccountRow| {
            let plain = vault.open(&format!("account/{}", row.action), &row.user_id)?;
            let user_id = String::from_utf8(plain).map_err(|_| Failure::Internal("account is no text".to_owned()))?;
            Ok((row.action, user_id))
        };
        rows.into_iter().map(open).collect()
    }

    pub(super) fn drop_account(&self, action: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM account WHERE action = ?", Some(vec![action.into()]))?;
        Ok(())
    }

    /// Links an account. `since` is 0 for one that a fresh session vouched for, else when it was brought.
    pub(super) fn link(&self, vault: &Vault, action: &str, user_id: &str, since: Millis) -> Answer<()> {
        let sealed = vault.seal(&format!("account/{action}"), user_id.as_bytes())?;
        self.sql.exec(
            "INSERT OR REPLACE INTO account (action, user_id, since) VALUES (?, ?, ?)",
            Some(vec![action.into(), sealed.into(), (since.0 as i64).into()]),
        )?;
        Ok(())
    }

    /// Since when an account is linked that no fresh session vouched for; 0 for any other, none where there is none.
    pub(super) fn account_since(&self, action: &str) -> Answer<Option<Millis>> {
        let rows = self.sql.exec("SELECT since FROM account WHERE action = ?", Some(vec![action.into()]))?;
        Ok(rows.to_array::<SinceRow>()?.first().map(|row| Millis(row.since as u64)))
    }
}
