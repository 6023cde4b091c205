//! Secrets of agents: sealed under the agent's key, bound to the agent and the secret's name (R55), with the hosts that each may
//! be sent to (decision 0024). Written, used, never
//! shown. What is cached is sealed; what is opened lives as long as the request that needs it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::action::address;
use domain::agent::ModelChoice;
use domain::context::seal::{self, Aad};
use domain::keys::Purpose;
use domain::secrets::{Bound, MODEL_KEY};
use domain::time::Millis;
use serde::Deserialize;
use shared::admin::secret::{MAX_SECRETS, SecretSet};
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

/// How often a write that keeps what is there is tried against others at the same moment.
const MOST_TRIES: usize = 20;

/// In the place of any sealed text.
const ANY: &str = "*";

/// Sealed values by name.
type Sealed = BTreeMap<String, String>;

thread_local! {
    static CACHE: RefCell<HashMap<AgentId, (Millis, Sealed)>> = RefCell::new(HashMap::new());
}

#[derive(Deserialize)]
struct Row {
    name: String,
    sealed: String,
    at: f64,
}

/// The agent's secrets of these names; one that is not set is absent, and so is one that may not be sent to this host. No host is
/// for what the program itself sends to the service whose it is, or sends nowhere.
pub async fn find(
    env: &Env,
    config: &Config,
    agent: &AgentId,
    names: &BTreeSet<String>,
    host: Option<&str>,
) -> Answer<BTreeMap<String, String>> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    // A test chat has no keys of its own.
    let agent = &agent.saved();
    let sealed = rows(env, agent).await?;
    let key = config.master.derive(agent, Purpose::Seal);
    let mut found = BTreeMap::new();
    for (name, sealed) in names.iter().filter_map(|name| Some((name, sealed.get(name)?))) {
        let bound = open(&key, agent, name, sealed)?;
        if host.is_none_or(|host| bound.may_go_to(host)) {
            found.insert(name.clone(), bound.value);
        }
    }
    Ok(found)
}

/// Sets a secret whose name is one. False when the agent has as many as it may: one statement, so that writers at the same
/// moment do not make more, and one of two that write the same wins whole. Without hosts it keeps those that it is bound to.
pub async fn put(
    env: &Env,
    config: &Config,
    agent: &AgentId,
    name: &str,
    (value, hosts): (&str, Option<Vec<String>>),
) -> Answer<bool> {
    let key = config.master.derive(agent, Purpose::Seal);
    let field = field(name);
    let aad = Aad { agent, owner: OWNER, field: &field };
    for _ in 0..MOST_TRIES {
        forget(agent);
        let before = rows(env, agent).await?.remove(name);
        // One that does not open any more, under another master key, can be set anew.
        let opened = || open(&key, agent, name, before.as_ref()?).ok().map(|bound| bound.hosts);
        let bound =
            Bound { value: value.to_owned(), hosts: hosts.clone().unwrap_or_else(|| opened().unwrap_or_default()) };
        let sealed = seal::seal(&key, crate::random::bytes()?, &aad, bound.write().as_bytes());
        // What keeps its hosts takes the place of what they were read of, and of nothing else.
        let place = if hosts.is_some() { ANY } else { before.as_deref().unwrap_or_default() };
        let statement = query!(
            &database(env)?,
            "INSERT INTO secret (agent, name, sealed, at) SELECT ?1, ?2, ?3, ?4 \
             WHERE EXISTS (SELECT 1 FROM secret WHERE agent = ?1 AND name = ?2) \
             OR (SELECT count(*) FROM secret WHERE agent = ?1) < ?5 \
             ON CONFLICT (agent, name) DO UPDATE SET sealed = excluded.sealed, at = excluded.at \
             WHERE ?6 = '*' OR secret.sealed = ?6",
            agent.as_str(),
            name,
            sealed,
            now().0 as f64,
            MAX_SECRETS,
            place
        )?;
        let changed = was_changed(&statement.run().await?)?;
        forget(agent);
        if changed {
            return Ok(true);
        }
        if hosts.is_some() || !rows(env, agent).await?.contains_key(name) {
            return Ok(false);
        }
    }
    Err(Failure::Internal(format!("{field} of {agent} is set by too many at once")))
}

/// Removes a secret. False when there is none.
pub async fn remove(env: &Env, agent: &AgentId, name: &str) -> Answer<bool> {
    let statement = query!(&database(env)?, "DELETE FROM secret WHERE agent = ?1 AND name = ?2", agent.as_str(), name)?;
    let changed = was_changed(&statement.run().await?)?;
    forget(agent);
    Ok(changed)
}

/// Reads the sealed rows anew at the next request of this isolate.
fn forget(agent: &AgentId) {
    CACHE.with_borrow_mut(|cache| cache.remove(agent));
}

/// The secrets that are set, by name, without what they are.
pub async fn list(env: &Env, config: &Config, agent: &AgentId) -> Answer<Vec<SecretSet>> {
    let text = "SELECT name, sealed, at FROM secret WHERE agent = ?1 ORDER BY name";
    let rows = query!(&database(env)?, text, agent.as_str())?.all().await?.results::<Row>()?;
    let key = config.master.derive(agent, Purpose::Seal);
    let shown = |row: Row| {
        let hosts = open(&key, agent, &row.name, &row.sealed).map_or_else(|_| Vec::new(), |bound| bound.hosts);
        SecretSet { name: row.name, at: row.at as u64, hosts }
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The key for the agent's model, if there is one: the agent's own, or the deployment's where the settings name the
/// provider whose key that is. A deployment's key is never sent to an address that an agent's settings chose.
pub async fn model_key(env: &Env, config: &Config, agent: &AgentId, choice: &ModelChoice) -> Answer<Option<String>> {
    let (base_url, provider, host) = match choice {
        ModelChoice::OpenAi { base_url, .. } => (base_url, Provider::OpenAi, "api.openai.com"),
        ModelChoice::Anthropic { base_url, .. } => (base_url, Provider::Anthropic, "api.anthropic.com"),
        ModelChoice::Rehearsal | ModelChoice::WorkersAi { .. } => return Ok(None),
    };
    let goes_to = address::host(base_url);
    let mut own = find(env, config, agent, &BTreeSet::from([MODEL_KEY.to_owned()]), Some(&goes_to)).await?;
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

fn open(key: &[u8; 32], agent: &AgentId, name: &str, sealed: &str) -> Answer<Bound> {
    let field = field(name);
    let plain = seal::open(key, &Aad { agent, owner: OWNER, field: &field }, sealed);
    let text = plain.ok().and_then(|plain| String::from_utf8(plain).ok());
    text.map(|text| Bound::read(&text)).ok_or_else(|| Failure::Internal(format!("{field} of {agent} does not open")))
}

async fn rows(env: &Env, agent: &AgentId) -> Answer<Sealed> {
    let cached = CACHE.with_borrow(|cache| cache.get(agent).cloned());
    if let Some((at, sealed)) = cached
        && now().since(at) < FRESH_MS
    {
        return Ok(sealed);
    }
    let statement = query!(&database(env)?, "SELECT name, sealed, at FROM secret WHERE agent = ?1", agent.as_str())?;
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
