//! A person of one agent: identity, linked accounts, sessions, persistent context, and what was fetched for them.
//!
//! Invariants: a revoked or expired session is refused at the next request; what is stored of the person is sealed; one
//! token refresh runs at a time; nothing is stored in the persistent context of an agent that has it switched off.

mod context;
mod data;
mod grant;
mod record;
mod refresh;
mod sessions;
mod store;
mod vault;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::assurance::{Assurance, Standing};
use domain::challenge::Destination;
use domain::identity::Identifier;
use domain::model::DataSet;
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::card::Method;
use shared::id::{AgentId, ConversationId, PersonId, SessionId};
use shared::remembered::RememberedField;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

use self::refresh::Refreshing;
use self::vault::Vault;
use super::rpc::{Command, call, reply};
use crate::config::{Config, Namespace};
use crate::failure::{Answer, Failure, log};

/// What a person's object is told.
#[derive(Serialize, Deserialize)]
pub struct PersonCommand {
    /// Of which agent.
    pub agent: AgentId,
    /// Which person.
    pub person: PersonId,
    /// What to do.
    pub act: Act,
}

/// What somebody proved. Has no `Debug`: what is remembered may hold a token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Proof {
    /// Who they are.
    pub identifier: Identifier,
    /// How they proved it.
    pub method: Method,
    /// How strong that is.
    pub assurance: Assurance,
    /// When.
    pub at: Millis,
    /// What goes into the persistent context. What the same login or a token may have given before goes; others stay.
    pub remembered: Option<BTreeMap<String, Value>>,
}

/// What to do.
#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// Open a session after a proof.
    LogIn {
        /// What was proved; it must be this person's.
        proof: Proof,
        /// The fresh session.
        session: SessionId,
        /// Where the proof was given; the person's conversation from now on, unless they have one.
        conversation: ConversationId,
        /// When the session ends.
        expires_at: Millis,
    },
    /// A person who is signed in proves something again: a fresh session takes the place of theirs. Refused with
    /// [`shared::error::ErrorCode::OtherPerson`] when what is proved is somebody else's.
    StepUp {
        /// What was proved. Another account than was known is linked; the person stays who they are.
        proof: Proof,
        /// The session that asked, which ends.
        from: SessionId,
        /// The fresh session.
        session: SessionId,
        /// When it ends.
        expires_at: Millis,
    },
    /// A look-up is about to sign the person in: what their record is called, and where the code went, which is theirs from
    /// now on. None where no code was asked for.
    Reached {
        /// Where to.
        to: Option<Destination>,
        /// What the person is called.
        name: Option<String>,
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
    /// What the agent may see of the person, and what the session that asks stands on.
    Context {
        /// Whose turn it is.
        session: Option<SessionId>,
    },
    /// The values of the persistent context that one action's template names, for that action alone.
    Grant {
        /// Whose turn it is.
        session: SessionId,
        /// The names.
        fields: Vec<String>,
    },
    /// The company's API refused the token of this version: get another one, once.
    Refresh {
        /// Of which version the refused token was.
        version: u64,
    },
    /// What is remembered, for the person to see.
    Remembered,
    /// Forget the persistent context, linked accounts and fetched data. Sessions stay.
    Erase,
}

/// What a person's object answers. Has no `Debug`: what is granted may hold a token.
#[derive(Serialize, Deserialize)]
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
    /// What the agent may see. Nothing, when no session of the person lives.
    Context {
        /// Visible fields, name and value.
        person: Vec<(String, String)>,
        /// The person's data.
        data: Vec<DataSet>,
        /// What the session that asks stands on; nothing when it does not live.
        standing: Option<Standing>,
    },
    /// What one action may use.
    Granted {
        /// What the session stands on, now.
        standing: Standing,
        /// The values that are there, by name.
        values: BTreeMap<String, Value>,
        /// Of which version of the context; for [`Act::Refresh`].
        version: u64,
    },
    /// There is a newer context than the one that was refused.
    Refreshed {
        /// Its version.
        version: u64,
    },
    /// There is no other token.
    NotRefreshed {
        /// Only a login brings one: the API said no, or there is no way to ask it, and the old one is dropped. Otherwise
        /// it may be asked again later.
        login: bool,
    },
    /// What is remembered, by name.
    Remembered {
        /// Each field; a secret without its value.
        fields: Vec<RememberedField>,
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
    holder: Rc<Holder>,
}

/// What the object holds; a refresh in the background shares it.
struct Holder {
    state: State,
    env: Env,
    sql: SqlStorage,
    refreshing: RefCell<Option<Refreshing>>,
}

impl DurableObject for Person {
    fn new(state: State, env: Env) -> Self {
        let sql = state.storage().sql();
        store::prepare(&sql);
        Self { holder: Rc::new(Holder { state, env, sql, refreshing: RefCell::new(None) }) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let text = request.text().await?;
        reply(self.holder.act(&text).await)
    }

    async fn alarm(&self) -> Result<Response> {
        // Never an error: the runtime gives up after a few, and a token would then end unnoticed (R65).
        self.holder.alarmed().await;
        Response::empty()
    }
}

impl Holder {
    async fn act(self: &Rc<Self>, text: &str) -> Answer<PersonReply> {
        let PersonCommand { agent, person, act } = serde_json::from_str(text)?;
        let config = Config::read(&self.env)?;
        let vault = Rc::new(Vault::new(&config, agent, person));
        match act {
            Act::LogIn { proof, session, conversation, expires_at } => {
                let opened = sessions::Opened { session, expires_at, ends: None };
                self.log_in(&config, &vault, proof, opened, &conversation).await
            }
            Act::StepUp { proof, from, session, expires_at } => {
                let opened = sessions::Opened { session, expires_at, ends: Some(from) };
                self.step_up(&vault, proof, opened).await
            }
            Act::Reached { to, name } => self.keep_reached(&vault, to, name),
            Act::MoveHome { from, to } => self.move_home(&from, &to),
            Act::Check { session } => self.check(&vault, &session),
            Act::SignOut { session, everywhere } => self.sign_out(&session, everywhere).await,
            Act::Context { session } => self.context(&vault, session.as_ref()).await,
            Act::Grant { session, fields } => self.grant(&vault, &session, &fields).await,
            Act::Refresh { version } => self.refresh(&vault, version).await,
            Act::Remembered => self.remembered(&vault).await,
            Act::Erase => self.erase().await,
        }
    }

    /// The agent's settings.
    async fn settings(&self, agent: &AgentId) -> Answer<std::sync::Arc<domain::agent::Agent>> {
        let found = crate::store::agents::find(&self.env, agent).await?;
        found.ok_or_else(|| Failure::Internal("agent is gone".to_owned()))
    }
}

/// Logs what is ours and must not stop the rest.
fn note(event: &str, outcome: Answer<()>) {
    if let Err(failure) = outcome {
        log(event, "", &format!("{failure:?}"));
    }
}
