//! What the agent may see of a person, and what the person may see of themselves.

use std::collections::BTreeSet;

use domain::agent::Agent;
use domain::assurance::Standing;
use domain::context::{roles, seen};
use domain::identity::Identifier;
use shared::id::SessionId;

use super::record::Own;
use super::sessions::Session;
use super::store::{Identity, Kept};
use super::{Holder, PersonReply, Vault, note};
use crate::failure::{Answer, Failure, log};
use crate::store::records;

impl Holder {
    pub(super) async fn context(&self, vault: &Vault, session: Option<&SessionId>) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        // Nobody of this person is here any more: nothing of theirs is read.
        if self.lives_until()?.is_none() {
            return Ok(PersonReply::Context { person: Vec::new(), data: Vec::new(), standing: None });
        }
        let (Identity { identifier, .. }, kept) = (self.known(vault)?, self.allowed(vault, &agent)?);
        let own = self.own(vault, &agent, &identifier).await?;
        let email = seen::email(&identifier, &self.linked(vault)?, &kept.values).or_else(|| own.email.clone());
        let person = seen::by_model(&agent.customer_auth.visible_fields, email.as_ref(), &kept.values);
        let data = self.data(vault, &agent.customer_auth.autofetch, email.as_ref()).await?;
        // Looked at last: a session that ended while the data was read stands on nothing.
        let standing = match session.map(|session| self.session(session)).transpose()?.flatten() {
            Some(session) => Some(self.standing(vault, &agent, session, (&kept, own)).await?),
            None => None,
        };
        Ok(PersonReply::Context { person, data, standing })
    }

    /// What a live session stands on. Roles come from the person's record and from a verified login's answer; `own` is what
    /// the record gives of a person who was looked up.
    pub(super) async fn standing(
        &self,
        vault: &Vault,
        agent: &Agent,
        session: Session,
        (kept, own): (&Kept, Own),
    ) -> Answer<Standing> {
        let identifier = self.known(vault)?.identifier;
        let linked = self.linked(vault)?;
        let email = seen::email(&identifier, &linked, &kept.values).or(own.email);
        let all = || std::iter::once(&identifier).chain(&linked);
        let phone = all().find_map(|known| match known {
            Identifier::Phone { number } => Some(number.as_str().to_owned()),
            _ => None,
        });
        let phone = phone.or_else(|| own.phone.map(|number| number.as_str().to_owned()));
        let mut named: BTreeSet<String> = kept.values.get(roles::FIELD).map(roles::named).unwrap_or_default();
        named.extend(own.roles);
        if let (Some(source), Some(email)) = (&agent.customer_auth.roles, &email) {
            let rows = records::by_email(&self.env, &vault.agent, &source.collection, &source.email_field, email).await;
            match rows {
                Ok(rows) => named.extend(roles::of_records(source, email, &rows)),
                // Without its record a person has fewer roles, never more.
                Err(failure) => log("roles_not_read", "", &format!("{failure:?}")),
            }
        }
        Ok(Standing {
            person: vault.person.clone(),
            assurance: session.assurance,
            proved_at: session.proved_at,
            roles: named.into_iter().collect(),
            context: kept.values.keys().cloned().collect(),
            email: email.map(|email| email.as_str().to_owned()),
            phone,
            passkey: !self.passkeys(vault)?.is_empty(),
            google: all().any(|known| matches!(known, Identifier::Google { .. })),
        })
    }

    pub(super) async fn remembered(&self, vault: &Vault) -> Answer<PersonReply> {
        let agent = self.settings(&vault.agent).await?;
        let kept = self.allowed(vault, &agent)?;
        let since = |name: &String| kept.since.get(name).copied().unwrap_or_default();
        // Said of the address, which stands beside it.
        let shown = kept.values.iter().filter(|(name, _)| *name != seen::EMAIL_VERIFIED);
        let fields = shown.map(|(name, value)| seen::by_person(name, value, since(name))).collect();
        Ok(PersonReply::Remembered { fields })
    }

    pub(super) async fn erase(&self) -> Answer<PersonReply> {
        self.forget()?;
        self.sql.exec("DELETE FROM fetched", None)?;
        note("alarm_not_deleted", self.disarm().await);
        Ok(PersonReply::Done)
    }

    /// Who the person is.
    pub(super) fn known(&self, vault: &Vault) -> Answer<Identity> {
        self.identity(vault)?.ok_or_else(|| Failure::Internal("person without identity".to_owned()))
    }

    /// The persistent context, where the agent has it switched on; what is left of it otherwise is forgotten.
    pub(super) fn allowed(&self, vault: &Vault, agent: &Agent) -> Answer<Kept> {
        let kept = self.kept(vault)?;
        if agent.customer_auth.persistent_context {
            return Ok(kept);
        }
        if !kept.values.is_empty() {
            self.forget()?;
        }
        Ok(Kept { version: self.version()?, ..Kept::default() })
    }
}
