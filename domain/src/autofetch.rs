//! What of a source reaches the AI: the person's own records, cut to the fields that the settings mark visible.

use serde_json::{Map, Value};

use crate::address::EmailAddress;
use crate::agent::{AutoFetchRule, Source};
use crate::model::DataSet;

/// The most characters of one field that the AI reads.
const MAX_FIELD_CHARS: usize = 2_000;

/// Makes the data set of a rule from what the source gave.
///
/// A record that does not carry the person's own verified address is dropped (R57), whatever the source said.
pub fn data_set(rule: &AutoFetchRule, email: &EmailAddress, rows: Option<Vec<Map<String, Value>>>) -> DataSet {
    let Source::Collection { email_field, .. } = &rule.source;
    let records = rows.map(|rows| {
        let mut own: Vec<_> = rows.into_iter().filter(|row| is_own(row, email_field, email)).collect();
        if let Some(field) = &rule.newest_by {
            own.sort_by_key(|row| std::cmp::Reverse(text(row.get(field))));
        }
        own.truncate(rule.limit as usize);
        own.into_iter().map(|row| visible(row, &rule.fields)).collect()
    });
    DataSet { name: rule.name.clone(), description: rule.description.clone(), fields: rule.fields.clone(), records }
}

/// Whether a record carries this address in this field, as one text.
pub(crate) fn is_own(row: &Map<String, Value>, field: &str, email: &EmailAddress) -> bool {
    row.get(field)
        .and_then(Value::as_str)
        .and_then(|value| EmailAddress::parse(value).ok())
        .is_some_and(|own| own == *email)
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn visible(mut row: Map<String, Value>, fields: &[String]) -> Map<String, Value> {
    let mut out = Map::new();
    for field in fields {
        if let Some(value) = row.remove(field) {
            let value = match value {
                Value::String(text) => Value::String(text.chars().take(MAX_FIELD_CHARS).collect()),
                other => other,
            };
            out.insert(field.clone(), value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule() -> AutoFetchRule {
        AutoFetchRule {
            name: "recent orders".into(),
            description: String::new(),
            source: Source::Collection { collection: "orders".into(), email_field: "customer_email".into() },
            newest_by: Some("ordered_on".into()),
            limit: 2,
            fields: vec!["order".into(), "status".into()],
            fresh_s: 300,
        }
    }

    fn rows(value: Value) -> Option<Vec<Map<String, Value>>> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_own_records_only_visible_fields_newest_first() {
        let email = EmailAddress::parse("ana@example.com").unwrap();
        let set = data_set(
            &rule(),
            &email,
            rows(json!([
                {"order": "1", "status": "a", "ordered_on": "2026-01-01", "customer_email": "ana@example.com", "note": "x"},
                {"order": "2", "status": "b", "ordered_on": "2026-03-01", "customer_email": "ben@example.com"},
                {"order": "3", "status": "c", "ordered_on": "2026-02-01", "customer_email": "Ana@Example.com"},
                {"order": "4", "status": "d", "ordered_on": "2025-02-01", "customer_email": "ana@example.com"},
                {"order": "5", "status": "e", "ordered_on": "2027-02-01", "customer_email": ["ana@example.com"]},
                {"order": "6", "status": "f", "ordered_on": "2027-02-01"},
            ])),
        );
        assert_eq!(
            serde_json::to_value(set.records).unwrap(),
            json!([{"order": "3", "status": "c"}, {"order": "1", "status": "a"}])
        );
    }

    #[test]
    fn a_source_that_failed_is_told_apart_from_an_empty_one() {
        let email = EmailAddress::parse("ana@example.com").unwrap();
        assert_eq!(data_set(&rule(), &email, None).records, None);
        assert_eq!(data_set(&rule(), &email, Some(vec![])).records, Some(vec![]));
    }
}
