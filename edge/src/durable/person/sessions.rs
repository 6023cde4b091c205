//! Sessions: opened by a proof, checked at every request, ended on the spot.

use domain::address::EmailAddress;
use domain::agent::Agent;
use domain::assurance::Assurance;
use domain::context::link::{self, Link};
use domain::context::{login, seen};
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::time::Millis;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::error::ErrorCode;
use shared::id::{ConversationId, SessionId};

use super::store::Identity;
use super::{Holder, PersonReply, Proof, Vault, note};
use crate::clock::now;
use crate::config::Config;
use crate::durable::conversation::{self, Act};
use crate::failure::{Answer, Failure};

/// How often a conversation is told that a session ended, until it was.
const TELLS: u32 = 3;

/// A session that is being opened.
pub(super) struct Opened {
    /// Its id.
    pub(super) session: SessionId,
    /// When it ends.
    pub(super) expires_at: Millis,
    /// The one that ends in its favour.
    pub(super) ends: Option<SessionId>,
}

/// What a live session stands on.
pub(super) struct Session {
    /// How strong its newest proof is.
    pub(super) assurance: Assurance,
    /// When it was given.
    pub(super) proved_at: Millis,
}

#[derive(Deserialize)]
struct Live {
    id: String,
    conversation: String,
    expires_at: f64,
    assurance: String,
    proved_at: f64,
}

impl Holder {
    pub(super) async fn log_in(
        &self,
        config: &Config,
        vault: &Vault,
        proof: Proof,
        opened: Opened,
        conversation: &ConversationId,
    ) -> Answer<PersonReply> {
        let whose = proof.identifier.person(&config.master.derive(&vault.agent, Purpose::Identity));
        if whose != vault.person {
            return Err(Failure::Internal("a proof of another person".to_owned()));
        }
        let agent = self.settings(&vault.agent).await?;
        // From here to the end nothing is awaited: all of it is stored, or none.
        // One thread for each person: a second device continues it.
        let home = self.identity(vault)?.map_or_else(|| conversation.clone(), |identity| identity.conversation);
        let identity = Identity { identifier: proof.identifier.clone(), conversation: home.clone() };
        self.keep_identity(vault, &identity)?;
        self.open(vault, &proof, &opened, &home, &agent)?;
        self.arm(vault).await;
        Ok(PersonReply::LoggedIn { conversation: home })
    }

    pub(super) async fn step_up(&self, vault: &Vault, proof: Proof, opened: Opened) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        let from = opened.ends.as_ref().map(|from| self.session(from)).transpose()?.flatten();
        let (Some(_), Some(Identity { identifier, conversation })) = (from, self.identity(vault)?) else {
            return Ok(PersonReply::Gone);
        };
        let own = self.own(vault, &agent, &identifier).await?;
        let (accounts, kept) = (self.accounts(vault)?, self.kept(vault)?);
        let email = seen::email(&identifier, &kept.values).or(own.email);
        let known = link::Known { identity: &identifier, email: email.as_ref(), accounts: &accounts };
        let vouched = proof.remembered.as_ref().and_then(|fields| fields.get("email")?.as_str());
        let vouched = vouched.and_then(|text| EmailAddress::parse(text).ok());
        let link = link::judge(known, &proof.identifier, vouched.as_ref()).map_err(|_| ErrorCode::OtherPerson)?;
        if let (Link::New { action, user_id }, true) = (link, agent.customer_auth.persistent_context) {
            self.link(vault, &action, &user_id)?;
        }
        self.open(vault, &proof, &opened, &conversation, &agent)?;
        self.arm(vault).await;
        Ok(PersonReply::LoggedIn { conversation })
    }

    /// Stores the session and what the proof remembers; ends the one it takes the place of.
    fn open(
        &self,
        vault: &Vault,
        proof: &Proof,
        opened: &Opened,
        conversation: &ConversationId,
        agent: &Agent,
    ) -> Answer<()> {
        self.sql.exec("DELETE FROM session WHERE expires_at < ?", Some(vec![(now().0 as i64).into()]))?;
        if let Some(old) = &opened.ends {
            self.revoke(old.as_str())?;
        }
        self.sql.exec(
            "INSERT INTO session (id, conversation, created_at, expires_at, method, assurance, proved_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            Some(vec![
                opened.session.as_str().into(),
                conversation.as_str().into(),
                (now().0 as i64).into(),
                (opened.expires_at.0 as i64).into(),
                word(&proof.method)?.into(),
                word(&proof.assurance)?.into(),
                (proof.at.0 as i64).into(),
            ]),
        )?;
        // What was fetched before belongs to an earlier visit; a login reads anew.
        self.sql.exec("DELETE FROM fetched", None)?;
        match (&proof.remembered, agent.customer_auth.persistent_context) {
            (_, false) => self.forget(),
            (None, true) => Ok(()),
            (Some(fields), true) => {
                let mut fields = fields.clone();
                if let Identifier::Account { action, user_id } = &proof.identifier {
                    // What this login no longer gives is gone, a role above all.
                    self.drop_fields(&Vec::from_iter(login::replaced(agent, action)))?;
                    fields.insert("user_id".to_owned(), json!(user_id));
                }
                self.keep_fields(vault, &fields)
            }
        }
    }

    fn revoke(&self, session: &str) -> Answer<()> {
        self.sql.exec(
            "UPDATE session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
            Some(vec![(now().0 as i64).into(), session.into()]),
        )?;
        Ok(())
    }

    pub(super) fn move_home(&self, from: &ConversationId, to: &ConversationId) -> Answer<PersonReply> {
        for table in ["identity", "session"] {
            self.sql.exec(
                &format!("UPDATE {table} SET conversation = ? WHERE conversation = ?"),
                Some(vec![to.as_str().into(), from.as_str().into()]),
            )?;
        }
        Ok(PersonReply::Done)
    }

    pub(super) fn check(&self, vault: &Vault, session: &SessionId) -> Answer<PersonReply> {
        if self.session(session)?.is_none() {
            return Ok(PersonReply::Gone);
        }
        let Some(Identity { identifier, conversation }) = self.identity(vault)? else { return Ok(PersonReply::Gone) };
        let label = match identifier {
            // Asked at every request: nothing more is opened than is needed.
            Identifier::Email { .. } | Identifier::Phone { .. } => {
                seen::label(&identifier, &domain::context::Context::new())
            }
            Identifier::Record { .. } => {
                let name = self.record_name(vault)?.map(|name| ("name".to_owned(), json!(name)));
                seen::label(&identifier, &name.into_iter().collect())
            }
            _ => seen::label(&identifier, &self.kept(vault)?.values),
        };
        Ok(PersonReply::Alive { conversation, label })
    }

    pub(super) async fn sign_out(&self, session: &SessionId, everywhere: bool) -> Answer<PersonReply> {
        // Only a live session can end others.
        let own = self.live(Some(session))?;
        if own.is_empty() {
            return Ok(PersonReply::Gone);
        }
        let ended = if everywhere { self.live(None)? } else { own };
        for row in &ended {
            self.revoke(&row.id)?;
        }
        if self.live(None)?.is_empty() {
            note("alarm_not_deleted", self.disarm().await);
        }
        // Revoked first, then the sockets: whoever reconnects in between is refused already. One conversation that cannot
        // be told must not keep the others from it.
        let mut failed = None;
        for row in ended {
            let (session, id) = (SessionId::parse(&row.id)?, ConversationId::parse(&row.conversation)?);
            for attempt in 1..=TELLS {
                let act = Act::EndSession { session: session.clone(), everywhere };
                match conversation::tell(&self.env, &id, act).await {
                    Ok(_) => break,
                    Err(failure) if attempt == TELLS => failed = Some(failure),
                    Err(_) => {}
                }
            }
        }
        failed.map_or(Ok(PersonReply::Done), Err)
    }

    /// What a session stands on, while it lives.
    pub(super) fn session(&self, session: &SessionId) -> Answer<Option<Session>> {
        let Some(row) = self.live(Some(session))?.into_iter().next() else { return Ok(None) };
        Ok(Some(Session {
            assurance: serde_json::from_value(Value::String(row.assurance))?,
            proved_at: Millis(row.proved_at as u64),
        }))
    }

    /// When the last of the person's live sessions ends; none when none lives.
    pub(super) fn lives_until(&self) -> Answer<Option<Millis>> {
        Ok(self.live(None)?.iter().map(|row| Millis(row.expires_at as u64)).max())
    }

    fn live(&self, session: Option<&SessionId>) -> Answer<Vec<Live>> {
        let rows = self.sql.exec(
            "SELECT id, conversation, expires_at, assurance, proved_at FROM session \
             WHERE revoked_at IS NULL AND expires_at > ?1 AND (?2 IS NULL OR id = ?2)",
            Some(vec![(now().0 as i64).into(), session.map(SessionId::as_str).into()]),
        )?;
        Ok(rows.to_array::<Live>()?)
    }
}

/// The word of an enum without data, as serde writes it.
fn word<T: serde::Serialize>(value: &T) -> Answer<String> {
    match serde_json::to_value(value)? {
        Value::String(word) => Ok(word),
        _ => Err(Failure::Internal("not a word".to_owned())),
    }
}
