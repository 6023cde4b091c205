//! The person's data from auto-fetch rules, read again when stale.

use std::collections::BTreeMap;

use domain::address::EmailAddress;
use domain::agent::{AutoFetchRule, Source};
use domain::autofetch::data_set;
use domain::json;
use domain::model::DataSet;
use futures_util::future::join_all;
use serde::Deserialize;

use super::{Holder, Vault};
use crate::clock::now;
use crate::failure::{Answer, log};
use crate::store::records;

#[derive(Deserialize)]
struct Fetched {
    rule: String,
    at: f64,
    data: String,
}

impl Holder {
    /// The data sets of all rules. A person without a verified address has no records: nothing is keyed by anything else.
    pub(super) async fn data(
        &self,
        vault: &Vault,
        rules: &[AutoFetchRule],
        email: Option<&EmailAddress>,
    ) -> Answer<Vec<DataSet>> {
        let Some(email) = email else { return Ok(rules.iter().map(nothing).collect()) };
        let kept = self.fetched()?;
        Ok(join_all(rules.iter().map(|rule| self.rule(vault, email, rule, &kept))).await)
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
            && let Ok(set) = json::read::<DataSet>(&plain)
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

fn nothing(rule: &AutoFetchRule) -> DataSet {
    DataSet {
        name: rule.name.clone(),
        description: rule.description.clone(),
        fields: rule.fields.clone(),
        records: Some(Vec::new()),
    }
}
