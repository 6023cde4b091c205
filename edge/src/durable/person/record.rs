//! A person who was looked up: their record, and which address or number of it is proved to be theirs (M6).

use domain::address::EmailAddress;
use domain::agent::Agent;
use domain::challenge::Destination;
use domain::identity::Identifier;
use domain::json;
use domain::lookup;
use domain::phone::PhoneNumber;
use serde::{Deserialize, Serialize};

use super::store::Identity;
use super::{Holder, PersonReply, Vault};
use crate::failure::{Answer, log};
use crate::store::records;

/// The field under which it is sealed.
const FIELD: &str = "reached";

/// What codes of look-ups proved, as it is stored.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    email: Option<EmailAddress>,
    phone: Option<PhoneNumber>,
    name: Option<String>,
}

/// What the person's record gives now.
#[derive(Default)]
pub(super) struct Own {
    /// The address on it, where a code went there.
    pub(super) email: Option<EmailAddress>,
    /// The number on it, likewise.
    pub(super) phone: Option<PhoneNumber>,
    /// The roles on it.
    pub(super) roles: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    reached: String,
}

impl Holder {
    /// Keeps where the code of a look-up went. What an earlier one proved stays beside it.
    pub(super) fn keep_reached(
        &self,
        vault: &Vault,
        to: Option<Destination>,
        name: Option<String>,
    ) -> Answer<PersonReply> {
        let mut kept = Kept { name, ..self.reached(vault)? };
        match to {
            Some(Destination::Email { address }) => kept.email = Some(address),
            Some(Destination::Phone { number }) => kept.phone = Some(number),
            Some(Destination::Record { .. }) | None => {}
        }
        let sealed = vault.seal(FIELD, &serde_json::to_vec(&kept)?)?;
        self.sql.exec("INSERT OR REPLACE INTO reached (one, reached) VALUES (1, ?)", Some(vec![sealed.into()]))?;
        Ok(PersonReply::Done)
    }

    fn reached(&self, vault: &Vault) -> Answer<Kept> {
        let rows = self.sql.exec("SELECT reached FROM reached WHERE one = 1", None)?.to_array::<Row>()?;
        let Some(row) = rows.first() else { return Ok(Kept::default()) };
        Ok(json::read(&vault.open(FIELD, &row.reached)?)?)
    }

    /// What the person is called on their record.
    pub(super) fn record_name(&self, vault: &Vault) -> Answer<Option<String>> {
        Ok(self.reached(vault)?.name)
    }

    /// What the record of a person who was looked up gives now: read each time, because whoever keeps it may take a role
    /// away or correct an address. An address that no code went to is on the record and proves nothing.
    pub(super) async fn own(&self, vault: &Vault, agent: &Agent, identifier: &Identifier) -> Answer<Own> {
        let (Identifier::Record { collection, key }, Some(settings)) = (identifier, &agent.customer_auth.lookup) else {
            return Ok(Own::default());
        };
        if *collection != settings.collection {
            return Ok(Own::default());
        }
        let rows = match records::by_key(&self.env, &vault.agent, collection, &settings.field, key).await {
            Ok(rows) => rows,
            // Without their record a person has less, never more.
            Err(failure) => {
                log("record_not_read", "", &format!("{failure:?}"));
                return Ok(Own::default());
            }
        };
        let Some(found) = lookup::found(settings, key, &rows) else { return Ok(Own::default()) };
        let kept = self.reached(vault)?;
        Ok(Own {
            email: found.email.filter(|email| kept.email.as_ref() == Some(email)),
            phone: found.phone.filter(|phone| kept.phone.as_ref() == Some(phone)),
            roles: found.roles,
        })
    }

    /// Ends the sessions that a look-up opened once the record is gone, or its key is another's too (R26). A record that
    /// cannot be read just now ends nothing.
    pub(super) async fn end_with_record(&self, vault: &Vault) -> Answer<()> {
        let Some(Identity { identifier: Identifier::Record { collection, key }, .. }) = self.identity(vault)? else {
            return Ok(());
        };
        let agent = self.settings(&vault.agent).await?;
        let Some(settings) = agent.customer_auth.lookup.as_ref().filter(|lookup| lookup.collection == collection)
        else {
            return Ok(());
        };
        match records::by_key(&self.env, &vault.agent, &collection, &settings.field, &key).await {
            Ok(rows) if lookup::found(settings, &key, &rows).is_none() => self.end_looked_up(),
            Ok(_) => Ok(()),
            Err(failure) => {
                log("record_not_read", "", &format!("{failure:?}"));
                Ok(())
            }
        }
    }
}
