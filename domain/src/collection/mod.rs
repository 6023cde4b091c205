//! Collections (M6, D3): what a table may look like, what a record may hold, by which values it is found, and how CSV
//! becomes records.

pub mod csv;
pub mod export;
pub mod faults;
pub mod row;
pub mod value;

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use shared::admin::collections::{Field, Kind, MAX_FIELDS};
use shared::admin::problem::{FieldError, escape};

use crate::address::EmailAddress;
use crate::agent::{Agent, Source};
use crate::lookup;
use crate::mac::Tag;

/// The most characters of a title or label.
const MAX_TITLE: usize = 80;
/// The most bytes of a record, as JSON.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;

/// Everything that keeps a title and fields from being a collection's.
pub fn faults(title: &str, fields: &[Field]) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut add = |pointer: String, detail: &str| found.push(FieldError { pointer, detail: detail.to_owned() });
    let too_long = format!("This has more than {MAX_TITLE} characters; shorten it.");
    let is_shown = |text: &str| !text.chars().any(char::is_control);
    if title.chars().count() > MAX_TITLE {
        add("/title".to_owned(), &too_long);
    } else if !is_shown(title) {
        add("/title".to_owned(), "This holds a character that cannot be shown; take it out.");
    }
    if fields.is_empty() {
        add("/fields".to_owned(), "A collection has at least one field.");
    }
    if fields.len() > MAX_FIELDS {
        add("/fields".to_owned(), &format!("There are more than {MAX_FIELDS} fields; remove some."));
    }
    let mut names = BTreeSet::new();
    for (at, field) in fields.iter().enumerate() {
        if !is_name(&field.name) {
            let words = "A field's name is 1 to 64 letters, digits and _, and begins with a letter or _.";
            add(format!("/fields/{at}/name"), words);
        } else if !names.insert(field.name.to_ascii_lowercase()) {
            add(format!("/fields/{at}/name"), "Another field has this name already.");
        }
        if field.label.chars().count() > MAX_TITLE {
            add(format!("/fields/{at}/label"), &too_long);
        } else if !is_shown(&field.label) {
            add(format!("/fields/{at}/label"), "This holds a character that cannot be shown; take it out.");
        }
        let has_no_key = matches!(field.kind, Kind::Boolean | Kind::Texts);
        if has_no_key && field.key {
            add(format!("/fields/{at}/key"), "Records are not found by a list or by yes and no.");
        }
        if has_no_key && field.unique {
            add(format!("/fields/{at}/unique"), "A list, or yes and no, cannot be unique.");
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let begins = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    begins && text.len() <= 64 && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What of an agent's settings uses a collection, as JSON pointers.
pub fn uses(agent: &Agent, name: &str) -> Vec<String> {
    let auth = &agent.customer_auth;
    let mut found = Vec::new();
    if auth.lookup.as_ref().is_some_and(|lookup| lookup.collection == name) {
        found.push("/customer_auth/lookup".to_owned());
    }
    if auth.roles.as_ref().is_some_and(|roles| roles.collection == name) {
        found.push("/customer_auth/roles".to_owned());
    }
    for (at, rule) in auth.autofetch.iter().enumerate() {
        let Source::Collection { collection, .. } = &rule.source;
        if collection == name {
            found.push(format!("/customer_auth/autofetch/{at}"));
        }
    }
    found
}

/// Fields by which the settings find records of this collection, and by which they would not be found if it had these.
pub fn unkeyed(agent: &Agent, name: &str, fields: &[Field]) -> Vec<FieldError> {
    let auth = &agent.customer_auth;
    let lookup =
        auth.lookup.as_ref().filter(|lookup| lookup.collection == name).map(|lookup| (&lookup.field, "Look-up"));
    let roles = auth.roles.as_ref().filter(|roles| roles.collection == name).map(|roles| (&roles.email_field, "Roles"));
    let fetched = auth.autofetch.iter().filter_map(|rule| {
        let Source::Collection { collection, email_field } = &rule.source;
        (collection == name).then_some((email_field, "Auto-fetch"))
    });
    let mut found: Vec<FieldError> = Vec::new();
    for (needed, who) in lookup.into_iter().chain(roles).chain(fetched) {
        let at = fields.iter().position(|field| field.name == *needed);
        if at.and_then(|at| fields.get(at)).is_some_and(Field::is_keyed) {
            continue;
        }
        let (pointer, detail) = match at {
            Some(at) => (format!("/fields/{at}/key"), format!("{who} finds records by this field: keep it a key.")),
            None => {
                ("/fields".to_owned(), format!("{who} finds records by the field \"{needed}\": keep it, as a key."))
            }
        };
        if !found.iter().any(|error| error.pointer == pointer) {
            found.push(FieldError { pointer, detail });
        }
    }
    found
}

/// The fields that records have which were put there before there was a description of them. `keyed` are the fields by which
/// they are found already.
pub fn inferred(records: &[Map<String, Value>], keyed: &[String]) -> Vec<Field> {
    let mut names: Vec<&String> = Vec::new();
    for name in records.iter().flat_map(Map::keys).chain(keyed) {
        if is_name(name) && !names.contains(&name) && names.len() < MAX_FIELDS {
            names.push(name);
        }
    }
    let field = |name: &String| {
        let values: Vec<&Value> =
            records.iter().filter_map(|record| record.get(name)).filter(|value| !value.is_null()).collect();
        let kinds = [Kind::Email, Kind::Phone, Kind::Date, Kind::Number, Kind::Boolean, Kind::Texts];
        let fits = |kind: &Kind| !values.is_empty() && values.iter().all(|given| value::is_canonical(*kind, given));
        let kind = kinds.into_iter().find(fits).unwrap_or(Kind::Text);
        let key = keyed.contains(name) && !matches!(kind, Kind::Boolean | Kind::Texts);
        Field { name: name.clone(), label: String::new(), kind, key, required: false, unique: false }
    };
    names.into_iter().map(field).collect()
}

/// The values by which a record is found, as `(field, value)`: what a visitor or a rule may ask for in its one spelling.
pub fn keys(fields: &[Field], record: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = BTreeSet::new();
    for field in fields.iter().filter(|field| field.is_keyed()) {
        let text = match record.get(&field.name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        found.extend(lookup::key(&text).map(|key| (field.name.clone(), key)));
        found.extend(EmailAddress::parse(&text).ok().map(|email| (field.name.clone(), email.as_str().to_owned())));
    }
    found.into_iter().collect()
}

/// A record as it is stored: every value in its one form. `before` is what was there: what it held stays as it is, whatever
/// the fields say now.
///
/// # Errors
/// What is wrong, with pointers that begin with `/data`.
pub fn record(
    fields: &[Field],
    given: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
) -> Result<Map<String, Value>, Vec<FieldError>> {
    let mut kept = Map::new();
    let mut errors = Vec::new();
    let pointer = |name: &str| format!("/data/{}", escape(name));
    for (name, given) in given {
        let known = fields.iter().find(|field| field.name == *name);
        if before.and_then(|before| before.get(name)) == Some(given) {
            kept.insert(name.clone(), given.clone());
        } else if let Some(field) = known {
            match value::taken(field.kind, given) {
                Ok(Some(value)) => {
                    kept.insert(name.clone(), value);
                }
                Ok(None) => {}
                Err(fault) => errors.push(FieldError { pointer: pointer(name), detail: fault.to_owned() }),
            }
        } else {
            let detail = "The collection has no such field. Add it to the fields first.".to_owned();
            errors.push(FieldError { pointer: pointer(name), detail });
        }
    }
    for field in fields {
        let Some(value) = kept.get(&field.name) else {
            if field.required && !errors.iter().any(|error| error.pointer == pointer(&field.name)) {
                let detail = "Every record must have this; fill it in.".to_owned();
                errors.push(FieldError { pointer: pointer(&field.name), detail });
            }
            continue;
        };
        if field.is_keyed() && before.and_then(|before| before.get(&field.name)) != Some(value) && !has_key(value) {
            errors.push(FieldError { pointer: pointer(&field.name), detail: TOO_LONG_FOR_A_KEY.to_owned() });
        }
    }
    if serde_json::to_string(&kept).map_or(usize::MAX, |text| text.len()) > MAX_RECORD_BYTES {
        errors.push(FieldError { pointer: "/data".to_owned(), detail: TOO_LARGE.to_owned() });
    }
    if errors.is_empty() { Ok(kept) } else { Err(errors) }
}

/// The tag of a record, which nobody can make up: it stands for everything in it, and whoever brings record and tag had both from
/// us. 43 characters of base64url.
pub fn tag(key: &[u8; 32], collection: &str, id: &str, data: &Map<String, Value>) -> String {
    mac(key, collection, id, data).text()
}

/// Whether the tag is this record's.
pub fn is_tag(tag: &str, key: &[u8; 32], collection: &str, id: &str, data: &Map<String, Value>) -> bool {
    Tag::read(tag).is_some_and(|tag| mac(key, collection, id, data).is(&tag).into())
}

fn mac(key: &[u8; 32], collection: &str, id: &str, data: &Map<String, Value>) -> Tag {
    let text = serde_json::to_vec(data).unwrap_or_default();
    Tag::over(key, "record", &[collection.as_bytes(), id.as_bytes(), &text])
}

/// What is said of a key that nobody could type.
const TOO_LONG_FOR_A_KEY: &str =
    "Records are found by this field, and no value over 100 characters can be. Shorten it.";
/// What is said of a record over [`MAX_RECORD_BYTES`].
const TOO_LARGE: &str = "A record has at most 256 KiB. Shorten some of it.";

fn has_key(value: &Value) -> bool {
    match value {
        Value::String(text) => lookup::key(text).is_some() || EmailAddress::parse(text).is_ok(),
        Value::Number(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str, kind: Kind) -> Field {
        Field { name: name.into(), label: String::new(), kind, key: false, required: false, unique: false }
    }

    fn object(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_field_has_a_name_of_its_own() {
        let mut fields = vec![field("a", Kind::Text), field("A", Kind::Text), field("1a", Kind::Text)];
        fields.push(Field { key: true, unique: true, ..field("roles", Kind::Texts) });
        let pointers: Vec<_> = faults("T", &fields).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/fields/1/name", "/fields/2/name", "/fields/3/key", "/fields/3/unique"]);
        assert_eq!(faults("T\u{7}", &[]).len(), 2);
        assert_eq!(faults(&"x".repeat(81), &vec![field("a", Kind::Text); 101]).first().unwrap().pointer, "/title");
    }

    #[test]
    fn a_record_takes_what_its_fields_hold_and_says_what_is_not_right() {
        let fields = [
            Field { required: true, unique: true, ..field("number", Kind::Text) },
            field("email", Kind::Email),
            field("roles", Kind::Texts),
        ];
        let taken =
            record(&fields, &object(json!({"number": " E-1 ", "email": "Ann@Example.com", "roles": "a; b"})), None);
        assert_eq!(
            Value::from(taken.unwrap()),
            json!({"number": "E-1", "email": "ann@example.com", "roles": ["a", "b"]})
        );
        let wrong = record(&fields, &object(json!({"number": "", "email": "x", "other": 1})), None).unwrap_err();
        let mut pointers: Vec<_> = wrong.into_iter().map(|error| error.pointer).collect();
        pointers.sort();
        assert_eq!(pointers, ["/data/email", "/data/number", "/data/other"]);
    }

    #[test]
    fn what_was_there_stays_whatever_the_fields_say_now() {
        let before = object(json!({"gone": {"deep": 1}, "email": "not one"}));
        let kept = record(&[field("email", Kind::Email)], &before, Some(&before)).unwrap();
        assert_eq!(kept, before);
    }

    #[test]
    fn records_are_found_by_one_spelling() {
        let fields =
            [Field { key: true, ..field("number", Kind::Text) }, field("email", Kind::Email), field("n", Kind::Text)];
        let found = keys(&fields, &object(json!({"number": "EMP 1", "email": "ann@example.com", "n": "x"})));
        assert_eq!(found, [("email".into(), "ann@example.com".into()), ("number".into(), "emp1".into())]);
    }

    #[test]
    fn fields_are_read_off_records_that_are_there() {
        let records = [
            object(json!({"email": "ann@example.com", "n": 1, "tags": ["a"], "since": "2026-01-02", "deep": {"a": 1}})),
            object(json!({"email": "ben@example.com", "n": 2.5, "vip": true, "name": "Ben"})),
        ];
        let kinds: Vec<_> =
            inferred(&records, &["email".into()]).into_iter().map(|f| (f.name, f.kind, f.key)).collect();
        for (name, kind, key) in [
            ("email", Kind::Email, true),
            ("n", Kind::Number, false),
            ("tags", Kind::Texts, false),
            ("since", Kind::Date, false),
            ("deep", Kind::Text, false),
            ("vip", Kind::Boolean, false),
            ("name", Kind::Text, false),
        ] {
            assert!(kinds.contains(&(name.into(), kind, key)), "{name}");
        }
    }
}
