//! Which sites have loaded an agent's chat, or tried to. Nothing about a visitor, and nothing that costs one a moment: it is
//! written after the answer, at most once an hour for each site.

use std::cell::RefCell;
use std::collections::HashMap;

use domain::time::Millis;
use serde::Deserialize;
use shared::id::AgentId;
use worker::{Env, query};

use crate::config::database;
use crate::failure::Answer;

/// How long a site is not written again, milliseconds.
const HOUR_MS: u64 = 3_600_000;
/// The most sites of an agent that are kept, of those that are allowed and of the others: a `Referer` may hold anything.
const MOST: usize = 10;
/// The most agents that an isolate remembers.
const MOST_AGENTS: usize = 500;

/// A site that loaded the chat, or tried to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct Load {
    /// Its origin.
    pub origin: String,
    /// Whether it was on the list of allowed origins: 1 or 0.
    pub allowed: u8,
}

thread_local! {
    /// What this isolate has told D1 within the hour.
    static TOLD: RefCell<HashMap<AgentId, Vec<(Millis, Load)>>> = RefCell::new(HashMap::new());
}

/// Whether D1 is to be told of it: not what it was told within the hour, and no more of an agent than it keeps.
pub fn is_news(agent: &AgentId, load: &Load, now: Millis) -> bool {
    TOLD.with_borrow_mut(|told| {
        if told.len() >= MOST_AGENTS {
            told.clear();
        }
        let told = told.entry(agent.clone()).or_default();
        told.retain(|(at, _)| now.since(*at) < HOUR_MS);
        let is_full = told.iter().filter(|(_, known)| known.allowed == load.allowed).count() >= MOST;
        let is_news = !is_full && !told.iter().any(|(_, known)| known == load);
        if is_news {
            told.push((now, load.clone()));
        }
        is_news
    })
}

/// Writes it down: what other isolates wrote within the hour stays, and a new site takes the place of the oldest of its kind
/// once that is an hour old.
pub async fn note(env: &Env, agent: &AgentId, load: &Load, now: Millis) -> Answer<()> {
    let database = database(env)?;
    let (at, since, most) = (now.0 as f64, now.0.saturating_sub(HOUR_MS) as f64, MOST as f64);
    let own = "FROM page_load WHERE agent = ?1 AND allowed = ?3";
    let write = format!(
        "INSERT INTO page_load (agent, origin, allowed, at) SELECT ?1, ?2, ?3, ?4 \
         WHERE EXISTS (SELECT 1 FROM page_load WHERE agent = ?1 AND origin = ?2) \
         OR (SELECT count(*) {own}) < ?6 OR (SELECT min(at) {own}) <= ?5 \
         ON CONFLICT (agent, origin) DO UPDATE SET at = ?4, allowed = ?3 WHERE at <= ?5 OR allowed <> ?3"
    );
    let trim = "DELETE FROM page_load WHERE agent = ?1 AND allowed = ?2 AND origin NOT IN \
                (SELECT origin FROM page_load WHERE agent = ?1 AND allowed = ?2 ORDER BY at DESC LIMIT ?3)";
    let (agent, Load { origin, allowed }) = (agent.as_str(), load);
    let write = query!(&database, write, agent, origin, allowed, at, since, most)?;
    database.batch(vec![write, query!(&database, trim, agent, allowed, most)?]).await?;
    Ok(())
}

/// Those of an agent, the newest first, with the time in milliseconds.
pub async fn list(env: &Env, agent: &AgentId) -> Answer<Vec<(Load, u64)>> {
    #[derive(Deserialize)]
    struct Row {
        origin: String,
        allowed: u8,
        at: u64,
    }
    let sql = "SELECT origin, allowed, at FROM page_load WHERE agent = ?1 ORDER BY at DESC, origin";
    let rows = query!(&database(env)?, sql, agent.as_str())?.all().await?.results::<Row>()?;
    Ok(rows.into_iter().map(|Row { origin, allowed, at }| (Load { origin, allowed }, at)).collect())
}
