//! `PUT` and `DELETE …/secrets/{name}`. Of two writers one wins whole; nobody hears what a secret is or was.

use domain::audit::AuditKind;
use domain::secrets::{is_host, is_name};
use shared::admin::problem::Code;
use shared::admin::secret::{MAX_HOSTS, MAX_SECRET_BYTES, MAX_SECRETS, SecretValue};
use worker::Response;

use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::store::{agents, secrets};

/// The most bytes of the body: JSON may write each byte of a secret in six, and hosts have 253.
const MAX_BODY_BYTES: usize = MAX_SECRET_BYTES * 6 + MAX_HOSTS * 256 + 64;

/// Sets it.
pub async fn put(mut granted: Granted, name: &str) -> Done<Response> {
    if !is_name(name) {
        let words = "A secret's name has small letters, digits and _ alone, a letter first, at most 64 of them.";
        return Err(Refused::said(Code::Invalid, words));
    }
    let SecretValue { value, hosts } = body::read_up_to(&mut granted.ask.request, MAX_BODY_BYTES).await?;
    if value.is_empty() || value.len() > MAX_SECRET_BYTES {
        return Err(Refused::field("/value", "A secret has 1 to 8,192 bytes."));
    }
    if value.contains('\0') {
        return Err(Refused::field("/value", "A secret has no NUL character; copy it again."));
    }
    if hosts.as_ref().is_some_and(|hosts| hosts.len() > MAX_HOSTS) {
        return Err(Refused::field("/hosts", "A secret is bound to at most 20 hosts."));
    }
    if let Some(at) = hosts.as_ref().and_then(|hosts| hosts.iter().position(|host| !is_host(host))) {
        let words = "A host is its exact name in small letters, without https:// and port: api.example.com.";
        return Err(Refused::field(&format!("/hosts/{at}"), words));
    }
    let Granted { ask, agent, .. } = &granted;
    agents::stored(&ask.env, agent).await?.ok_or(Code::NotFound)?;
    let bound = hosts.as_ref().map(|hosts| hosts.join(" "));
    if !secrets::put(&ask.env, &ask.config, agent, name, (&value, hosts)).await? {
        let words = format!("The agent has {MAX_SECRETS} secrets; remove one that nothing needs.");
        return Err(Refused::said(Code::Conflict, words));
    }
    let hosts = bound.as_deref().map(|bound| ("hosts", if bound.is_empty() { "any" } else { bound }));
    let details: Vec<_> = [("name", name)].into_iter().chain(hosts).collect();
    granted.note(AuditKind::KeySealed, &details).await?;
    Ok(Response::empty()?.with_status(204))
}

/// Removes it.
pub async fn remove(granted: &Granted, name: &str) -> Done<Response> {
    if !secrets::remove(&granted.ask.env, &granted.agent, name).await? {
        return Err(Code::NotFound.into());
    }
    granted.note(AuditKind::KeyRemoved, &[("name", name)]).await?;
    Ok(Response::empty()?.with_status(204))
}
