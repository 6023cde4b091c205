//! The roles of a person: from their record or from a verified login's answer, never from the model or the client (R47).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::address::EmailAddress;
use crate::agent::RoleSource;
use crate::autofetch::is_own;

/// The most roles of one person.
const MOST: usize = 50;
/// The most characters of a role.
const MAX_CHARS: usize = 64;

/// The field of the persistent context in which a login's answer gives roles.
pub const FIELD: &str = "roles";

/// The roles that a value names: a text is one role, a list of texts several. Anything else, and what is blank or over
/// 64 characters, names none.
pub fn named(value: &Value) -> BTreeSet<String> {
    let texts: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let named = texts.into_iter().map(str::trim).filter(|role| !role.is_empty() && role.chars().count() <= MAX_CHARS);
    named.take(MOST).map(str::to_owned).collect()
}

/// The roles on the records that carry the person's own verified address; a record of anybody else's gives none,
/// whatever the source said.
pub fn of_records(source: &RoleSource, email: &EmailAddress, rows: &[Map<String, Value>]) -> BTreeSet<String> {
    let own = rows.iter().filter(|row| is_own(row, &source.email_field, email));
    own.filter_map(|row| row.get(&source.field)).flat_map(named).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{EmailAddress, RoleSource, named, of_records};

    #[test]
    fn a_value_names_roles_as_a_text_or_a_list_of_texts() {
        assert_eq!(named(&json!("manager")).into_iter().collect::<Vec<_>>(), ["manager"]);
        assert_eq!(named(&json!(["b", " a ", "a"])).into_iter().collect::<Vec<_>>(), ["a", "b"]);
        let long = "x".repeat(65);
        for none in [
            json!(null),
            json!(""),
            json!(" "),
            json!(1),
            json!(true),
            json!({"role": "x"}),
            json!([["x"], 1]),
            json!(long),
        ] {
            assert!(named(&none).is_empty(), "{none}");
        }
    }

    #[test]
    fn only_the_persons_own_record_gives_roles() {
        let source = RoleSource { collection: "staff".into(), email_field: "email".into(), field: "role".into() };
        let rows: Vec<_> = serde_json::from_value(json!([
            {"email": "ann@example.com", "role": "clerk"},
            {"email": "ben@example.com", "role": "manager"},
            {"email": ["ann@example.com"], "role": "owner"},
            {"role": "admin"},
            {"email": "Ann@example.com", "role": ["driver", Value::Null]},
        ]))
        .unwrap();
        let roles = of_records(&source, &EmailAddress::parse("ann@example.com").unwrap(), &rows);
        assert_eq!(roles.into_iter().collect::<Vec<_>>(), ["clerk", "driver"]);
    }
}
