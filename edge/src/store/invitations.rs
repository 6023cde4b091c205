//! Invitations: the one-time tokens that make a member.

use domain::time::Millis;
use serde::Deserialize;
use shared::admin::member::Role;
use shared::id::PersonId;
use worker::{Env, query};

use crate::config::database;
use crate::failure::Answer;
use crate::store::members::{EVERY, Row, name};
use crate::store::{hash, was_changed};

/// Uses a one-time token for this person: what they are from now on, when it was good. Both happen or neither, and of any
/// number of concurrent uses one passes (R66).
pub async fn claim(env: &Env, token: &str, (person, email): (&PersonId, &str), now: Millis) -> Answer<Option<Row>> {
    let (database, hash, at) = (database(env)?, hash(token), now.0 as f64);
    let make = query!(
        &database,
        "INSERT INTO member (person, agent, email, role, at) \
         SELECT ?1, agent, ?2, role, ?3 FROM invitation \
         WHERE hash = ?4 AND used_at IS NULL AND expires_at > ?3 AND (person IS NULL OR person = ?1) \
         ON CONFLICT (person, agent) DO UPDATE SET role = excluded.role, email = excluded.email \
         RETURNING agent, role",
        person.as_str(),
        email,
        at,
        hash
    )?;
    let using = query!(
        &database,
        "UPDATE invitation SET used_at = ?1 \
         WHERE hash = ?2 AND used_at IS NULL AND expires_at > ?1 AND (person IS NULL OR person = ?3)",
        at,
        hash,
        person.as_str()
    )?;
    let results = database.batch(vec![make, using]).await?;
    let Some(made) = results.first() else { return Ok(None) };
    Ok(made.results::<Row>()?.into_iter().next())
}

/// An invitation, as it is stored.
#[derive(Deserialize)]
pub struct Stored {
    /// The hash of its token.
    pub hash: String,
    /// The agent, or [`EVERY`].
    pub agent: String,
    /// What its holder becomes.
    pub role: Role,
    /// Whom it was sent to.
    pub email: String,
    /// When it was made, milliseconds.
    pub at: f64,
    /// When it is over, milliseconds.
    pub expires_at: f64,
}

/// What waits for an agent, by address: those that were sent to somebody.
pub async fn list(env: &Env, agent: &str) -> Answer<Vec<Stored>> {
    let statement = query!(
        &database(env)?,
        "SELECT hash, agent, role, email, at, expires_at FROM invitation \
         WHERE agent IN (?1, ?2) AND used_at IS NULL AND email IS NOT NULL ORDER BY email, agent",
        agent,
        EVERY
    )?;
    Ok(statement.all().await?.results()?)
}

/// Stores an owner's invitation for this person in place of the one that they have. False when they are a member already, or who
/// invites is no owner any more.
pub async fn put(env: &Env, invitation: &Stored, person: &PersonId, by: &PersonId) -> Answer<bool> {
    let database = database(env)?;
    let make = query!(
        &database,
        "INSERT INTO invitation (hash, agent, role, person, email, at, expires_at, by) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM member WHERE person = ?4 AND agent = ?2) \
         AND EXISTS (SELECT 1 FROM member WHERE person = ?8 AND role = 'owner' AND agent IN (?2, '*'))",
        invitation.hash,
        invitation.agent,
        name(invitation.role),
        person.as_str(),
        invitation.email,
        invitation.at,
        invitation.expires_at,
        by.as_str()
    )?;
    let replace = query!(
        &database,
        "DELETE FROM invitation WHERE person = ?1 AND agent = ?2 AND used_at IS NULL AND hash <> ?3 \
         AND EXISTS (SELECT 1 FROM invitation WHERE hash = ?3)",
        person.as_str(),
        invitation.agent,
        invitation.hash
    )?;
    let results = database.batch(vec![make, replace]).await?;
    results.first().map_or(Ok(false), was_changed)
}

/// Takes back an invitation of this very agent, or of [`EVERY`]. False when there is none that waits.
pub async fn remove(env: &Env, hash: &str, agent: &str) -> Answer<bool> {
    let statement = query!(
        &database(env)?,
        "DELETE FROM invitation WHERE hash = ?1 AND agent = ?2 AND used_at IS NULL AND email IS NOT NULL",
        hash,
        agent
    )?;
    was_changed(&statement.run().await?)
}
