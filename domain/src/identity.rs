//! Names that say nothing about whom they name: a person's id, and the keys under which limits are counted.

use serde::{Deserialize, Serialize};
use shared::id::PersonId;

use crate::address::EmailAddress;
use crate::challenge::Destination;
use crate::mac::Tag;
use crate::phone::PhoneNumber;

/// What was proved, and by which kind of proof. Equal texts of two kinds are two persons (R32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Identifier {
    /// An address, by a one-time code.
    Email {
        /// The address.
        address: EmailAddress,
    },
    /// A phone number, by a one-time code.
    Phone {
        /// The number.
        number: PhoneNumber,
    },
    /// A Google account. Its email is no part of it: addresses change hands (OIDC Core, section 5.7).
    Google {
        /// The `sub` of its tokens.
        subject: String,
    },
    /// A record of a collection, found by what the visitor gave.
    Record {
        /// The collection.
        collection: String,
        /// The field's value there, in one spelling.
        key: String,
    },
    /// A user of the company's, by a token that the host page gave.
    Host {
        /// The user's id there.
        user_id: String,
    },
    /// An account at the company, by a login action.
    Account {
        /// The action.
        action: String,
        /// The account's id there.
        user_id: String,
    },
}

impl Identifier {
    /// The person that it belongs to: the same one whenever the same thing is proved.
    pub fn person(&self, identity_key: &[u8; 32]) -> PersonId {
        match self {
            Self::Email { address } => person_id(identity_key, "email", address.as_str()),
            Self::Phone { number } => person_id(identity_key, "phone", number.as_str()),
            Self::Google { subject } => person_id(identity_key, "google", subject),
            Self::Record { collection, key } => person_id(identity_key, &format!("record:{collection}"), key),
            Self::Host { user_id } => person_id(identity_key, "host", user_id),
            Self::Account { action, user_id } => person_id(identity_key, &format!("action:{action}"), user_id),
        }
    }
}

impl From<Destination> for Identifier {
    /// What accepting a code that went there proves.
    fn from(destination: Destination) -> Self {
        match destination {
            Destination::Email { address } => Self::Email { address },
            Destination::Phone { number } => Self::Phone { number },
            Destination::Record { collection, key } => Self::Record { collection, key },
        }
    }
}

/// The person that a proved identity belongs to: base64url(HMAC-SHA-256) under the agent's identity key.
///
/// `method_namespace` says what `canonical` is (`email`), so that equal texts of two kinds are two persons (R32).
/// The same address at two agents is two persons who cannot be told to be one, because the key is the agent's.
///
/// # Panics
/// Never: a tag's text always has a person id's shape.
#[expect(clippy::expect_used, reason = "a tag's text has a person id's 43 characters, whatever the tag")]
pub fn person_id(identity_key: &[u8; 32], method_namespace: &str, canonical: &str) -> PersonId {
    let tag = Tag::over(identity_key, "person", &[method_namespace.as_bytes(), canonical.as_bytes()]);
    PersonId::parse(&tag.text()).expect("43 characters of base64url")
}

/// What to call a thing of a person's where its own name must not be shown: a session in the list of devices, a way to sign
/// in. `kind` keeps one sort apart from the other. 43 characters.
pub fn handle(identity_key: &[u8; 32], person: &PersonId, kind: &str, name: &str) -> String {
    Tag::over(identity_key, "handle", &[person.as_str().as_bytes(), kind.as_bytes(), name.as_bytes()]).text()
}

/// The name of a limiter: which address or client it counts cannot be read from it. 43 characters.
pub fn limit_key(key: &[u8; 32], purpose: &str, value: &str) -> String {
    Tag::over(key, "limit", &[purpose.as_bytes(), value.as_bytes()]).text()
}

#[cfg(test)]
mod tests {
    use super::{limit_key, person_id};

    #[test]
    fn a_person_is_the_same_by_the_same_proof_and_another_by_any_other() {
        let key = [1; 32];
        let ann = person_id(&key, "email", "ann@example.com");
        assert_eq!(ann, person_id(&key, "email", "ann@example.com"));
        for other in [
            person_id(&[2; 32], "email", "ann@example.com"),
            person_id(&key, "google", "ann@example.com"),
            person_id(&key, "emai", "lann@example.com"),
            person_id(&key, "email", "ben@example.com"),
            person_id(&key, "email", ""),
        ] {
            assert_ne!(ann, other);
        }
        assert_ne!(ann.as_str(), limit_key(&key, "email", "ann@example.com"));
        assert_ne!(limit_key(&key, "ip", "x"), limit_key(&key, "recipient", "x"));
    }
}
