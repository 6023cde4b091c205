//! Whose budgets a code is counted under: everybody's, or those of a browser that proved the same person before (R12); and
//! how long a code has to be (R8, R9).

use std::rc::Rc;

use domain::agent::Agent;
use domain::audit::AuditKind;
use domain::challenge::{Destination, RefusedWhy};
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::session::known::Known;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use shared::error::ErrorCode;
use shared::id::AgentId;

use super::audit::detail;
use super::room::Room;
use crate::caller::Caller;
use crate::clock::now;
use crate::config::Config;
use crate::durable::limiter::{Budget, failed, is_alarmed, peek, take};
use crate::durable::person::{self, PersonReply};
use crate::failure::{Answer, Failure, log};

/// Digits of a code once an identity's guesses at shorter ones are used up, and while the agent's alarm is on.
pub const LONG_DIGITS: u8 = 8;

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// Whose budgets. Kept with a message to a phone until its fate is known, sealed; the default is everybody's.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Allowance {
    /// The key of the browser's own budgets for the person; none of a browser that did not prove them before.
    own: Option<String>,
    /// The key of everybody's, and of those that all browsers share which proved the person before.
    shared: String,
}

/// Which message of one request for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// The one that was asked for.
    First,
    /// The one of a look-up: the browser's own budgets were taken when it was asked for.
    LookedUp,
    /// By another channel, in place of one that was lost. Nobody waits a minute for it.
    Instead,
}

impl Allowance {
    /// Of this caller for this destination.
    pub async fn of(room: &Room, config: &Config, agent: &AgentId, caller: &Caller, destination: &Destination) -> Self {
        let identifier = Identifier::from(destination.clone());
        let person = identifier.person(&config.master.derive(agent, Purpose::Identity));
        let own = match &caller.known {
            Some(known) if known.proved().contains(&person) || is_linked(room, agent, known, &identifier).await => {
                Some(known.budget_key(&person))
            }
            _ => None,
        };
        Self { own, shared: destination.budget_key() }
    }

    /// Between two codes. `to` is where the message goes, where that is another than what was asked for.
    pub fn gap<'a>(&'a self, to: &'a str) -> (Budget, &'a str) {
        self.own.as_deref().map_or((Budget::EmailGap, to), |own| (Budget::KnownGap, own))
    }

    /// Codes in a day. The browser's own first: what it is refused uses up nothing of the person's other browsers.
    pub fn recipient<'a>(&'a self, to: &'a str) -> Vec<(Budget, &'a str)> {
        match &self.own {
            Some(own) => vec![(Budget::KnownRecipient, own), (Budget::KnownRecipientAll, &self.shared)],
            None => vec![(Budget::EmailRecipient, to)],
        }
    }

    /// What a message takes of the browser's own. None of a browser that has none: then everybody's are taken.
    pub fn receiving(&self, message: Message) -> Option<Vec<(Budget, &str)>> {
        let own = self.own.as_deref()?;
        Some(match message {
            Message::First => [(Budget::KnownGap, own)].into_iter().chain(self.recipient("")).collect(),
            Message::LookedUp => Vec::new(),
            Message::Instead => self.recipient(""),
        })
    }

    /// What is counted under, of everybody's budgets and of those of all browsers that proved the person.
    pub fn shared(&self) -> &str {
        &self.shared
    }

    /// Look-ups that prove nobody. The agent's last: whoever is stopped before uses up nothing of what everybody shares.
    pub fn lookups<'a>(&'a self, conversation: &'a str) -> Vec<(Budget, &'a str)> {
        match &self.own {
            Some(own) => vec![(Budget::KnownLookup, own)],
            None => vec![(Budget::LookupConversation, conversation), (Budget::LookupAgent, "")],
        }
    }

    /// Whether the browser's own budgets are used.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Guesses at a code of so many digits.
    fn guesses(&self, digits: u8) -> Vec<(Budget, &str)> {
        match &self.own {
            Some(own) => vec![(Budget::KnownGuess, own), (Budget::KnownGuessAll, &self.shared)],
            None if digits >= LONG_DIGITS => vec![(Budget::GuessIdentity, &self.shared)],
            None => vec![(Budget::GuessShort, &self.shared), (Budget::GuessIdentity, &self.shared)],
        }
    }

    /// Counts a guess, before it is looked at. False when there are none left.
    pub async fn guess(&self, room: &Room, config: &Config, agent: &AgentId, digits: u8) -> bool {
        for (budget, key) in self.guesses(digits) {
            if take(&room.env, &config.master, agent, budget, key).await.is_err() {
                return false;
            }
        }
        true
    }

    /// How many digits the next code has. While the alarm is on a start costs more, too: fewer are taken from one network.
    pub async fn digits(&self, room: &Rc<Room>, config: &Config, agent: &Agent, client: &str) -> Answer<u8> {
        let wanted = agent.customer_auth.code_digits.clamp(6, 10);
        if is_alarmed(&room.env, &config.master, &agent.id).await? {
            if !self.is_own() {
                room.take_all(config, &agent.id, [(Budget::AlarmIp, client)]).await?;
            }
            return Ok(wanted.max(LONG_DIGITS));
        }
        let used_up = !self.is_own()
            && peek(&room.env, &config.master, &agent.id, Budget::GuessShort, &self.shared).await.is_err();
        Ok(if used_up { wanted.max(LONG_DIGITS) } else { wanted })
    }
}

/// Whether this is linked, now, to somebody whom the browser proved. Those persons' objects are asked, all at once, and never
/// that of what was typed: whoever it may be, the same is done.
async fn is_linked(room: &Room, agent: &AgentId, known: &Known, identifier: &Identifier) -> bool {
    let asked = known.proved().iter().map(async |person| {
        let knows = async |person| {
            let act = person::Act::Knows { identifier: identifier.clone() };
            person::tell(&room.env, agent, person, act).await
        };
        let asked = match knows(person).await {
            // One step: whoever has links is nobody's own.
            Ok(PersonReply::Elsewhere { person }) => knows(&person).await,
            asked => asked,
        };
        match asked {
            Ok(reply) => matches!(reply, PersonReply::Done),
            Err(failure) => {
                log("link_not_asked", "", &format!("{failure:?}"));
                false
            }
        }
    });
    join_all(asked).await.contains(&true)
}

impl Room {
    /// Takes one use of each budget, in order; the first that is used up refuses, and the trail says which.
    pub async fn take_all<'a>(
        self: &Rc<Self>,
        config: &Config,
        agent: &AgentId,
        budgets: impl IntoIterator<Item = (Budget, &'a str)>,
    ) -> Answer<()> {
        for (budget, key) in budgets {
            let taken = take(&self.env, &config.master, agent, budget, key).await;
            taken.or_else(|failure| self.limited(budget, failure))?;
        }
        Ok(())
    }

    /// Writes down which budget refused, and raises the alarm when it is one of many people together (R15).
    pub fn limited(self: &Rc<Self>, budget: Budget, failure: Failure) -> Answer<()> {
        let state = self.store.state()?;
        let told = detail("budget", budget.name());
        let of_many = [Budget::PhonePrefix, Budget::PhoneDialCode, Budget::PhoneDay, Budget::PhoneHealth];
        if of_many.contains(&budget) && failure.refusal().code == ErrorCode::TooOften {
            log("alarm_phone", "", budget.name());
            // The ledger takes an id once: one entry an hour, whatever is refused.
            let id = format!("alarm_phone/{}/{}", budget.name(), now().0 / 3_600_000);
            self.note_once(id, &state, AuditKind::AlarmPhone, &told)?;
        }
        self.note(&state, AuditKind::RateLimited, &told)?;
        self.hand_over();
        Err(failure)
    }

    /// A code was wrong: counted for the agent as a whole. Whoever finds the alarm on writes it down; the trail takes it
    /// once a day.
    pub async fn failed(&self, config: &Config, agent: &AgentId, why: RefusedWhy) -> Answer<()> {
        if !matches!(why, RefusedWhy::Wrong | RefusedWhy::Expired) {
            return Ok(());
        }
        match failed(&self.env, &config.master, agent).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let id = format!("guessing_alarm/{}", now().0 / DAY_MS);
                self.note_once(id, &self.store.state()?, AuditKind::GuessingAlarm, &detail("until", "end of day"))
            }
            // The guess was refused all the same.
            Err(failure) => {
                log("failure_not_counted", "", &format!("{failure:?}"));
                Ok(())
            }
        }
    }
}
