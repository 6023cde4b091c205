//! A person of one agent: identities, sessions, and what was fetched for them.
//!
//! Invariant: a revoked or expired session is refused at the next request; what is stored of the person is sealed.

mod context;
mod sessions;

use domain::address::EmailAddress;
use domain::keys::{MasterKey, Purpose};
use domain::model::DataSet;
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use shared::id::{AgentId, ConversationId, PersonId, SessionId};
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

use super::rpc::{Command, call, reply};
use crate::config::{Config, Namespace};
use crate::failure::Answer;

/// What a person's object is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct PersonCommand {
    /// Of which agent.
    pub agent: AgentId,
    /// Which person.
    pub person: PersonId,
    /// What to do.
    pub act: Act,
}

/// What to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// Open a session after a proof.
    LogIn {
        /// The proved address.
        email: EmailAddress,
        /// The fresh session.
        session: SessionId,
        /// Where the proof was given; the person's conversation from now on, unless they have one.
        conversation: ConversationId,
        /// When the session ends.
        expires_at: Millis,
    },
    /// The person's conversation turned out not to be theirs: a login was cut off before it was. Take another one.
    MoveHome {
        /// The one that is not theirs; if it is another by now, nothing changes.
        from: ConversationId,
        /// Theirs.
        to: ConversationId,
    },
    /// Is this session alive?
    Check {
        /// Which.
        session: SessionId,
    },
    /// End this session, or every one.
    SignOut {
        /// Which.
        session: SessionId,
        /// Every one.
        everywhere: bool,
    },
    /// What the agent may see of the person.
    Context,
}

/// What a person's object answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PersonReply {
    /// Done.
    Done,
    /// The session is open.
    LoggedIn {
        /// Where the person goes on: the conversation they already had, or the one of the proof.
        conversation: ConversationId,
    },
    /// The session lives.
    Alive {
        /// The person's current conversation.
        conversation: ConversationId,
        /// What to call the person.
        label: String,
    },
    /// No such session, or not any more.
    Gone,
    /// What the agent may see.
    Context {
        /// Visible fields, name and value.
        person: Vec<(String, String)>,
        /// The person's data.
        data: Vec<DataSet>,
    },
}

impl Command for PersonCommand {
    const NAMESPACE: Namespace = Namespace::Person;
    type Reply = PersonReply;
}

/// Sends a command to a person's object.
pub async fn tell(env: &Env, agent: &AgentId, person: &PersonId, act: Act) -> Answer<PersonReply> {
    let command = PersonCommand { agent: agent.clone(), person: person.clone(), act };
    call(env, &format!("{agent}:{person}"), &command).await
}

/// The object.
#[durable_object]
pub struct Person {
    env: Env,
    sql: SqlStorage,
}

impl DurableObject for Person {
    fn new(state: State, env: Env) -> Self {
        let sql = state.storage().sql();
        for statement in [
            // One row: the address, sealed, and the conversation that every device of the person continues.
            "CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY, email TEXT NOT NULL, conversation TEXT NOT NULL) STRICT",
            "CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, conversation TEXT NOT NULL, created_at INTEGER NOT NULL, \
             expires_at INTEGER NOT NULL, revoked_at INTEGER) STRICT, WITHOUT ROWID",
            // What a rule fetched, sealed, until it is stale.
            "CREATE TABLE IF NOT EXISTS fetched (rule TEXT PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID",
        ] {
            let _ = sql.exec(statement, None);
        }
        Self { env, sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let text = request.text().await?;
        reply(self.act(&text).await)
    }
}

impl Person {
    async fn act(&self, text: &str) -> Answer<PersonReply> {
        let PersonCommand { agent, person, act } = serde_json::from_str(text)?;
        let config = Config::read(&self.env)?;
        let vault = Vault { key: config.master.derive(&agent, Purpose::Seal), agent, person };
        match act {
            Act::LogIn { email, session, conversation, expires_at } => {
                self.log_in(&vault, &email, &session, &conversation, expires_at)
            }
            Act::MoveHome { from, to } => self.move_home(&from, &to),
            Act::Check { session } => self.check(&vault, &session),
            Act::SignOut { session, everywhere } => self.sign_out(&session, everywhere).await,
            Act::Context => self.context(&vault).await,
        }
    }
}

/// Seals what is stored of one person: a row copied to another person or field does not open.
struct Vault {
    key: [u8; 32],
    agent: AgentId,
    person: PersonId,
}

impl Vault {
    fn seal(&self, field: &str, plain: &[u8]) -> Answer<String> {
        let aad = domain::context::seal::Aad { agent: &self.agent, owner: self.person.as_str(), field };
        Ok(domain::context::seal::seal(&self.key, crate::random::bytes()?, &aad, plain))
    }

    fn open(&self, field: &str, sealed: &str) -> Answer<Vec<u8>> {
        let aad = domain::context::seal::Aad { agent: &self.agent, owner: self.person.as_str(), field };
        domain::context::seal::open(&self.key, &aad, sealed)
            .map_err(|_| crate::failure::Failure::Internal(format!("{field} does not open")))
    }
}

/// The person's id for an address: the same address is the same person, and the id says nothing of it.
pub fn person_id(master: &MasterKey, agent: &AgentId, email: &EmailAddress) -> PersonId {
    domain::identity::person_id(&master.derive(agent, Purpose::Identity), "email", email.as_str())
}
