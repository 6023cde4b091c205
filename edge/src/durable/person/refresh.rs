//! Token mode (K5): one refresh at a time, the same attempt after an end in the middle, an alarm before the token ends.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use domain::action::template::{Known, Prepared, Unprepared, prepare, uses};
use domain::action::value::Values;
use domain::action::{Action, Kind};
use domain::agent::Agent;
use domain::context::refresh::{self, Came};
use domain::time::Millis;
use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};
use serde::Deserialize;
use worker::Delay;

use super::store::Kept;
use super::{Holder, PersonReply, Vault, note};
use crate::action::{self, SendFault};
use crate::clock::now;
use crate::config::Config;
use crate::failure::{Answer, log};
use crate::random;

/// An attempt under way; everybody who needs its outcome waits for the same one.
pub(super) type Refreshing = Shared<LocalBoxFuture<'static, Ended>>;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The context has this version now.
    Refreshed(u64),
    /// There is no new token, now or, when only a login helps, ever.
    Not { login: bool },
}

/// How long after an attempt began the alarm looks whether it ended, milliseconds: longer than an action may take.
const GUARD_MS: i64 = 20_000;

/// The longest that all tries of one attempt may take, milliseconds: somebody waits for it.
const MOST_MS: u64 = 12_000;

/// Between two tries of one attempt, milliseconds.
const PAUSE_MS: u64 = 300;

/// How long the alarm waits when it could not do its work, milliseconds.
const AGAIN_MS: i64 = 60_000;

#[derive(Deserialize)]
struct Row {
    key: Option<String>,
    started_at: f64,
    version: f64,
    failed: f64,
}

#[derive(Deserialize)]
struct Refreshed {
    at: f64,
}

/// The agent's refresh action, if it has one.
pub(super) fn of(agent: &Agent) -> Option<&Action> {
    agent.actions.iter().find(|action| matches!(action.kind, Kind::Refresh { .. }))
}

impl Holder {
    /// Gets another token, unless the refused one is an older version's: then somebody did already.
    pub(super) async fn refresh(self: &Rc<Self>, vault: &Rc<Vault>, version: u64) -> Answer<PersonReply> {
        let current = self.version()?;
        if version < current {
            return Ok(PersonReply::Refreshed { version: current });
        }
        Ok(match self.joined(vault).await {
            Ended::Refreshed(version) => PersonReply::Refreshed { version },
            Ended::Not { login } => PersonReply::NotRefreshed { login },
        })
    }

    /// The outcome of the attempt under way, or of a new one. Nothing is awaited between looking and starting.
    async fn joined(self: &Rc<Self>, vault: &Rc<Vault>) -> Ended {
        let under_way = self.refreshing.borrow().clone();
        let refreshing = if let Some(refreshing) = under_way {
            refreshing
        } else {
            let (holder, vault) = (Rc::clone(self), Rc::clone(vault));
            let refreshing = async move { holder.attempt(&vault).await }.boxed_local().shared();
            self.refreshing.replace(Some(refreshing.clone()));
            // It goes on though whoever asked has gone: the others wait for it.
            self.state.wait_until(refreshing.clone().map(|_| ()));
            refreshing
        };
        refreshing.await
    }

    async fn attempt(&self, vault: &Vault) -> Ended {
        let ended = match self.tried(vault).await {
            Ok(ended) => ended,
            Err(failure) => {
                log("refresh_failed", "", &format!("{failure:?}"));
                note("refresh_not_counted", self.version().and_then(|version| self.came_to_nothing(version)));
                Ended::Not { login: false }
            }
        };
        self.refreshing.replace(None);
        self.arm(vault).await;
        ended
    }

    async fn tried(&self, vault: &Vault) -> Answer<Ended> {
        let config = Config::read(&self.env)?;
        let agent = self.settings(&vault.agent).await?;
        let kept = self.allowed(vault, &agent)?;
        let Some(action) = of(&agent) else { return self.given_up() };
        let prepared = match self.prepared(&config, vault, action, &kept).await? {
            Ok(prepared) => prepared,
            Err(Unprepared::MissingContext(_)) => return self.given_up(),
            Err(unprepared) => {
                let why = action::why(&unprepared);
                log("refresh_not_prepared", "", &format!("{} {}: {why}", vault.agent, action.name));
                self.came_to_nothing(kept.version)?;
                return Ok(Ended::Not { login: false });
            }
        };
        let began = now();
        loop {
            let key = self.begun(kept.version)?;
            self.state.storage().set_alarm(GUARD_MS).await?;
            let sent = action::send(&config, &vault.agent, action, prepared.clone(), &key, None).await;
            let current = self.version()?;
            if current != kept.version {
                // A login gave another token, or the person had it erased: this answer is for one that is gone.
                return Ok(Ended::Refreshed(current));
            }
            match sent.map(|answered| refresh::came(action, &answered.read, now())) {
                Ok(Came::Replaced(fields)) => {
                    // Nothing is awaited here: an old end must not stand beside a new token.
                    self.drop_fields(&[refresh::EXPIRED_AT])?;
                    self.keep_fields(vault, &fields)?;
                    self.sql.exec(
                        "INSERT OR REPLACE INTO refreshed (one, at) VALUES (1, ?)",
                        Some(vec![(now().0 as i64).into()]),
                    )?;
                    return Ok(Ended::Refreshed(self.version()?));
                }
                Ok(Came::Refused) => return self.given_up(),
                // It was answered: services repeat their answer to a key, and that one was of no use.
                Ok(Came::Nothing) | Err(SendFault::NotSent(_)) => self.failed(false)?,
                Err(SendFault::Unknown(_)) => self.failed(true)?,
            }
            // Once more at once, where whoever waits has the time: one lost answer is no reason to ask for a login.
            let is_second = self.row()?.is_some_and(|row| row.failed > 1.0);
            if is_second || now().since(began) + u64::from(action.timeout_ms) > MOST_MS {
                return Ok(Ended::Not { login: false });
            }
            Delay::from(Duration::from_millis(PAUSE_MS)).await;
        }
    }

    /// There is no other token for this one: it is dropped, and what needs one asks for a login.
    fn given_up(&self) -> Answer<Ended> {
        self.drop_fields(&refresh::FIELDS)?;
        Ok(Ended::Not { login: true })
    }

    async fn prepared(
        &self,
        config: &Config,
        vault: &Vault,
        action: &Action,
        kept: &Kept,
    ) -> Answer<Result<Prepared, Unprepared>> {
        let uses = match uses(action) {
            Ok(uses) => uses,
            Err(fault) => return Ok(Err(Unprepared::Template(fault))),
        };
        let secrets = action::known_secrets(&self.env, config, &vault.agent, &uses).await?;
        let known = Known { context: &kept.values, secrets: &secrets, step: &BTreeMap::new() };
        Ok(prepare(action, &Values::default(), &known, &action::allowed()))
    }

    /// Stores that an attempt begins, and gives its key: the one of an attempt for the same version that was cut off.
    fn begun(&self, version: u64) -> Answer<String> {
        let row = self.row()?.filter(|row| row.version as u64 == version);
        let failed = row.as_ref().map_or(0, |row| row.failed as i64);
        let cut_off = row.filter(|row| refresh::key_serves(Millis(row.started_at as u64), now()));
        let (key, started_at) = match cut_off.and_then(|row| Some((row.key?, row.started_at as i64))) {
            Some(begun) => begun,
            None => (random::id22()?, now().0 as i64),
        };
        self.sql.exec(
            "INSERT OR REPLACE INTO refresh (one, key, started_at, version, failed) VALUES (1, ?, ?, ?, ?)",
            Some(vec![key.as_str().into(), started_at.into(), (version as i64).into(), failed.into()]),
        )?;
        Ok(key)
    }

    /// Counts an attempt that did not get as far as the API, or failed on our side: the alarm waits longer each time. The
    /// key of one whose outcome nobody knows stays.
    fn came_to_nothing(&self, version: u64) -> Answer<()> {
        self.begun(version)?;
        self.failed(true)
    }

    fn failed(&self, keeps_key: bool) -> Answer<()> {
        let key = if keeps_key { "key" } else { "NULL" };
        self.sql.exec(&format!("UPDATE refresh SET failed = failed + 1, key = {key}"), None)?;
        Ok(())
    }

    fn row(&self) -> Answer<Option<Row>> {
        let rows = self.sql.exec("SELECT key, started_at, version, failed FROM refresh WHERE one = 1", None)?;
        Ok(rows.to_array::<Row>()?.into_iter().next())
    }

    /// When a refresh last brought a token.
    pub(super) fn refreshed_at(&self) -> Answer<Option<Millis>> {
        let rows = self.sql.exec("SELECT at FROM refreshed WHERE one = 1", None)?;
        Ok(rows.to_array::<Refreshed>()?.into_iter().next().map(|row| Millis(row.at as u64)))
    }

    /// Sets the alarm to the next refresh, or to none. Called in every exit of what changes when it is due.
    pub(super) async fn arm(&self, vault: &Vault) {
        // An attempt under way has its guard, and arms when it ends.
        if self.refreshing.borrow().is_some() {
            return;
        }
        let armed = async {
            match self.next(vault).await? {
                Some(at) => {
                    Ok(self.state.storage().set_alarm(i64::try_from(at.since(now())).unwrap_or(AGAIN_MS)).await?)
                }
                None => self.disarm().await,
            }
        };
        if let Err(failure) = armed.await {
            log("refresh_not_armed", "", &format!("{failure:?}"));
            let _ = self.state.storage().set_alarm(AGAIN_MS).await;
        }
    }

    pub(super) async fn disarm(&self) -> Answer<()> {
        Ok(self.state.storage().delete_alarm().await?)
    }

    /// When the next refresh is due; never, for somebody who is gone by then or has nothing to be refreshed.
    async fn next(&self, vault: &Vault) -> Answer<Option<Millis>> {
        let (Some(until), agent) = (self.lives_until()?, self.settings(&vault.agent).await?) else { return Ok(None) };
        let kept = self.allowed(vault, &agent)?;
        let (Some(_), Some(end)) = (of(&agent), refresh::ends_at(&kept.values)) else { return Ok(None) };
        let stored = kept.since.get(refresh::TOKEN).copied().unwrap_or_default();
        let failed = self.row()?.map_or(0, |row| row.failed as u32);
        let soonest = self.refreshed_at()?.map(refresh::again_at).unwrap_or_default();
        let at = refresh::due_at(stored, end).max(now().plus_ms(refresh::wait_ms(failed))).max(soonest);
        Ok((at < until).then_some(at))
    }

    /// The alarm: refreshes what is due, looks after an attempt that was cut off, and arms again in every exit.
    pub(super) async fn alarmed(self: &Rc<Self>) {
        let outcome = async {
            let Some((agent, person)) = self.whose()? else { return Ok(()) };
            let config = Config::read(&self.env)?;
            self.read_life(&agent).await?;
            let vault = Rc::new(Vault::new(&config, agent, person));
            if self.is_due(&vault).await? {
                self.joined(&vault).await;
            } else {
                self.arm(&vault).await;
            }
            Ok(())
        };
        let outcome = outcome.await;
        if outcome.is_err() {
            let _ = self.state.storage().set_alarm(AGAIN_MS).await;
        }
        note("alarm_failed", outcome);
    }

    async fn is_due(&self, vault: &Vault) -> Answer<bool> {
        let agent = self.settings(&vault.agent).await?;
        if self.lives_until()?.is_none() || of(&agent).is_none() {
            return Ok(false);
        }
        let kept = self.allowed(vault, &agent)?;
        let Some(end) = refresh::ends_at(&kept.values) else { return Ok(false) };
        let stored = kept.since.get(refresh::TOKEN).copied().unwrap_or_default();
        // Alarms may come a little early.
        let soon = now().plus_s(2);
        let is_due = refresh::due_at(stored, end) <= soon && refresh::may_again(self.refreshed_at()?, soon);
        Ok(self.row()?.is_some() || is_due)
    }
}
