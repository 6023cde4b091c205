//! One person, several proofs (R32): what is linked, to whom, and how it is taken apart again.
//!
//! Invariants: a proof signs somebody else in only where both objects say so, the linked one's `alias` and the other's
//! `proof`; whoever has linked proofs is nobody's alias, so a way is never longer than one step and never goes round.

use domain::context::{Context, login};
use domain::identity::{self, Identifier};
use domain::json;
use domain::keys::Purpose;
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use shared::account::Proof as Shown;
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::{PersonId, SessionId};

use super::account::shown;
use super::sessions::Row;
use super::{Act, Holder, PersonReply, Proof, Vault, tell};
use crate::clock::now;
use crate::config::Config;
use crate::failure::{Answer, Failure, log};

/// What a linked proof is called in the account.
const PROOF: &str = "proof";

/// A linked proof as it is kept, sealed.
#[derive(Serialize, Deserialize)]
struct Linked {
    identifier: Identifier,
    method: Method,
    label: String,
}

#[derive(Deserialize)]
struct ProofRow {
    id: String,
    body: String,
    since: f64,
}

#[derive(Deserialize)]
struct AliasRow {
    target: String,
}

impl Holder {
    /// What was linked to this person. One that does not open is a failure, not an absence: else another could take its
    /// place.
    pub(super) fn linked(&self, vault: &Vault) -> Answer<Vec<Identifier>> {
        Ok(self.rows_of_proofs(vault)?.into_iter().map(|(_, linked)| linked.identifier).collect())
    }

    /// When this was linked; none when it is not.
    pub(super) fn linked_at(&self, vault: &Vault, identifier: &Identifier) -> Answer<Option<Millis>> {
        let found = self.rows_of_proofs(vault)?.into_iter().find(|(_, linked)| linked.identifier == *identifier);
        Ok(found.map(|(row, _)| Millis(row.since as u64)))
    }

    /// Ends the sessions that a way to sign in opened, once it is taken away: all of its method but the one that asks.
    async fn end_others(&self, session: &SessionId, method: Method) -> Answer<()> {
        let word = super::sessions::word(&method)?;
        let others = |row: &Row| row.id != session.as_str() && row.method == word;
        let ended: Vec<_> = self.live(None)?.into_iter().filter(others).collect();
        if let Err(failure) = self.end(ended, false).await {
            // They are revoked; a socket may live until its next frame.
            log("unlink_incomplete", "", &format!("{failure:?}"));
        }
        Ok(())
    }

    fn rows_of_proofs(&self, vault: &Vault) -> Answer<Vec<(ProofRow, Linked)>> {
        let rows = self.sql.exec("SELECT id, body, since FROM proof ORDER BY since", None)?.to_array::<ProofRow>()?;
        let open = |row: ProofRow| {
            let linked = json::read(&vault.open(&format!("proof/{}", row.id), &row.body)?)?;
            Ok((row, linked))
        };
        rows.into_iter().map(open).collect()
    }

    /// The ways in which the person can sign in, what they were first known by before all others.
    pub(super) fn proofs(&self, key: &[u8; 32], vault: &Vault) -> Answer<Vec<Shown>> {
        let Some(known) = self.identity(vault)? else { return Ok(Vec::new()) };
        let (method, label) = shown(&known.identifier, &self.kept(vault)?.values);
        let id = handle(key, vault, &known.identifier)?;
        let mut proofs = vec![Shown { id, method, label, since: self.since()?.rfc3339(), first: true }];
        for (row, Linked { method, label, .. }) in self.rows_of_proofs(vault)? {
            let since = Millis(row.since as u64).rfc3339();
            proofs.push(Shown { id: row.id, method, label, since, first: false });
        }
        for kept in self.passkeys(vault)? {
            let since = kept.since.rfc3339();
            proofs.push(Shown { id: kept.row, method: Method::Passkey, label: kept.label, since, first: false });
        }
        Ok(proofs)
    }

    /// Links what was proved; false when it is another person's already, or has links of its own.
    ///
    /// Written here first: of two persons who link each other at once, each then has a link and refuses to become an alias.
    pub(super) async fn join(&self, config: &Config, vault: &Vault, proof: &Proof) -> Answer<bool> {
        let key = config.master.derive(&vault.agent, Purpose::Identity);
        let other = proof.identifier.person(&key);
        let id = handle(&key, vault, &proof.identifier)?;
        let (method, label) = shown(&proof.identifier, proof.remembered.as_ref().unwrap_or(&Context::new()));
        let linked = Linked { identifier: proof.identifier.clone(), method, label };
        let sealed = vault.seal(&format!("proof/{id}"), &serde_json::to_vec(&linked)?)?;
        self.sql.exec(
            "INSERT OR REPLACE INTO proof (id, body, since) VALUES (?, ?, ?)",
            Some(vec![id.as_str().into(), sealed.into(), (now().0 as i64).into()]),
        )?;
        let told = tell(&self.env, &vault.agent, &other, Act::Alias { of: vault.person.clone() }).await;
        match told {
            Ok(_) => Ok(true),
            Err(failure) => {
                self.drop_proof(&id)?;
                match failure {
                    Failure::Client(refusal) if refusal.code == ErrorCode::OtherPerson => Ok(false),
                    failure => Err(failure),
                }
            }
        }
    }

    fn drop_proof(&self, id: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM proof WHERE id = ?", Some(vec![id.into()]))?;
        Ok(())
    }

    /// Whom a proof of this person signs in, where it is somebody else.
    pub(super) fn alias(&self, vault: &Vault) -> Answer<Option<PersonId>> {
        let rows = self.sql.exec("SELECT target FROM alias WHERE one = 1", None)?.to_array::<AliasRow>()?;
        let Some(row) = rows.first() else { return Ok(None) };
        let plain = String::from_utf8(vault.open("alias", &row.target)?);
        Ok(Some(PersonId::parse(&plain.map_err(|_| Failure::Internal("alias is no text".to_owned()))?)?))
    }

    /// What is stored of this person stays as it is; their proof goes to another one.
    pub(super) fn become_alias(&self, vault: &Vault, of: &PersonId) -> Answer<PersonReply> {
        let known = self.alias(vault)?;
        if known.as_ref() == Some(of) {
            return Ok(PersonReply::Done);
        }
        if known.is_some() || !self.linked(vault)?.is_empty() || *of == vault.person {
            return Err(ErrorCode::OtherPerson.into());
        }
        let sealed = vault.seal("alias", of.as_str().as_bytes())?;
        self.sql.exec("INSERT INTO alias (one, target) VALUES (1, ?)", Some(vec![sealed.into()]))?;
        Ok(PersonReply::Done)
    }

    pub(super) fn restore(&self, vault: &Vault, of: &PersonId) -> Answer<PersonReply> {
        if self.alias(vault)?.as_ref() == Some(of) {
            self.sql.exec("DELETE FROM alias", None)?;
        }
        Ok(PersonReply::Done)
    }

    /// Takes away a way to sign in. One answer for what there is not and what was there first.
    pub(super) async fn unlink(
        &self,
        config: &Config,
        vault: &Vault,
        session: &SessionId,
        id: &str,
    ) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        let Some(live) = self.session(session)? else { return Ok(PersonReply::Gone) };
        if !self.may_change(vault, &live)? {
            return Err(ErrorCode::ProofRefused.into());
        }
        if self.drop_passkey(id)? {
            self.end_others(session, Method::Passkey).await?;
            return Ok(PersonReply::Unlinked { passkey: true });
        }
        let found = self.rows_of_proofs(vault)?.into_iter().find(|(row, _)| row.id == id);
        let (_, Linked { identifier, method, .. }) = found.ok_or(ErrorCode::NotFound)?;
        self.drop_proof(id)?;
        self.end_others(session, method).await?;
        if let Identifier::Account { action, .. } = &identifier {
            // What the account gave goes with it: nothing may act as it any more.
            self.drop_account(action)?;
            let mut fields = login::replaced(&agent, action);
            fields.insert("user_id".to_owned());
            self.drop_fields(&Vec::from_iter(fields))?;
        }
        // Gone here, it signs nobody in here, whatever its own object has heard: it asks, and is told.
        let other = identifier.person(&config.master.derive(&vault.agent, Purpose::Identity));
        let restored = tell(&self.env, &vault.agent, &other, Act::Restore { of: vault.person.clone() }).await;
        if let Err(failure) = restored {
            log("alias_not_restored", "", &format!("{failure:?}"));
        }
        Ok(PersonReply::Unlinked { passkey: false })
    }
}

fn handle(key: &[u8; 32], vault: &Vault, identifier: &Identifier) -> Answer<String> {
    Ok(identity::handle(key, &vault.person, PROOF, &serde_json::to_string(identifier)?))
}
