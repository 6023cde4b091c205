//! Budgets: one object for each agent, purpose and key.
//!
//! Invariant: a use is counted before the guarded thing happens. Counting is one synchronous statement in a single
//! threaded object, with no await in it, so concurrent callers cannot both have the last one.

use domain::keys::{MasterKey, Purpose};
use domain::limits::{self, Rule, Tally, TooOften};
use serde::{Deserialize, Serialize};
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

use super::rpc::{Command, call, reply};
use crate::clock::now;
use crate::config::Namespace;
use crate::failure::{Answer, Failure, Refusal};

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Codes mailed to one address.
    EmailRecipient,
    /// Between two codes mailed to one address.
    EmailGap,
    /// Codes mailed for one conversation.
    EmailConversation,
    /// Codes mailed at the request of one client address.
    EmailIp,
    /// Guesses at the codes of one identity.
    GuessIdentity,
    /// Guesses at the long codes of one identity, once those at the short ones are used up.
    GuessIdentityLong,
    /// Conversations opened by one client address.
    VisitIp,
}

impl Budget {
    fn rules(self) -> &'static [Rule] {
        match self {
            Self::EmailRecipient => limits::EMAIL_RECIPIENT,
            Self::EmailGap => limits::EMAIL_GAP,
            Self::EmailConversation => limits::EMAIL_CONVERSATION,
            Self::EmailIp => limits::EMAIL_IP,
            Self::GuessIdentity | Self::GuessIdentityLong => limits::GUESS_IDENTITY,
            Self::VisitIp => limits::VISIT_IP,
        }
    }

    /// Its name, in objects' names and the audit trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::EmailRecipient => "email_recipient",
            Self::EmailGap => "email_gap",
            Self::EmailConversation => "email_conversation",
            Self::EmailIp => "email_ip",
            Self::GuessIdentity => "guess_identity",
            Self::GuessIdentityLong => "guess_identity_long",
            Self::VisitIp => "visit_ip",
        }
    }
}

/// Takes one use.
#[derive(Debug, Serialize, Deserialize)]
pub struct Take {
    /// Of which budget.
    pub budget: Budget,
    /// What to do with it.
    pub mode: Mode,
}

/// What to do with a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Count one use, or refuse.
    Count,
    /// Say whether one is left.
    Peek,
    /// Take the newest use back: what it was counted for did not happen.
    GiveBack,
}

impl Command for Take {
    const NAMESPACE: Namespace = Namespace::Limiter;
    type Reply = ();
}

/// Takes one use of a budget for this key, or refuses with [`ErrorCode::TooOften`].
///
/// The key (an address, a client address) is named by its HMAC: the object's name says nothing.
pub async fn take(env: &Env, master: &MasterKey, agent: &AgentId, budget: Budget, key: &str) -> Answer<()> {
    send(env, master, agent, key, &Take { budget, mode: Mode::Count }).await
}

/// Whether a use is left; counts nothing.
pub async fn peek(env: &Env, master: &MasterKey, agent: &AgentId, budget: Budget, key: &str) -> Answer<()> {
    send(env, master, agent, key, &Take { budget, mode: Mode::Peek }).await
}

/// Takes the newest use back.
pub async fn give_back(env: &Env, master: &MasterKey, agent: &AgentId, budget: Budget, key: &str) -> Answer<()> {
    send(env, master, agent, key, &Take { budget, mode: Mode::GiveBack }).await
}

async fn send(env: &Env, master: &MasterKey, agent: &AgentId, key: &str, take: &Take) -> Answer<()> {
    let name = take.budget.name();
    let hashed = domain::identity::limit_key(&master.derive(agent, Purpose::Limit), name, key);
    call(env, &format!("{agent}:{name}:{hashed}"), take).await
}

/// The object.
#[durable_object]
pub struct Limiter {
    state: State,
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Row {
    tally: String,
}

impl DurableObject for Limiter {
    fn new(state: State, _env: Env) -> Self {
        let sql = state.storage().sql();
        let _ =
            sql.exec("CREATE TABLE IF NOT EXISTS tally (one INTEGER PRIMARY KEY, tally TEXT NOT NULL) STRICT", None);
        Self { state, sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let answer = match serde_json::from_str::<Take>(&request.text().await?) {
            Ok(Take { budget, mode: Mode::Count }) => self.take(budget),
            Ok(Take { budget, mode: Mode::Peek }) => self.peek(budget),
            Ok(Take { budget, mode: Mode::GiveBack }) => self.give_back(budget),
            Err(error) => Err(error.into()),
        };
        if answer.is_ok() {
            // The longest window is a day; an idle budget is forgotten after it.
            self.state.storage().set_alarm(25 * 3_600 * 1_000).await?;
        }
        reply(answer)
    }

    async fn alarm(&self) -> Result<Response> {
        self.sql.exec("DELETE FROM tally", None)?;
        Response::empty()
    }
}

impl Limiter {
    fn tally(&self) -> Answer<Tally> {
        let row = self.sql.exec("SELECT tally FROM tally WHERE one = 1", None)?.to_array::<Row>()?.into_iter().next();
        Ok(match row {
            Some(row) => serde_json::from_str(&row.tally)?,
            None => Tally::default(),
        })
    }

    fn peek(&self, budget: Budget) -> Answer<()> {
        self.tally()?.check(budget.rules(), now()).map_err(refused)
    }

    fn give_back(&self, budget: Budget) -> Answer<()> {
        let mut tally = self.tally()?;
        tally.give_back(budget.rules());
        self.keep(&tally)
    }

    fn take(&self, budget: Budget) -> Answer<()> {
        let mut tally = self.tally()?;
        tally.take(budget.rules(), now()).map_err(refused)?;
        self.keep(&tally)
    }

    fn keep(&self, tally: &Tally) -> Answer<()> {
        let text = serde_json::to_string(tally)?;
        self.sql.exec("INSERT OR REPLACE INTO tally (one, tally) VALUES (1, ?)", Some(vec![text.into()]))?;
        Ok(())
    }
}

fn refused(TooOften { retry_after_s }: TooOften) -> Failure {
    Failure::Client(Refusal { code: ErrorCode::TooOften, retry_after_s: Some(retry_after_s) })
}
