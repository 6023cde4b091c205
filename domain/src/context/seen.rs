//! What of the persistent context is seen: by the model, and by the person it is about. Secrets by neither.

use shared::remembered::RememberedField;

use super::{Context, text};
use crate::action::answer::is_secret_field;
use crate::address::EmailAddress;
use crate::identity::Identifier;
use crate::time::Millis;

/// The field with an address that somebody else said.
pub const EMAIL: &str = "email";
/// The field that says, by `true` and nothing else, that whoever gave the address made sure of it.
pub const EMAIL_VERIFIED: &str = "email_verified";

/// The most characters of a value that the model or the person is shown.
const MAX_CHARS: usize = 500;
/// The most characters of what a person is called.
const MAX_LABEL: usize = 80;

/// The fields that the model may see, in the order in which the settings list them. A field whose name is that of a
/// secret is left out whatever the settings say; `email` is the person's own verified address.
pub fn by_model(fields: &[String], email: Option<&EmailAddress>, context: &Context) -> Vec<(String, String)> {
    let value = |field: &String| match (field.as_str(), email) {
        ("email", Some(email)) => Some(email.as_str().to_owned()),
        _ if is_secret_field(field) => None,
        _ => context.get(field).and_then(text),
    };
    fields.iter().filter_map(|field| Some((field.clone(), short(&value(field)?, MAX_CHARS)))).collect()
}

/// A remembered field as the person sees it: a secret without its value.
pub fn by_person(name: &str, value: &serde_json::Value, since: Millis) -> RememberedField {
    let value = if is_secret_field(name) { None } else { text(value).map(|value| short(&value, MAX_CHARS)) };
    RememberedField { name: name.to_owned(), value, since: since.rfc3339() }
}

/// What to call a person: the proved address, else the name that the company's API gave, else the account's id.
pub fn label(identity: &Identifier, context: &Context) -> String {
    let called = match identity {
        Identifier::Email { address } => return address.as_str().to_owned(),
        Identifier::Phone { number } => return number.as_str().to_owned(),
        Identifier::Account { user_id: known, .. }
        | Identifier::Host { user_id: known }
        | Identifier::Record { key: known, .. } => named(context).unwrap_or_else(|| known.clone()),
        // The subject is a number that nobody knows of themselves.
        Identifier::Google { .. } => {
            named(context).or_else(|| context.get("email").and_then(text)).unwrap_or_else(|| "Google".to_owned())
        }
    };
    short(called.trim(), MAX_LABEL)
}

fn named(context: &Context) -> Option<String> {
    context.get("name").and_then(text).filter(|name| !name.trim().is_empty())
}

/// The verified address of a person: the proved one, else a linked one (which was proved too), else the one that whoever
/// signed them in gave and vouched for ([`EMAIL_VERIFIED`]). Records, roles and codes go by it.
pub fn email(identity: &Identifier, linked: &[Identifier], context: &Context) -> Option<EmailAddress> {
    let proved = core::iter::once(identity).chain(linked).find_map(|known| match known {
        Identifier::Email { address } => Some(address.clone()),
        _ => None,
    });
    match identity {
        _ if proved.is_some() => proved,
        Identifier::Email { .. } | Identifier::Phone { .. } | Identifier::Record { .. } => None,
        Identifier::Account { .. } | Identifier::Google { .. } | Identifier::Host { .. } => {
            let is_vouched = context.get(EMAIL_VERIFIED).is_some_and(|said| *said == serde_json::Value::Bool(true));
            EmailAddress::parse(context.get(EMAIL)?.as_str()?).ok().filter(|_| is_vouched)
        }
    }
}

fn short(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Context, EmailAddress, Identifier, Millis, by_model, by_person, email, label};

    fn context(value: serde_json::Value) -> Context {
        serde_json::from_value(value).unwrap()
    }

    fn account() -> Identifier {
        Identifier::Account { action: "login".into(), user_id: "u-42".into() }
    }

    #[test]
    fn the_model_sees_listed_fields_and_never_a_secret() {
        let fields = ["email", "company_id", "token", "refresh_token", "roles", "address", "absent"].map(str::to_owned);
        let kept = context(json!({
            "email": "context@example.com", "company_id": 7, "token": "canary", "refresh_token": "canary",
            "roles": ["a", "b"], "address": {"street": "x"}, "note": "not listed"
        }));
        let own = EmailAddress::parse("ann@example.com").unwrap();
        let seen = by_model(&fields, Some(&own), &kept);
        let expected = [("email", "ann@example.com"), ("company_id", "7"), ("roles", "a, b")];
        assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_person_sees_that_a_secret_is_kept_and_not_which() {
        let field = by_person("token", &json!("canary"), Millis(0));
        assert_eq!(
            (field.name.as_str(), field.value, field.since.as_str()),
            ("token", None, "1970-01-01T00:00:00.000Z")
        );
        assert_eq!(by_person("company_id", &json!(7), Millis(0)).value.as_deref(), Some("7"));
        assert_eq!(
            by_person("name", &json!("a\nb".repeat(400)), Millis(0)).value.map(|v| v.chars().count()),
            Some(500)
        );
    }

    #[test]
    fn a_person_is_called_by_what_is_known_of_them() {
        let ann = Identifier::Email { address: EmailAddress::parse("ann@example.com").unwrap() };
        assert_eq!(label(&ann, &context(json!({"name": "Ann"}))), "ann@example.com");
        assert_eq!(label(&account(), &context(json!({"name": " Ann\u{0}Lee "}))), "Ann Lee");
        assert_eq!(label(&account(), &context(json!({"name": "  "}))), "u-42");
        assert_eq!(label(&account(), &Context::new()), "u-42");
        assert_eq!(label(&account(), &context(json!({"name": "x".repeat(999)}))).len(), 80);
    }

    #[test]
    fn an_address_is_the_proved_one_before_the_one_that_was_given() {
        let ann = Identifier::Email { address: EmailAddress::parse("ann@example.com").unwrap() };
        let given = context(json!({"email": "Other@Example.com", "email_verified": true}));
        assert_eq!(email(&ann, &[], &given).unwrap().as_str(), "ann@example.com");
        assert_eq!(email(&account(), &[], &given).unwrap().as_str(), "other@example.com");
        assert_eq!(email(&account(), &[ann], &given).unwrap().as_str(), "ann@example.com");
        for unvouched in [json!(false), json!("true"), json!(1), json!(null), json!([true])] {
            let given = context(json!({"email": "other@example.com", "email_verified": unvouched}));
            assert_eq!(email(&account(), &[], &given), None, "{unvouched}");
        }
        assert_eq!(email(&account(), &[], &context(json!({"email": "other@example.com"}))), None);
        for bad in [
            json!({}),
            json!({"email": 1, "email_verified": true}),
            json!({"email": "a@x.example, b@x.example", "email_verified": true}),
            json!({"email": ["a@x.example"], "email_verified": true}),
        ] {
            assert_eq!(email(&account(), &[], &context(bad)), None);
        }
    }
}
