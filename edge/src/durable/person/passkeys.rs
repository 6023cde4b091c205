//! The person's passkeys: made in a fresh session, asked at a login.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::assurance::{Assurance, is_fresh};
use domain::context::seen;
use domain::identity;
use domain::json;
use domain::keys::Purpose;
use domain::passkey::cose::{ES256, RS256};
use domain::passkey::{self, CHALLENGE_MS, MOST, Passkey, Refused, Site};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::SessionId;
use shared::passkey::{
    Algorithm, Assertion, CreationOptions, Descriptor, PUBLIC_KEY, Registration, RelyingParty, Selection, User,
};

use super::sessions::Session;
use super::store::Identity;
use super::{Holder, PersonReply, Vault};
use crate::clock::now;
use crate::config::Config;
use crate::failure::Answer;
use crate::random;

/// What a passkey is called in the account.
const PASSKEY: &str = "passkey";

/// A passkey of the person's.
pub(super) struct Kept {
    /// What it is called in the account.
    pub(super) row: String,
    /// The passkey.
    pub(super) passkey: Passkey,
    /// As its owner reads it.
    pub(super) label: String,
    /// Since when.
    pub(super) since: Millis,
}

/// The same as it is sealed.
#[derive(Serialize, Deserialize)]
struct Body {
    passkey: Passkey,
    label: String,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    body: String,
    since: f64,
}

#[derive(Deserialize)]
struct Challenge {
    challenge: String,
    at: f64,
}

impl Holder {
    /// The person's passkeys, the oldest first.
    pub(super) fn passkeys(&self, vault: &Vault) -> Answer<Vec<Kept>> {
        let rows = self.sql.exec("SELECT id, body, since FROM passkey ORDER BY since", None)?.to_array::<Row>()?;
        let open = |Row { id, body, since }: Row| {
            let Body { passkey, label } = json::read(&vault.open(&format!("passkey/{id}"), &body)?)?;
            Ok(Kept { row: id, passkey, label, since: Millis(since as u64) })
        };
        rows.into_iter().map(open).collect()
    }

    /// Checks an answer, and counts on. The caller has used the challenge up before.
    pub(super) async fn prove(
        &self,
        config: &Config,
        vault: &Vault,
        challenge: &str,
        credential: &Assertion,
    ) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        // What this person proves signs another one in: their passkeys, which that one cannot see, do not.
        if self.alias(vault)?.is_some() {
            return Ok(refused(Refused::Unknown));
        }
        // From here to the end nothing is awaited: of two copies that count alike, one passes.
        let found = self.passkeys(vault)?.into_iter().find(|kept| kept.passkey.id == credential.id);
        let (Some(kept), Some(Identity { identifier, .. })) = (found, self.identity(vault)?) else {
            return Ok(refused(Refused::Unknown));
        };
        let site = Site::new(&config.origin, &agent.origins);
        match passkey::prove(&site, challenge, &kept.passkey, credential) {
            Ok(counter) => {
                self.keep_row(vault, &Kept { passkey: Passkey { counter, ..kept.passkey }, ..kept })?;
                Ok(PersonReply::Proved { identifier })
            }
            Err(why) => Ok(refused(why)),
        }
    }

    /// What a new passkey is made with.
    pub(super) async fn new_passkey(&self, config: &Config, vault: &Vault, session: &SessionId) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        if !agent.customer_auth.enabled || !agent.customer_auth.methods.contains(&Method::Passkey) {
            return Err(ErrorCode::MethodOff.into());
        }
        let (Some(live), Some(known)) = (self.session(session)?, self.identity(vault)?) else {
            return Ok(PersonReply::Gone);
        };
        let kept = self.passkeys(vault)?;
        if !self.may_change(vault, &live)? {
            return Err(ErrorCode::ProofRefused.into());
        }
        if kept.len() >= MOST {
            return Err(ErrorCode::TooOften.into());
        }
        let challenge = URL_SAFE_NO_PAD.encode(random::bytes::<32>()?);
        self.sql.exec(
            "INSERT OR REPLACE INTO passkey_challenge (session, challenge, at) VALUES (?, ?, ?)",
            Some(vec![session.as_str().into(), challenge.as_str().into(), (now().0 as i64).into()]),
        )?;
        let label = seen::label(&known.identifier, &self.kept(vault)?.values);
        let algorithm = |alg| Algorithm { kind: PUBLIC_KEY.to_owned(), alg };
        let rp = RelyingParty { id: Site::new(&config.origin, &[]).rp_id.to_owned(), name: agent.name.clone() };
        let options = CreationOptions {
            rp,
            user: User { id: vault.person.as_str().to_owned(), name: label.clone(), display_name: label },
            challenge,
            pub_key_cred_params: vec![algorithm(ES256), algorithm(RS256)],
            timeout: CHALLENGE_MS as u32,
            exclude_credentials: kept.into_iter().map(|kept| Descriptor::of(kept.passkey.id)).collect(),
            authenticator_selection: Selection {
                resident_key: "required".to_owned(),
                require_resident_key: true,
                user_verification: "required".to_owned(),
            },
            attestation: "none".to_owned(),
        };
        Ok(PersonReply::Creation { options: Box::new(options) })
    }

    /// Keeps a new passkey that was made with what this session asked for.
    pub(super) async fn keep_passkey(
        &self,
        config: &Config,
        vault: &Vault,
        session: &SessionId,
        credential: &Registration,
        device: &str,
    ) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        if !agent.customer_auth.enabled || !agent.customer_auth.methods.contains(&Method::Passkey) {
            return Err(ErrorCode::MethodOff.into());
        }
        let Some(live) = self.session(session)? else { return Ok(PersonReply::Gone) };
        // A few minutes may have passed since the session was fresh, but not what it stands on.
        if live.assurance < Assurance::EmailCode || self.alias(vault)?.is_some() {
            return Err(ErrorCode::ProofRefused.into());
        }
        let Some(challenge) = self.take_challenge(session)? else { return Ok(refused(Refused::Challenge)) };
        let passkey = match passkey::register(&Site::new(&config.origin, &agent.origins), &challenge, credential) {
            Ok(passkey) => passkey,
            Err(why) => return Ok(refused(why)),
        };
        let kept = self.passkeys(vault)?;
        if kept.len() >= MOST {
            return Err(ErrorCode::TooOften.into());
        }
        if kept.iter().any(|known| known.passkey.id == passkey.id) {
            return Ok(refused(Refused::Malformed));
        }
        let key = config.master.derive(&vault.agent, Purpose::Identity);
        let row = identity::handle(&key, &vault.person, PASSKEY, &passkey.id);
        let label = if device.is_empty() { "Passkey".to_owned() } else { format!("Passkey of {device}") };
        self.keep_row(vault, &Kept { row, passkey, label, since: now() })?;
        Ok(PersonReply::Done)
    }

    /// Whether a session may change how the person signs in: it was proved just now, by more than a value that others know,
    /// and the person is not linked to another one themselves.
    pub(super) fn may_change(&self, vault: &Vault, live: &Session) -> Answer<bool> {
        let is_proved = live.assurance >= Assurance::EmailCode && is_fresh(live.proved_at, now());
        Ok(is_proved && self.alias(vault)?.is_none())
    }

    /// Takes what this session was to have signed: used once, whatever comes of it.
    fn take_challenge(&self, session: &SessionId) -> Answer<Option<String>> {
        let rows = self.sql.exec(
            "DELETE FROM passkey_challenge WHERE session = ? RETURNING challenge, at",
            Some(vec![session.as_str().into()]),
        )?;
        let found = rows.to_array::<Challenge>()?.into_iter().next();
        // Those that nobody came back with.
        let over = now().0.saturating_sub(CHALLENGE_MS);
        self.sql.exec("DELETE FROM passkey_challenge WHERE at < ?", Some(vec![(over as i64).into()]))?;
        Ok(found.filter(|found| now().since(Millis(found.at as u64)) <= CHALLENGE_MS).map(|found| found.challenge))
    }

    fn keep_row(&self, vault: &Vault, kept: &Kept) -> Answer<()> {
        let body = Body { passkey: kept.passkey.clone(), label: kept.label.clone() };
        let sealed = vault.seal(&format!("passkey/{}", kept.row), &serde_json::to_vec(&body)?)?;
        self.sql.exec(
            "INSERT OR REPLACE INTO passkey (id, body, since) VALUES (?, ?, ?)",
            Some(vec![kept.row.as_str().into(), sealed.into(), (kept.since.0 as i64).into()]),
        )?;
        Ok(())
    }

    /// Drops a passkey by what it is called in the account; false when there is none.
    pub(super) fn drop_passkey(&self, row: &str) -> Answer<bool> {
        let gone = self.sql.exec("DELETE FROM passkey WHERE id = ? RETURNING id", Some(vec![row.into()]))?;
        Ok(!gone.to_array::<serde_json::Value>()?.is_empty())
    }
}

fn refused(why: Refused) -> PersonReply {
    PersonReply::NotProved { why: why.as_str().to_owned() }
}
