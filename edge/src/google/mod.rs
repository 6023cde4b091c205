//! Google's servers: where they are, what they answer. What is asked and what is believed is decided in `domain::oidc`.

mod fetch;
mod keys;

use domain::json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use domain::oidc::attempt::Attempt;
use domain::oidc::id_token::{self, Expected, Vouched};
use domain::oidc::provider::Provider;
use domain::oidc::request::{self, Client};
use domain::time::Millis;
use serde::Deserialize;
use shared::id::AgentId;
use worker::Env;

use crate::clock::now;
use crate::config::{Config, google_issuer};
use crate::failure::{Answer, Failure};
use crate::store::secrets;

pub use domain::secrets::GOOGLE_CLIENT_SECRET as SECRET;

/// How long an isolate takes a discovery document's word, milliseconds.
const FRESH_MS: u64 = 3_600_000;

thread_local! {
    static DISCOVERED: RefCell<Option<(Millis, Rc<Provider>)>> = const { RefCell::new(None) };
}

/// Why somebody who came back is not believed, or could not be asked about.
#[derive(Debug)]
pub enum Unproved {
    /// Google, or what came in its name, proves nobody. A word for the audit.
    Refused(&'static str),
    /// Google could not be asked.
    Unavailable(&'static str),
}

/// What is sent with a code.
pub struct Exchange<'a> {
    /// The client's id.
    pub client_id: &'a str,
    /// The client's secret.
    pub secret: &'a str,
    /// The code.
    pub code: &'a str,
    /// The verifier and the nonce of the attempt.
    pub verifier: &'a str,
    /// As it was sent.
    pub nonce: &'a str,
}

/// Google, or what stands in for it where `GOOGLE_ISSUER` says so.
pub async fn provider(env: &Env) -> Answer<Rc<Provider>> {
    let Some(issuer) = google_issuer(env) else { return Ok(Rc::new(Provider::google())) };
    let known = DISCOVERED.with_borrow(Clone::clone);
    if let Some((at, provider)) = known
        && now().since(at) < FRESH_MS
        && provider.is(&issuer)
    {
        return Ok(provider);
    }
    let document = fetch::get(&format!("{issuer}/.well-known/openid-configuration"), id_token::MAX_BYTES).await;
    let document = document.map_err(|why| Failure::Internal(format!("discovery of {issuer}: {why}")))?;
    let provider = Provider::discovered(&issuer, &document)
        .map_err(|_| Failure::Internal(format!("discovery of {issuer}: not its document")))?;
    let provider = Rc::new(provider);
    DISCOVERED.set(Some((now(), Rc::clone(&provider))));
    Ok(provider)
}

/// The client's secret, where the agent has one.
pub async fn secret(env: &Env, config: &Config, agent: &AgentId) -> Answer<Option<String>> {
    Ok(secrets::find(env, config, agent, &BTreeSet::from([SECRET.to_owned()]), None).await?.remove(SECRET))
}

/// The address that a window is sent to.
pub fn authorize(
    provider: &Provider,
    origin: &str,
    client_id: &str,
    attempt: &Attempt,
    key: &[u8; 32],
) -> Answer<String> {
    request::authorize(provider, Client { id: client_id, origin }, attempt, key)
        .ok_or_else(|| Failure::Internal("the provider has no address".to_owned()))
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Exchanges a code and judges the id token that it brings. The other tokens are dropped unread.
pub async fn prove(provider: &Provider, origin: &str, given: Exchange<'_>) -> Result<Vouched, Unproved> {
    let client = Client { id: given.client_id, origin };
    let form = request::exchange(client, given.secret, given.code, given.verifier);
    let body = match fetch::post(&provider.token, form).await {
        Ok(body) => body,
        // The code is none of theirs, was used, or the secret is wrong: nothing that trying again mends.
        Err(fetch::Fault::Status(400..=499)) => return Err(Unproved::Refused("code")),
        Err(fault) => return Err(Unproved::Unavailable(fault.as_str())),
    };
    let Tokens { id_token } = json::read(&body).map_err(|_| Unproved::Refused("no_id_token"))?;
    let refused = |why: id_token::TokenRefused| Unproved::Refused(why.as_str());
    let kid = id_token::kid(&id_token).map_err(refused)?;
    let key = keys::find(&provider.jwks, &kid).await.ok_or(Unproved::Refused("kid"))?;
    let expected = Expected { provider, client_id: given.client_id, nonce: given.nonce };
    id_token::judge(&id_token, &key, &expected, now()).map_err(refused)
}
