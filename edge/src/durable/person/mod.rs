//! A person of one agent: identity, linked accounts, sessions, persistent context, and what was fetched for them.
//!
//! Invariants: a revoked or expired session is refused at the next request; what is stored of the person is sealed; one
//! token refresh runs at a time; nothing is stored in the persistent context of an agent that has it switched off.

mod account;
mod context;
mod data;
mod grant;
mod passkeys;
mod proofs;
mod record;
mod refresh;
mod sessions;
mod store;
mod vault;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::agent::SessionLimits;
use domain::assurance::{Assurance, Standing};
use domain::challenge::Destination;
use domain::identity::Identifier;
use domain::model::DataSet;
use domain::session::life::Life;
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::account::Account;
use shared::card::Method;
use shared::id::{AgentId, ConversationId, PersonId, SessionId};
use shared::passkey::{Assertion, CreationOptions, Registration};
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
#[serde(rename_all = "snake_case")]
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
        /// What to call the browser.
        #[serde(default)]
        device: String,
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
        /// What to call the browser.
        #[serde(default)]
        device: String,
    },
    /// What this person proves signs that one in from now on. Refused with [`shared::error::ErrorCode::OtherPerson`] when
    /// this person is linked already, one way or the other.
    Alias {
        /// Whom.
        of: PersonId,
    },
    /// What this person proves signs themselves in again.
    Restore {
        /// Whom it signed in; if it is another by now, nothing changes.
        of: PersonId,
    },
    /// Take away a way to sign in: a linked proof or a passkey, never what the person was first known by.
    Unlink {
        /// Which session asks; its newest proof must be fresh.
        session: SessionId,
        /// Which, as the account calls it.
        id: String,
    },
    /// The ids of the person's passkeys.
    Passkeys,
    /// Whether a passkey of this person signed this.
    Prove {
        /// What was to be signed.
        challenge: String,
        /// The answer.
        credential: Assertion,
    },
    /// What a new passkey is made with.
    NewPasskey {
        /// Which session asks; its newest proof must be fresh.
        session: SessionId,
    },
    /// Keep a new passkey.
    KeepPasskey {
        /// Which session asks: the one that asked what to make it with.
        session: SessionId,
        /// The answer.
        credential: Registration,
        /// What to call the browser.
        device: String,
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
        /// Whether it is asked because the person did something: then it lives on from now.
        #[serde(default)]
        interaction: bool,
    },
    /// End this session, or every one.
    SignOut {
        /// Which.
        session: SessionId,
        /// Every one.
        everywhere: bool,
    },
    /// Is this one of the ways in which the person signs in?
    Knows {
        /// What was proved.
        identifier: Identifier,
    },
    /// Where the person is signed in, and how they can sign in.
    Account {
        /// Which session asks.
        session: SessionId,
    },
    /// Sign a device out.
    Revoke {
        /// Which session asks.
        session: SessionId,
        /// Which device, as the account calls it.
        device: String,
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
#[serde(rename_all = "snake_case")]
pub enum PersonReply {
    /// Done.
    Done,
    /// The session is open.
    LoggedIn {
        /// Where the person goes on: the conversation they already had, or the one of the proof.
        conversation: ConversationId,
        /// What was proved was linked just now.
        #[serde(default)]
        linked: bool,
    },
    /// What was proved signs another person in.
    Elsewhere {
        /// Whom.
        person: PersonId,
    },
    /// A way to sign in is gone.
    Unlinked {
        /// It was a passkey.
        passkey: bool,
    },
    /// The ids of the person's passkeys.
    Passkeys {
        /// As their authenticators know them.
        ids: Vec<String>,
    },
    /// What a new passkey is made with.
    Creation {
        /// For the browser.
        options: Box<CreationOptions>,
    },
    /// A passkey proved this person.
    Proved {
        /// What the person was first known by.
        identifier: Identifier,
    },
    /// A passkey proved nobody, or none was made.
    NotProved {
        /// Why, for the trail.
        why: String,
    },
    /// The session lives.
    Alive {
        /// The person's current conversation.
        conversation: ConversationId,
        /// What to call the person.
        label: String,
        /// Until when, and what a cookie signed now should say.
        lasts: Lasts,
    },
    /// The account.
    Account {
        /// As the person sees it.
        account: Account,
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

/// How long a live session lasts, by the settings as they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lasts {
    /// When it ends if nothing more is done.
    pub idle_at: Millis,
    /// From when on the next interaction is worth telling.
    pub tell_at: Millis,
    /// When it began.
    pub began: Millis,
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
    /// How long sessions last, by the settings as they were when the object was last told something.
    life: Cell<Life>,
}

impl DurableObject for Person {
    fn new(state: State, env: Env) -> Self {
        let sql = state.storage().sql();
        store::prepare(&sql);
        Self {
            holder: Rc::new(Holder {
                state,
                env,
                sql,
                refreshing: RefCell::new(None),
                life: Cell::new(Life::of(&SessionLimits::default())),
            }),
        }
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
        self.read_life(&agent).await?;
        let vault = Rc::new(Vault::new(&config, agent, person));
        if matches!(act, Act::Check { .. } | Act::Context { .. } | Act::Grant { .. } | Act::StepUp { .. }) {
            self.end_with_record(&vault).await?;
        }
        match act {
            Act::LogIn { proof, session, conversation, expires_at, device } => {
                let opened = sessions::Opened { session, expires_at, ends: None, device };
                self.log_in(&config, &vault, proof, opened, &conversation).await
            }
            Act::StepUp { proof, from, session, expires_at, device } => {
                let opened = sessions::Opened { session, expires_at, ends: Some(from), device };
                self.step_up(&config, &vault, proof, opened).await
            }
            Act::Alias { of } => self.become_alias(&vault, &of),
            Act::Restore { of } => self.restore(&vault, &of),
            Act::Unlink { session, id } => self.unlink(&config, &vault, &session, &id).await,
            Act::Passkeys => {
                let ids = self.passkeys(&vault)?.into_iter().map(|kept| kept.passkey.id).collect();
                Ok(PersonReply::Passkeys { ids })
            }
            Act::Prove { challenge, credential } => self.prove(&config, &vault, &challenge, &credential).await,
            Act::NewPasskey { session } => self.new_passkey(&config, &vault, &session).await,
            Act::KeepPasskey { session, credential, device } => {
                self.keep_passkey(&config, &vault, &session, &credential, &device).await
            }
            Act::Reached { to, name } => self.keep_reached(&vault, to, name),
            Act::MoveHome { from, to } => self.move_home(&from, &to),
            Act::Check { session, interaction } => self.check(&vault, &session, interaction),
            Act::Knows { identifier } => self.knows(&vault, &identifier),
            Act::Account { session } => self.account(&config, &vault, &session).await,
            Act::Revoke { session, device } => self.revoke_device(&config, &vault, &session, &device).await,
            Act::SignOut { session, everywhere } => self.sign_out(&session, everywhere).await,
            Act::Context { session } => self.context(&vault, session.as_ref()).await,
            Act::Grant { session, fields } => self.grant(&vault, &session, &fields).await,
            Act::Refresh { version } => self.refresh(&vault, version).await,
            Act::Remembered => self.remembered(&vault).await,
            Act::Erase => self.erase().await,
        }
    }

    /// Reads how long sessions last. At every command: what the site owner changes holds at once.
    async fn read_life(&self, agent: &AgentId) -> Answer<()> {
        self.life.set(Life::of(&self.settings(agent).await?.customer_auth.session));
        Ok(())
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
