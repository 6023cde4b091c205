//! Secrets of agents: sealed under the agent's key, bound to the agent and the secret's name (R55). Written, used, never
//! shown. What is cached is sealed; what is opened lives as long as the request that needs it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::agent::ModelChoice;
use domain::context::seal::{self, Aad};
use domain::keys::Purpose;
pub use domain::secrets::MODEL_KEY;
use domain::time::Millis;
use serde::Deserialize;
use shared::admin::secret::MAX_SECRETS;
use shared::id::AgentId;
use worker::{Env, Url, query};

use crate::clock::now;
use crate::config::{Config, Provider, database, openai_base_url, provider_key};
use crate::failure::{Answer, Failure};
use crate::store::was_changed;

/// How long an isolate serves sealed rows that it has read, milliseconds.
const FRESH_MS: u64 = 5_000;

/// The most agents whose sealed rows an isolate keeps.
const MOST: usize = 500;

/// Sealed values by name.
type Sealed = BTreeMap<String, String>;

thread_local! {
    static CACHE: RefCell<HashMap<AgentId, (Millis, Sealed)>> = RefCell::new(HashMap::new());
}

#[derive(Deserialize)]
struct Row {
    name: String,
    sealed: String,
}

/// The agent's secrets of these names; one that is not set is absent.
pub async fn find(
    env: &Env,
    config: &Config,
    agent: &AgentId,
    names: &BTreeSet<String>,
) -> Answer<BTreeMap<String, String>> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    // A test chat has no keys of its own.
    let agent = &agent.saved();
    let sealed = rows(env, agent).await?;
    let key = config.master.derive(agent, Purpose::Seal);
    let wanted = names.iter().filter_map(|name| Some((name, sealed.get(name)?)));
    wanted.map(|(name, sealed)| Ok((name.clone(), open(&key, agent, name, sealed)?))).collect()
}

/// Sets a secret whose name is one. False when the agent has as many as it may: one statement, so that writers at the same
/// moment do not make more, and one of two that write the same wins whole.
pub async fn put(env: &Env, config: &Config, agent: &AgentId, name: &str, value: &str) -> Answer<bool> {
    let key = config.master.derive(agent, Purpose::Seal);
    let field = field(name);
    let aad = Aad { agent, owner: OWNER, field: &field };
    let sealed = seal::seal(&key, crate::random::bytes()?, &aad, value.as_bytes());
    let statement = query!(
        &database(env)?,
        "INSERT INTO secret (agent, name, sealed, at) SELECT ?1, ?2, ?3, ?4 \
         WHERE EXISTS (SELECT 1 FROM secret WHERE agent = ?1 AND name = ?2) \
         OR (SELECT count(*) FROM secret WHERE agent = ?1) < ?5 \
         ON CONFLICT (agent, name) DO UPDATE SET sealed = excluded.sealed, at = excluded.at",
        agent.as_str(),
        name,
        sealed,
        now().0 as f64,
        MAX_SECRETS
    )?;
    let changed = was_changed(&statement.run().await?)?;
    CACHE.with_borrow_mut(|cache| cache.remove(agent));
    Ok(changed)
}

/// Removes a secret. False when there is none.
pub async fn remove(env: &Env, agent: &AgentId, name: &str) -> Answer<bool> {
    let statement = query!(&database(env)?, "DELETE FROM secret WHERE agent = ?1 AND name = ?2", agent.as_str(), name)?;
    let changed = was_changed(&statement.run().await?)?;
    CACHE.with_borrow_mut(|cache| cache.remove(agent));
    Ok(changed)
}

#[derive(Deserialize)]
struct TimeRow {
    name: String,
    at: f64,
}

/// The names of the secrets that are set, each with when it was, milliseconds since 1970.
pub async fn times(env: &Env, agent: &AgentId) -> Answer<BTreeMap<String, u64>> {
    let statement = query!(&database(env)?, "SELECT name, at FROM secret WHERE agent = ?1", agent.as_str())?;
    let rows = statement.all().await?.results::<TimeRow>()?;
    Ok(rows.into_iter().map(|row| (row.name, row.at as u64)).collect())
}

/// The key for the agent's model, if there is one: the agent's own, or the deployment's where the settings name the
/// provider whose key that is. A deployment's key is never sent to an address that an agent's settings chose.
pub async fn model_key(env: &Env, config: &Config, agent: &AgentId, choice: &ModelChoice) -> Answer<Option<String>> {
    let (base_url, provider, host) = match choice {
        ModelChoice::OpenAi { base_url, .. } => (base_url, Provider::OpenAi, "api.openai.com"),
        ModelChoice::Anthropic { base_url, .. } => (base_url, Provider::Anthropic, "api.anthropic.com"),
        ModelChoice::Rehearsal | ModelChoice::WorkersAi { .. } => return Ok(None),
    };
    let mut own = find(env, config, agent, &BTreeSet::from([MODEL_KEY.to_owned()])).await?;
    if let Some(key) = own.remove(MODEL_KEY) {
        return Ok(Some(key));
    }
    let named =
        || provider == Provider::OpenAi && openai_base_url(env).is_some_and(|own| is_same_place(&own, base_url));
    Ok(if is_providers(base_url, host) || named() { provider_key(env, provider) } else { None })
}

/// Whether an address is the provider's own, by its parsed host and over TLS; in development builds also a player on
/// this machine.
fn is_providers(base_url: &str, host: &str) -> bool {
    let Ok(url) = Url::parse(base_url) else { return false };
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_own = url.scheme() == "https" && url.host_str() == Some(host) && url.port().is_none();
    is_own || (cfg!(feature = "dev") && is_loopback)
}

/// Whether two addresses are of one origin (RFC 6454), over TLS.
fn is_same_place(own: &str, other: &str) -> bool {
    let origin = |text: &str| Url::parse(text).ok().filter(|url| url.scheme() == "https").map(|url| url.origin());
    origin(own).is_some_and(|own| Some(own) == origin(other))
}

/// Whose a secret is: nobody's but the agent's.
const OWNER: &str = "agent";

fn field(name: &str) -> String {
    format!("secret/{name}")
}

fn open(key: &[u8; 32], agent: &AgentId, name: &str, sealed: &str) -> Answer<String> {
    let field = field(name);
    let plain = seal::open(key, &Aad { agent, owner: OWNER, field: &field }, sealed);
    let text = plain.ok().and_then(|plain| String::from_utf8(plain).ok());
    text.ok_or_else(|| Failure::Internal(format!("{field} of {agent} does not open")))
}

async fn rows(env: &Env, agent: &AgentId) -> Answer<Sealed> {
    let cached = CACHE.with_borrow(|cache| cache.get(agent).cloned());
    if let Some((at, sealed)) = cached
        && now().since(at) < FRESH_MS
    {
        return Ok(sealed);
    }
    let statement = query!(&database(env)?, "SELECT name, sealed FROM secret WHERE agent = ?1", agent.as_str())?;
    let rows = statement.all().await?.results::<Row>()?;
    let sealed: Sealed = rows.into_iter().map(|row| (row.name, row.sealed)).collect();
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(agent.clone(), (now(), sealed.clone()));
    });
    Ok(sealed)
}
