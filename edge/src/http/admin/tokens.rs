//! `GET` and `POST /api/admin/agents/{agent}/tokens`, `DELETE …/tokens/{id}`. A token is shown once, when it is made; what is
//! stored is its hash.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::audit::AuditKind;
use domain::time::Millis;
use shared::admin::problem::{Code, FieldError};
use shared::admin::token::{ListedToken, MAX_DAYS, MAX_NAME_CHARS, MadeToken, NewToken, Scope};
use worker::Response;

use super::{Done, Granted, Refused};
use crate::clock::now;
use crate::http::body;
use crate::random;
use crate::store::tokens;

/// The agent's tokens, newest first.
pub async fn list(granted: &Granted) -> Done<Response> {
    let stored = tokens::list(&granted.ask.env, &granted.agent).await?;
    let listed = stored.into_iter().map(|token| {
        let expires = Millis(token.expires_at as u64);
        Ok(ListedToken {
            id: token.id,
            name: token.name,
            scopes: serde_json::from_str(&token.scopes)?,
            by: token.email,
            made: Millis(token.at as u64).rfc3339(),
            expires: expires.rfc3339(),
            over: expires <= now(),
            used: token.used_at.map(|at| Millis(at as u64).rfc3339()),
        })
    });
    Ok(Response::from_json(&listed.collect::<Done<Vec<_>>>()?)?)
}

/// Makes one.
pub async fn create(mut granted: Granted) -> Done<Response> {
    let NewToken { name, scopes, days } = body::read(&mut granted.ask.request).await?;
    let name = name.trim();
    let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
    let mut errors = Vec::new();
    let mut fault = |pointer: &str, detail: String| errors.push(FieldError { pointer: pointer.to_owned(), detail });
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.contains(char::is_control) {
        fault("/name", format!("Say what the token is for, in 1 to {MAX_NAME_CHARS} characters."));
    }
    if scopes.is_empty() {
        fault("/scopes", "Choose what the token may do.".to_owned());
    }
    if !(1..=MAX_DAYS).contains(&days) {
        fault("/days", format!("A token lives 1 to {MAX_DAYS} days."));
    }
    if !errors.is_empty() {
        return Err(Refused::invalid(errors));
    }
    let member = granted.actor.member()?;
    let token = format!("cst_{}", URL_SAFE_NO_PAD.encode(random::bytes::<32>()?));
    let (id, at) = (random::id22()?, now());
    let expires = at.plus_hours(u64::from(days) * 24);
    let new = tokens::New { token: &token, id: &id, name, scopes: &scopes, by: &member.person, at, expires };
    if !tokens::insert(&granted.ask.env, &granted.agent, &new).await? {
        return Err(Refused::said(Code::Conflict, "There are too many tokens. Revoke one that nobody needs."));
    }
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    granted.note(AuditKind::TokenMade, &[("token", &id), ("scopes", &names.join(" "))]).await?;
    let listed = ListedToken {
        id,
        name: name.to_owned(),
        scopes: scopes.into_iter().collect(),
        by: Some(member.email.as_str().to_owned()),
        made: at.rfc3339(),
        expires: expires.rfc3339(),
        over: false,
        used: None,
    };
    Ok(Response::from_json(&MadeToken { token, listed })?.with_status(201))
}

/// Revokes one, at once.
pub async fn revoke(granted: &Granted, id: &str) -> Done<Response> {
    if !tokens::remove(&granted.ask.env, &granted.agent, id).await? {
        return Err(Code::NotFound.into());
    }
    granted.note(AuditKind::TokenRevoked, &[("token", id)]).await?;
    Ok(Response::empty()?.with_status(204))
}
