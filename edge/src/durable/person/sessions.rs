//! Sessions: opened by a proof, checked at every request, ended on the spot.

use domain::address::EmailAddress;
use domain::agent::Agent;
use domain::assurance::{Assurance, is_fresh};
use domain::context::link::{self, Link};
use domain::context::{login, seen};
use domain::identity::Identifier;
use domain::keys::Purpose;
use domain::session::life::Life;
use domain::time::Millis;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::{ConversationId, SessionId};

use super::record::Own;
use super::store::Identity;
use super::{Holder, Lasts, PersonReply, Proof, Vault, note};
use crate::clock::now;
use crate::config::Config;
use crate::durable::conversation::{self, Act};
use crate::failure::{Answer, Failure, log};

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
    /// What to call the browser.
    pub(super) device: String,
}

/// What a live session stands on.
pub(super) struct Session {
    /// How strong its newest proof is.
    pub(super) assurance: Assurance,
    /// When it was given.
    pub(super) proved_at: Millis,
}

/// A session's row.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) conversation: String,
    pub(super) created_at: f64,
    pub(super) seen_at: f64,
    pub(super) method: String,
    pub(super) device: String,
    revoked_at: Option<f64>,
    assurance: String,
    proved_at: f64,
}

impl Row {
    fn created(&self) -> Millis {
        Millis(self.created_at as u64)
    }

    fn seen(&self) -> Millis {
        Millis(self.seen_at as u64)
    }

    /// When it ends if nothing more is done.
    fn ends_at(&self, life: Life) -> Millis {
        life.ends_at(self.created(), self.seen())
    }

    fn lives(&self, life: Life) -> bool {
        self.revoked_at.is_none() && self.ends_at(life) > now()
    }
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
        let agent = self.settings(&vault.agent).await?;
        // From here to the end nothing is awaited: all of it is stored, or none.
        let alias = self.alias(vault)?;
        let whose = proof.identifier.person(&config.master.derive(&vault.agent, Purpose::Identity));
        let first = if whose == vault.person {
            if let Some(person) = alias {
                return Ok(PersonReply::Elsewhere { person });
            }
            proof.identifier.clone()
        } else {
            // A linked proof: both sides must say so, and it is not passed on a second time.
            match self.identity(vault)? {
                Some(own) if alias.is_none() && self.linked(vault)?.contains(&proof.identifier) => own.identifier,
                _ => return Ok(PersonReply::Gone),
            }
        };
        // One thread for each person: a second device continues it.
        let home = self.identity(vault)?.map_or_else(|| conversation.clone(), |identity| identity.conversation);
        let identity = Identity { identifier: first, conversation: home.clone() };
        self.keep_identity(vault, &identity)?;
        self.open(vault, &proof, &opened, &home, &agent)?;
        self.arm(vault).await;
        Ok(PersonReply::LoggedIn { conversation: home, linked: false })
    }

    pub(super) async fn step_up(
        &self,
        config: &Config,
        vault: &Vault,
        mut proof: Proof,
        opened: Opened,
    ) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        let Some(Identity { identifier, .. }) = self.identity(vault)? else { return Ok(PersonReply::Gone) };
        let own = self.own(vault, &agent, &identifier).await?;
        let Some((link, before)) = self.judged(vault, &proof, &opened, own)? else { return Ok(PersonReply::Gone) };
        // Asked before anything is linked.
        let adds_nothing = link == Link::New || self.is_strange(vault, &proof, &identifier, link, before.proved_at)?;
        let linked = match link {
            Link::Theirs => false,
            // Theirs without the link too: one that could not be made must not keep them out.
            Link::Own => match self.join(config, vault, &proof).await {
                Ok(linked) => linked,
                Err(failure) => {
                    log("proof_not_linked", "", &format!("{failure:?}"));
                    false
                }
            },
            Link::New => self.join(config, vault, &proof).await?,
        };
        if link == Link::New && !linked {
            return Err(ErrorCode::OtherPerson.into());
        }
        // Asked again: the session may have ended while the other person's object was told. What was linked stays.
        let from = opened.ends.as_ref().map(|from| self.session(from)).transpose()?.flatten();
        let (Some(session), Some(Identity { identifier, conversation })) = (from, self.identity(vault)?) else {
            return Ok(PersonReply::Gone);
        };
        if adds_nothing {
            // Whoever holds a session could prove something of their own: it makes the session neither stronger nor newer.
            (proof.assurance, proof.at) = (proof.assurance.min(session.assurance), session.proved_at);
        }
        if let Identifier::Account { action, user_id } = &proof.identifier
            && agent.customer_auth.persistent_context
            && proof.identifier != identifier
            && !self.accounts(vault)?.contains_key(action)
        {
            self.link(vault, action, user_id, if link == Link::Own { Millis(0) } else { now() })?;
        }
        self.open(vault, &proof, &opened, &conversation, &agent)?;
        self.arm(vault).await;
        Ok(PersonReply::LoggedIn { conversation, linked })
    }

    /// Whether what is proved became the person's own only since this session was last proved, and by nothing fresh: an
    /// account that a session of hours ago brought, or a proof that the same session linked. It says nothing of whoever
    /// sits there now.
    fn is_strange(
        &self,
        vault: &Vault,
        proof: &Proof,
        own: &Identifier,
        link: Link,
        proved_at: Millis,
    ) -> Answer<bool> {
        if proof.identifier == *own || link != Link::Theirs {
            return Ok(false);
        }
        Ok(match &proof.identifier {
            Identifier::Account { action, .. } if self.linked_at(vault, &proof.identifier)?.is_none() => {
                self.account_since(action)?.is_none_or(|since| since > proved_at)
            }
            Identifier::Account { .. } => false,
            other => self.linked_at(vault, other)?.is_some_and(|since| since > proved_at),
        })
    }

    /// Whether what is proved is the person's own; none when the session that asks does not live.
    fn judged(&self, vault: &Vault, proof: &Proof, opened: &Opened, record: Own) -> Answer<Option<(Link, Session)>> {
        let from = opened.ends.as_ref().map(|from| self.session(from)).transpose()?.flatten();
        let (Some(session), Some(own)) = (from, self.identity(vault)?) else { return Ok(None) };
        let (accounts, kept, linked) = (self.accounts(vault)?, self.kept(vault)?, self.linked(vault)?);
        let email = seen::email(&own.identifier, &linked, &kept.values).or(record.email);
        let has_room = linked.len() < link::MOST && self.alias(vault)?.is_none();
        let known = link::Known {
            identity: &own.identifier,
            linked: &linked,
            email: email.as_ref(),
            accounts: &accounts,
            // Whoever was only looked up has proved nothing yet.
            may_link: has_room && is_fresh(session.proved_at, now()) && session.assurance >= Assurance::EmailCode,
        };
        if matches!((&proof.identifier, &record.phone), (Identifier::Phone { number }, Some(own)) if number == own) {
            // On the person's record, and a code went there before.
            return Ok(Some((if known.may_link { Link::Own } else { Link::Theirs }, session)));
        }
        let said = proof.remembered.as_ref().and_then(|fields| fields.get(seen::EMAIL)?.as_str());
        let said = said.and_then(|text| EmailAddress::parse(text).ok());
        let is_strong = proof.assurance >= Assurance::EmailCode;
        let link = link::judge(known, &proof.identifier, said.as_ref(), is_strong);
        Ok(Some((link.map_err(|_| ErrorCode::OtherPerson)?, session)))
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
        let life = self.life.get();
        for row in self.rows()?.iter().filter(|row| !row.lives(life)) {
            self.sql.exec("DELETE FROM session WHERE id = ?", Some(vec![row.id.as_str().into()]))?;
        }
        if let Some(old) = &opened.ends {
            self.revoke(old.as_str())?;
        }
        self.sql.exec(
            "INSERT INTO session (id, conversation, created_at, expires_at, method, assurance, proved_at, seen_at, device) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?3, ?8)",
            Some(vec![
                opened.session.as_str().into(),
                conversation.as_str().into(),
                (now().0 as i64).into(),
                (opened.expires_at.0 as i64).into(),
                word(&proof.method)?.into(),
                word(&proof.assurance)?.into(),
                (proof.at.0 as i64).into(),
                opened.device.as_str().into(),
            ]),
        )?;
        // What was fetched before belongs to an earlier visit; a login reads anew.
        self.sql.exec("DELETE FROM fetched", None)?;
        match (&proof.remembered, agent.customer_auth.persistent_context) {
            (_, false) => self.forget(),
            (None, true) => Ok(()),
            (Some(fields), true) => {
                let mut fields = fields.clone();
                if matches!(proof.identifier, Identifier::Host { .. } | Identifier::Google { .. }) {
                    // A linked one says nothing new of a person who is known by something else.
                    if self.identity(vault)?.is_none_or(|own| own.identifier != proof.identifier) {
                        return Ok(());
                    }
                    self.drop_fields(&["name", seen::EMAIL, seen::EMAIL_VERIFIED])?;
                    // Both give an address only where they vouch for it.
                    if fields.contains_key(seen::EMAIL) {
                        fields.insert(seen::EMAIL_VERIFIED.to_owned(), json!(true));
                    }
                }
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

    pub(super) fn check(&self, vault: &Vault, session: &SessionId, interaction: bool) -> Answer<PersonReply> {
        let Some(mut row) = self.live(Some(session))?.into_iter().next() else { return Ok(PersonReply::Gone) };
        if interaction {
            self.see(&mut row)?;
        }
        let lasts = self.lasts(&row);
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
        Ok(PersonReply::Alive { conversation, label, lasts })
    }

    /// The person did something: the session lives on from now. Written only where it is worth it.
    fn see(&self, row: &mut Row) -> Answer<()> {
        if now() < self.life.get().write_again_at(row.seen()) {
            return Ok(());
        }
        row.seen_at = now().0 as f64;
        self.sql.exec(
            "UPDATE session SET seen_at = ? WHERE id = ?",
            Some(vec![(now().0 as i64).into(), row.id.as_str().into()]),
        )?;
        Ok(())
    }

    fn lasts(&self, row: &Row) -> Lasts {
        let life = self.life.get();
        Lasts { idle_at: row.ends_at(life), tell_at: life.write_again_at(row.seen()), began: row.created() }
    }

    pub(super) async fn sign_out(&self, session: &SessionId, everywhere: bool) -> Answer<PersonReply> {
        // Only a live session can end others.
        let own = self.live(Some(session))?;
        if own.is_empty() {
            return Ok(PersonReply::Gone);
        }
        let ended = if everywhere { self.live(None)? } else { own };
        self.end(ended, everywhere).await
    }

    /// Ends these sessions, and closes their sockets.
    pub(super) async fn end(&self, ended: Vec<Row>, everywhere: bool) -> Answer<PersonReply> {
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

    /// Ends the sessions that a look-up opened. Whoever asks next is told; nobody is waited for here.
    pub(super) fn end_looked_up(&self) -> Answer<()> {
        let method = serde_json::to_value(Method::CollectionLookup)?;
        for row in self.live(None)?.iter().filter(|row| method == *row.method) {
            self.revoke(&row.id)?;
        }
        Ok(())
    }

    /// What a session stands on, while it lives.
    pub(super) fn session(&self, session: &SessionId) -> Answer<Option<Session>> {
        let Some(row) = self.live(Some(session))?.into_iter().next() else { return Ok(None) };
        Ok(Some(Session {
            assurance: serde_json::from_value(Value::String(row.assurance))?,
            proved_at: Millis(row.proved_at as u64),
        }))
    }

    /// When the last of the person's live sessions ends, if the person stays; none when none lives.
    pub(super) fn lives_until(&self) -> Answer<Option<Millis>> {
        let life = self.life.get();
        Ok(self.live(None)?.iter().map(|row| life.cookie_end(row.created(), now())).max())
    }

    /// The sessions that live, or this one if it does.
    pub(super) fn live(&self, session: Option<&SessionId>) -> Answer<Vec<Row>> {
        let life = self.life.get();
        let wanted = |row: &Row| session.is_none_or(|session| session.as_str() == row.id);
        Ok(self.rows()?.into_iter().filter(|row| wanted(row) && row.lives(life)).collect())
    }

    fn rows(&self) -> Answer<Vec<Row>> {
        let columns = "id, conversation, created_at, seen_at, method, device, revoked_at, assurance, proved_at";
        let rows = self.sql.exec(&format!("SELECT {columns} FROM session ORDER BY created_at"), None)?;
        Ok(rows.to_array::<Row>()?)
    }
}

/// The word of an enum without data, as serde writes it.
pub(super) fn word<T: serde::Serialize>(value: &T) -> Answer<String> {
    match serde_json::to_value(value)? {
        Value::String(word) => Ok(word),
        _ => Err(Failure::Internal("not a word".to_owned())),
    }
}
