//! Sessions: opened by a proof, checked at every request, ended on the spot.

use domain::address::EmailAddress;
use domain::time::Millis;
use serde::Deserialize;
use shared::id::{ConversationId, SessionId};

use super::{Person, PersonReply, Vault};
use crate::clock::now;
use crate::durable::conversation::{self, Act};
use crate::failure::{Answer, Failure};

/// How often a conversation is told that a session ended, until it was.
const TELLS: u32 = 3;

#[derive(Deserialize)]
struct Identity {
    email: String,
    conversation: String,
}

#[derive(Deserialize)]
struct Live {
    id: String,
    conversation: String,
}

impl Person {
    pub(super) fn log_in(
        &self,
        vault: &Vault,
        email: &EmailAddress,
        session: &SessionId,
        conversation: &ConversationId,
        expires_at: Millis,
    ) -> Answer<PersonReply> {
        let sealed = vault.seal("email", email.as_str().as_bytes())?;
        // One thread for each person: a second device continues it.
        let home = match self.identity()? {
            Some(identity) => ConversationId::parse(&identity.conversation)?,
            None => conversation.clone(),
        };
        self.sql.exec(
            "INSERT OR REPLACE INTO identity (one, email, conversation) VALUES (1, ?, ?)",
            Some(vec![sealed.into(), home.as_str().into()]),
        )?;
        self.sql.exec("DELETE FROM session WHERE expires_at < ?", Some(vec![(now().0 as i64).into()]))?;
        self.sql.exec(
            "INSERT INTO session (id, conversation, created_at, expires_at) VALUES (?, ?, ?, ?)",
            Some(vec![
                session.as_str().into(),
                home.as_str().into(),
                (now().0 as i64).into(),
                (expires_at.0 as i64).into(),
            ]),
        )?;
        // What was fetched before belongs to an earlier visit; a login reads anew.
        self.sql.exec("DELETE FROM fetched", None)?;
        Ok(PersonReply::LoggedIn { conversation: home })
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
        let alive = self.live(Some(session))?;
        match (alive.first(), self.identity()?) {
            (Some(_), Some(identity)) => {
                let label = String::from_utf8_lossy(&vault.open("email", &identity.email)?).into_owned();
                Ok(PersonReply::Alive { conversation: ConversationId::parse(&identity.conversation)?, label })
            }
            _ => Ok(PersonReply::Gone),
        }
    }

    pub(super) async fn sign_out(&self, session: &SessionId, everywhere: bool) -> Answer<PersonReply> {
        // Only a live session can end others.
        if self.live(Some(session))?.is_empty() {
            return Ok(PersonReply::Gone);
        }
        let ended = if everywhere { self.live(None)? } else { self.live(Some(session))? };
        for row in &ended {
            self.sql.exec(
                "UPDATE session SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                Some(vec![(now().0 as i64).into(), row.id.as_str().into()]),
            )?;
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

    /// The address of the person.
    pub(super) fn email(&self, vault: &Vault) -> Answer<EmailAddress> {
        let identity = self.identity()?.ok_or_else(|| Failure::Internal("person without identity".to_owned()))?;
        let plain = vault.open("email", &identity.email)?;
        EmailAddress::parse(&String::from_utf8_lossy(&plain))
            .map_err(|_| Failure::Internal("stored address is none".to_owned()))
    }

    fn identity(&self) -> Answer<Option<Identity>> {
        let rows = self.sql.exec("SELECT email, conversation FROM identity WHERE one = 1", None)?;
        Ok(rows.to_array::<Identity>()?.into_iter().next())
    }

    fn live(&self, session: Option<&SessionId>) -> Answer<Vec<Live>> {
        let rows = self.sql.exec(
            "SELECT id, conversation FROM session WHERE revoked_at IS NULL AND expires_at > ?1 AND (?2 IS NULL OR id = ?2)",
            Some(vec![(now().0 as i64).into(), session.map(SessionId::as_str).into()]),
        )?;
        Ok(rows.to_array::<Live>()?)
    }
}
