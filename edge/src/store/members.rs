//! Members: who may open the console, for which agent, as what.

use domain::time::Millis;
use serde::Deserialize;
use shared::admin::member::Role;
use shared::id::{AgentId, PersonId};
use worker::{D1Database, D1PreparedStatement, Env, Result, query};

use crate::config::database;
use crate::failure::Answer;
use crate::store::was_changed;

/// The agent of a row that stands for every agent.
pub const EVERY: &str = "*";

/// A role of a member, as it is stored.
#[derive(Deserialize)]
pub struct Row {
    /// The agent, or [`EVERY`].
    pub agent: String,
    /// The role.
    pub role: Role,
}

/// What a person may do.
pub async fn roles(env: &Env, person: &PersonId) -> Answer<Vec<Row>> {
    let statement =
        query!(&database(env)?, "SELECT agent, role FROM member WHERE person = ?1 ORDER BY agent", person.as_str())?;
    Ok(statement.all().await?.results()?)
}

/// A member, as it is stored.
#[derive(Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// The agent, or [`EVERY`].
    pub agent: String,
    /// The address that they proved.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Since when, milliseconds.
    pub at: f64,
}

/// Who may open the console for an agent, by address.
pub async fn list(env: &Env, agent: &AgentId) -> Answer<Vec<Member>> {
    let statement = query!(
        &database(env)?,
        "SELECT person, agent, email, role, at FROM member WHERE agent IN (?1, ?2) ORDER BY email, agent",
        agent.as_str(),
        EVERY
    )?;
    Ok(statement.all().await?.results()?)
}

/// The member of this very agent, or of [`EVERY`].
pub async fn find(env: &Env, (person, agent): (&PersonId, &str)) -> Answer<Option<Member>> {
    let statement = query!(
        &database(env)?,
        "SELECT person, agent, email, role, at FROM member WHERE person = ?1 AND agent = ?2",
        person.as_str(),
        agent
    )?;
    Ok(statement.first::<Member>(None).await?)
}

/// Gives a member another role. False when they are the last owner, or no member.
pub async fn change(env: &Env, (person, agent): (&PersonId, &str), role: Role) -> Answer<bool> {
    let database = database(env)?;
    let change = query!(
        &database,
        "UPDATE member SET role = ?3 WHERE person = ?1 AND agent = ?2 AND (role <> 'owner' OR ?3 = 'owner' OR EXISTS \
         (SELECT 1 FROM member AS o WHERE o.role = 'owner' AND o.agent IN (?2, ?4) AND NOT (o.person = ?1 AND o.agent = ?2)))",
        person.as_str(),
        agent,
        name(role),
        EVERY
    )?;
    changed(&database, change, person).await
}

/// Removes a member. False when they are the last owner, or no member.
pub async fn remove(env: &Env, (person, agent): (&PersonId, &str)) -> Answer<bool> {
    let database = database(env)?;
    let removal = query!(
        &database,
        "DELETE FROM member WHERE person = ?1 AND agent = ?2 AND (role <> 'owner' OR EXISTS \
         (SELECT 1 FROM member AS o WHERE o.role = 'owner' AND o.agent IN (?2, ?3) AND NOT (o.person = ?1 AND o.agent = ?2)))",
        person.as_str(),
        agent,
        EVERY
    )?;
    changed(&database, removal, person).await
}

/// Carries the change out; with it go the API tokens and the invitations that the person made as an owner and is no owner for any
/// more.
async fn changed(database: &D1Database, change: D1PreparedStatement, person: &PersonId) -> Answer<bool> {
    let made = [("api_token", ""), ("invitation", "used_at IS NULL AND ")];
    let made = made.map(|(table, open)| without_owner(database, person, table, open));
    let statements = [Ok(change)].into_iter().chain(made).collect::<Result<Vec<_>>>()?;
    let results = database.batch(statements).await?;
    results.first().map_or(Ok(false), was_changed)
}

fn without_owner(database: &D1Database, person: &PersonId, table: &str, open: &str) -> Result<D1PreparedStatement> {
    let text = format!(
        "DELETE FROM {table} WHERE {open}by = ?1 AND NOT EXISTS \
         (SELECT 1 FROM member WHERE person = ?1 AND role = 'owner' AND agent IN ({table}.agent, ?2))"
    );
    query!(database, &text, person.as_str(), EVERY)
}

/// Makes somebody an owner of an agent that they have just made.
pub async fn make_owner(env: &Env, agent: &AgentId, (person, email): (&PersonId, &str), now: Millis) -> Answer<()> {
    query!(
        &database(env)?,
        "INSERT INTO member (person, agent, email, role, at) VALUES (?1, ?2, ?3, 'owner', ?4) ON CONFLICT DO NOTHING",
        person.as_str(),
        agent.as_str(),
        email,
        now.0 as f64
    )?
    .run()
    .await?;
    Ok(())
}

/// A role as it is stored.
pub const fn name(role: Role) -> &'static str {
    match role {
        Role::Analyst => "analyst",
        Role::Editor => "editor",
        Role::Owner => "owner",
    }
}
