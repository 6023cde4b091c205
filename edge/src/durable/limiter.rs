//! Budgets: one object for each agent, purpose and key.
//!
//! Invariant: a use is counted before the guarded thing happens. Counting is one synchronous statement in a single
//! threaded object, with no await in it, so concurrent callers cannot both have the last one.
//!
//! A budget of uses keeps a tally of times; one of a day's amount keeps a meter (R59); that of codes to phones which came
//! back keeps their newest outcomes (R15); the wrong codes of an agent are in a breaker (R9).

mod budget;

use domain::keys::{MasterKey, Purpose};
use domain::limits::{Breaker, Failed, Health, Meter, Tally, TooOften};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use shared::error::ErrorCode;
use shared::id::AgentId;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

pub use self::budget::Budget;
use super::rpc::{Command, call, reply};
use crate::clock::now;
use crate::config::Namespace;
use crate::failure::{Answer, Failure, Refusal, log};

/// Takes one use.
#[derive(Debug, Serialize, Deserialize)]
pub struct Take {
    /// Of which budget.
    pub budget: Budget,
    /// What to do with it.
    pub mode: Mode,
}

impl Take {
    /// The table that keeps what was used of this budget.
    fn table(&self) -> &'static str {
        match self.budget {
            Budget::PhoneHealth => "health",
            Budget::Failures => "breaker",
            Budget::Tokens | Budget::PhoneDialCode | Budget::PhoneDay => "meter",
            _ => "tally",
        }
    }
}

/// What to do with a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Count one use, or refuse.
    Count,
    /// Say whether one is left.
    Peek,
    /// Take the newest use back: what it was counted for did not happen.
    GiveBack,
    /// Use up this much of the day, or refuse.
    Spend {
        /// How much.
        amount: u32,
        /// How much a day has.
        most: u32,
    },
    /// Say whether the day has this much left.
    Afford {
        /// How much.
        amount: u32,
        /// How much a day has.
        most: u32,
    },
    /// Put what it really was in place of what was spent before.
    Adjust {
        /// What was spent.
        estimate: u32,
        /// What it was.
        real: u32,
        /// When it was spent.
        spent_at: Millis,
    },
    /// A code goes to a phone, unless sending is paused.
    Sent {
        /// The card that waits for it.
        card: String,
    },
    /// The code came back.
    Verified {
        /// The card that waited for it.
        card: String,
    },
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

/// Uses up this many tokens of the agent's day (UTC), or refuses with [`ErrorCode::TooOften`] until the next one begins.
/// Asked before the model is; the answer is for [`adjust`].
pub async fn spend(env: &Env, master: &MasterKey, agent: &AgentId, amount: u32, most: u32) -> Answer<Spent> {
    let at = now();
    send(env, master, agent, "", &Take { budget: Budget::Tokens, mode: Mode::Spend { amount, most } }).await?;
    Ok(Spent { amount, at })
}

/// Uses up one of a budget whose day (UTC) has `most`, or refuses with [`ErrorCode::TooOften`] until the next one begins.
pub async fn spend_one(
    env: &Env,
    master: &MasterKey,
    agent: &AgentId,
    budget: Budget,
    key: &str,
    most: u32,
) -> Answer<()> {
    send(env, master, agent, key, &Take { budget, mode: Mode::Spend { amount: 1, most } }).await
}

/// Whether the day has one left of a budget; uses up nothing.
pub async fn affords_one(
    env: &Env,
    master: &MasterKey,
    agent: &AgentId,
    budget: Budget,
    key: &str,
    most: u32,
) -> Answer<()> {
    send(env, master, agent, key, &Take { budget, mode: Mode::Afford { amount: 1, most } }).await
}

/// A code goes to a phone; refused with [`ErrorCode::TooOften`] while too few of the agent's come back.
pub async fn phone_sent(env: &Env, master: &MasterKey, agent: &AgentId, card: &str) -> Answer<()> {
    send(env, master, agent, "", &Take { budget: Budget::PhoneHealth, mode: Mode::Sent { card: card.to_owned() } })
        .await
}

/// A code came back from a phone.
pub async fn phone_verified(env: &Env, master: &MasterKey, agent: &AgentId, card: &str) -> Answer<()> {
    let mode = Mode::Verified { card: card.to_owned() };
    send(env, master, agent, "", &Take { budget: Budget::PhoneHealth, mode }).await
}

/// Corrects an estimate by what the provider counted.
pub async fn adjust(env: &Env, master: &MasterKey, agent: &AgentId, spent: Spent, real: u32) -> Answer<()> {
    let mode = Mode::Adjust { estimate: spent.amount, real, spent_at: spent.at };
    send(env, master, agent, "", &Take { budget: Budget::Tokens, mode }).await
}

/// What was spent before it was known what it would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    amount: u32,
    at: Millis,
}

/// Counts a wrong code of the agent's; every identity's together (R9). False once they are so many that the alarm is on.
pub async fn failed(env: &Env, master: &MasterKey, agent: &AgentId) -> Answer<bool> {
    match take(env, master, agent, Budget::Failures, "").await {
        Ok(()) => Ok(true),
        Err(failure) if failure.refusal().code == ErrorCode::TooOften => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Whether the agent's alarm is on: its codes are longer then, and each costs more (R9).
pub async fn is_alarmed(env: &Env, master: &MasterKey, agent: &AgentId) -> Answer<bool> {
    match peek(env, master, agent, Budget::Failures, "").await {
        Ok(()) => Ok(false),
        Err(failure) if failure.refusal().code == ErrorCode::TooOften => Ok(true),
        Err(failure) => Err(failure),
    }
}

/// Uses in a test chat are counted with everybody's: no budget is had twice.
async fn send(env: &Env, master: &MasterKey, agent: &AgentId, key: &str, take: &Take) -> Answer<()> {
    let agent = &agent.saved();
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

#[derive(Deserialize)]
struct MeterRow {
    meter: String,
}

#[derive(Deserialize)]
struct HealthRow {
    health: String,
}

#[derive(Deserialize)]
struct BreakerRow {
    breaker: String,
}

/// What a budget keeps: one row of JSON in the table of its kind.
const TABLES: [&str; 4] = ["tally", "meter", "health", "breaker"];

/// Hours after which an idle budget is forgotten: the longest window is a day, and the breaker looks a week back.
const fn forgotten_after_h(budget: Budget) -> i64 {
    if matches!(budget, Budget::Failures) { 8 * 24 } else { 25 }
}

impl DurableObject for Limiter {
    fn new(state: State, _env: Env) -> Self {
        let sql = state.storage().sql();
        Self { state, sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let take = serde_json::from_str::<Take>(&request.text().await?);
        if let Ok(take) = &take {
            // An object is of one budget, so of one kind; there may be very many of them.
            let table = take.table();
            let columns = format!("(one INTEGER PRIMARY KEY, {table} TEXT NOT NULL) STRICT");
            self.sql.exec(&format!("CREATE TABLE IF NOT EXISTS {table} {columns}"), None)?;
        }
        let kept_h = take.as_ref().map_or(0, |take| forgotten_after_h(take.budget));
        let answer = match take {
            Ok(Take { budget: Budget::Failures, mode: Mode::Count }) => self.fail(),
            Ok(Take { budget: Budget::Failures, mode: Mode::Peek }) => {
                self.breaker().and_then(|breaker| breaker.check(now()).map_err(refused))
            }
            Ok(Take { budget, mode: Mode::Count }) => self.take(budget),
            Ok(Take { budget: Budget::PhoneHealth, mode: Mode::Peek }) => {
                self.told(|health| health.check(now()).map_err(refused))
            }
            Ok(Take { budget, mode: Mode::Peek }) => self.peek(budget),
            Ok(Take { budget, mode: Mode::GiveBack }) => self.give_back(budget),
            Ok(Take { mode: Mode::Spend { amount, most }, .. }) => {
                self.metered(|meter| meter.spend(amount, most, now()).map_err(refused))
            }
            Ok(Take { mode: Mode::Afford { amount, most }, .. }) => {
                self.meter().and_then(|mut meter| meter.spend(amount, most, now()).map_err(refused))
            }
            Ok(Take { mode: Mode::Adjust { estimate, real, spent_at }, .. }) => self.metered(|meter| {
                meter.adjust(estimate, real, spent_at);
                Ok(())
            }),
            Ok(Take { mode: Mode::Sent { card }, .. }) => {
                self.told(|health| health.sent(&card, now()).map_err(refused))
            }
            Ok(Take { mode: Mode::Verified { card }, .. }) => self.told(|health| {
                health.verified(&card);
                Ok(())
            }),
            Err(error) => Err(error.into()),
        };
        if answer.is_ok() {
            self.state.storage().set_alarm(kept_h * 3_600 * 1_000).await?;
        }
        reply(answer)
    }

    async fn alarm(&self) -> Result<Response> {
        for table in TABLES {
            // Only one of them is there.
            let _ = self.sql.exec(&format!("DELETE FROM {table}"), None);
        }
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

    fn breaker(&self) -> Answer<Breaker> {
        let rows = self.sql.exec("SELECT breaker FROM breaker WHERE one = 1", None)?.to_array::<BreakerRow>()?;
        Ok(match rows.first() {
            Some(row) => serde_json::from_str(&row.breaker)?,
            None => Breaker::default(),
        })
    }

    /// Counts a wrong code, and says when there are too many. Logged once a day.
    fn fail(&self) -> Answer<()> {
        let mut breaker = self.breaker()?;
        let failed = breaker.failed(now());
        let text = serde_json::to_string(&breaker)?;
        self.sql.exec("INSERT OR REPLACE INTO breaker (one, breaker) VALUES (1, ?)", Some(vec![text.into()]))?;
        if failed == Failed::Tripped {
            log("guessing_alarm", "", &format!("over {} wrong codes today", breaker.bound()));
        }
        breaker.check(now()).map_err(refused)
    }

    fn meter(&self) -> Answer<Meter> {
        let rows = self.sql.exec("SELECT meter FROM meter WHERE one = 1", None)?.to_array::<MeterRow>()?;
        Ok(match rows.first() {
            Some(row) => serde_json::from_str(&row.meter)?,
            None => Meter::default(),
        })
    }

    fn metered(&self, change: impl FnOnce(&mut Meter) -> Answer<()>) -> Answer<()> {
        let mut meter = self.meter()?;
        change(&mut meter)?;
        let text = serde_json::to_string(&meter)?;
        self.sql.exec("INSERT OR REPLACE INTO meter (one, meter) VALUES (1, ?)", Some(vec![text.into()]))?;
        Ok(())
    }

    /// What is refused is kept too: a pause begins with the message that it refuses.
    fn told(&self, change: impl FnOnce(&mut Health) -> Answer<()>) -> Answer<()> {
        let rows = self.sql.exec("SELECT health FROM health WHERE one = 1", None)?.to_array::<HealthRow>()?;
        let mut health = match rows.first() {
            Some(row) => serde_json::from_str(&row.health)?,
            None => Health::default(),
        };
        let before = health.clone();
        let outcome = change(&mut health);
        if health == before {
            return outcome;
        }
        let text = serde_json::to_string(&health)?;
        self.sql.exec("INSERT OR REPLACE INTO health (one, health) VALUES (1, ?)", Some(vec![text.into()]))?;
        outcome
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
