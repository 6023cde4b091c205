//! The person's own account: where they are signed in, how they can sign in.

use domain::context::Context;
use domain::context::seen;
use domain::identity::{self, Identifier};
use domain::keys::Purpose;
use domain::time::Millis;
use serde_json::Value;
use shared::account::{Account, Device};
use shared::card::Method;
use shared::error::ErrorCode;
use shared::id::SessionId;

use super::sessions::Row;
use super::{Holder, PersonReply, Vault};
use crate::config::Config;
use crate::failure::{Answer, Failure};

/// What a session is called in the account.
const DEVICE: &str = "device";

impl Holder {
    /// Whether the person is known by this, first or by a link. Of a linked proof that is said by whom it signs in.
    pub(super) fn knows(&self, vault: &Vault, identifier: &Identifier) -> Answer<PersonReply> {
        let own = self.identity(vault)?.is_some_and(|own| own.identifier == *identifier);
        if own || self.linked(vault)?.contains(identifier) {
            return Ok(PersonReply::Done);
        }
        Ok(self.alias(vault)?.map_or(PersonReply::Gone, |person| PersonReply::Elsewhere { person }))
    }

    pub(super) async fn account(&self, config: &Config, vault: &Vault, session: &SessionId) -> Answer<PersonReply> {
        let settings = self.settings(&vault.agent).await?;
        if self.live(Some(session))?.is_empty() {
            return Ok(PersonReply::Gone);
        }
        let key = config.master.derive(&vault.agent, Purpose::Identity);
        let mut devices = Vec::new();
        for row in self.live(None)? {
            devices.push(Device {
                id: identity::handle(&key, &vault.person, DEVICE, &row.id),
                label: if row.device.is_empty() { "Browser".to_owned() } else { row.device.clone() },
                since: Millis(row.created_at as u64).rfc3339(),
                seen: Millis(row.seen_at.max(row.created_at) as u64).rfc3339(),
                method: serde_json::from_value(Value::String(row.method.clone()))?,
                here: row.id == session.as_str(),
            });
        }
        // This browser first, then the one that was used last.
        devices.sort_by(|one, other| (other.here, &other.seen).cmp(&(one.here, &one.seen)));
        let passkeys = settings.customer_auth.methods.contains(&Method::Passkey);
        Ok(PersonReply::Account { account: Account { devices, proofs: self.proofs(&key, vault)?, passkeys } })
    }

    /// Signs one device out, wherever it is.
    pub(super) async fn revoke_device(
        &self,
        config: &Config,
        vault: &Vault,
        session: &SessionId,
        device: &str,
    ) -> Answer<PersonReply> {
        if self.live(Some(session))?.is_empty() {
            return Ok(PersonReply::Gone);
        }
        let key = config.master.derive(&vault.agent, Purpose::Identity);
        let named = |row: &Row| identity::handle(&key, &vault.person, DEVICE, &row.id) == device;
        let ended: Vec<_> = self.live(None)?.into_iter().filter(named).collect();
        if ended.is_empty() {
            return Err(ErrorCode::NotFound.into());
        }
        match self.end(ended, false).await {
            // It is revoked; a socket of it may live until its next frame.
            Err(Failure::Internal(source)) => crate::failure::log("revoke_incomplete", "", &source),
            Err(failure) => return Err(failure),
            Ok(_) => {}
        }
        Ok(PersonReply::Done)
    }
}

/// How an identity was proved, and how its owner reads it. A phone number without its middle: the account may be looked at
/// over somebody's shoulder.
pub(super) fn shown(identifier: &Identifier, context: &Context) -> (Method, String) {
    let method = match identifier {
        Identifier::Email { .. } => Method::EmailCode,
        Identifier::Phone { number } => {
            let digits = number.as_str();
            let (start, end) = (digits.get(..3).unwrap_or(digits), digits.get(digits.len() - 4..).unwrap_or_default());
            return (Method::PhoneCode, format!("{start} •••• ••{end}"));
        }
        Identifier::Google { .. } => Method::Google,
        Identifier::Record { .. } => Method::CollectionLookup,
        Identifier::Host { .. } => Method::HostToken,
        Identifier::Account { .. } => Method::LoginAction,
    };
    (method, seen::label(identifier, context))
}
