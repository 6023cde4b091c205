//! What the agent may see of a person: visible fields and auto-fetched data, read again when stale.

use std::collections::BTreeMap;

use domain::address::EmailAddress;
use domain::agent::{AutoFetchRule, Source};
use domain::autofetch::data_set;
use domain::model::DataSet;
use futures_util::future::join_all;
use serde::Deserialize;

use super::{Person, PersonReply, Vault};
use crate::clock::now;
use crate::failure::{Answer, Failure, log};
use crate::store::{agents, records};

#[derive(Deserialize)]
struct Fetched {
    rule: String,
    at: f64,
    data: String,
}

impl Person {
    pub(super) async fn context(&self, vault: &Vault) -> Answer<PersonReply> {
        let agent = agents::find(&self.env, &vault.agent)
            .await?
            .ok_or_else(|| Failure::Internal("agent is gone".to_owned()))?;
        let email = self.email(vault)?;
        let auth = &agent.customer_auth;
        let person = auth
            .visible_fields
            .iter()
            .filter(|field| *field == "email")
            .map(|field| (field.clone(), email.as_str().to_owned()))
            .collect();
        let kept = self.fetched()?;
        let data = join_all(auth.autofetch.iter().map(|rule| self.rule(vault, &email, rule, &kept))).await;
        Ok(PersonReply::Context { person, data })
    }

    async fn rule(
        &self,
        vault: &Vault,
        email: &EmailAddress,
        rule: &AutoFetchRule,
        kept: &BTreeMap<String, (u64, String)>,
    ) -> DataSet {
        let field = format!("fetched/{}", rule.name);
        if let Some((at, sealed)) = kept.get(&rule.name)
            && now().0.saturating_sub(*at) < u64::from(rule.fresh_s) * 1_000
            && let Ok(plain) = vault.open(&field, sealed)
            && let Ok(set) = serde_json::from_slice::<DataSet>(&plain)
            && set.fields == rule.fields
        {
            return set;
        }
        let Source::Collection { collection, email_field } = &rule.source;
        let rows = match records::by_email(&self.env, &vault.agent, collection, email_field, email).await {
            Ok(rows) => Some(rows),
            Err(failure) => {
                log("autofetch_failed", "", &format!("{}: {failure:?}", rule.name));
                None
            }
        };
        let set = data_set(rule, email, rows);
        if set.records.is_some() && self.keep(vault, &field, &set).is_err() {
            log("autofetch_not_kept", "", &rule.name);
        }
        set
    }

    fn keep(&self, vault: &Vault, field: &str, set: &DataSet) -> Answer<()> {
        let sealed = vault.seal(field, &serde_json::to_vec(set)?)?;
        self.sql.exec(
            "INSERT OR REPLACE INTO fetched (rule, at, data) VALUES (?, ?, ?)",
            Some(vec![set.name.as_str().into(), (now().0 as i64).into(), sealed.into()]),
        )?;
        Ok(())
    }

    fn fetched(&self) -> Answer<BTreeMap<String, (u64, String)>> {
        let rows = self.sql.exec("SELECT rule, at, data FROM fetched", None)?.to_array::<Fetched>()?;
        Ok(rows.into_iter().map(|row| (row.rule, (row.at as u64, row.data))).collect())
    }
}
