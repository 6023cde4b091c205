//! Keys of other services that an agent uses. They are set and used; no answer ever holds one.

use serde::{Deserialize, Serialize};

/// The most bytes of a secret.
pub const MAX_SECRET_BYTES: usize = 8_192;

/// The most secrets of an agent.
pub const MAX_SECRETS: u32 = 100;

/// The most hosts that a secret is bound to.
pub const MAX_HOSTS: usize = 20;

/// `GET …/secrets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secrets {
    /// Those that are set, by name.
    pub set: Vec<SecretSet>,
    /// Those that the settings need, by name, set or not.
    pub needed: Vec<SecretNeeded>,
}

/// A secret that is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretSet {
    /// Its name: `[a-z][a-z0-9_]*`.
    pub name: String,
    /// When it was set, milliseconds since 1970.
    pub at: u64,
    /// The hosts that it may be sent to; any where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

/// A secret that the settings need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretNeeded {
    /// Its name.
    pub name: String,
    /// Whether it is set.
    pub set: bool,
    /// What of the settings needs it, as JSON pointers (RFC 6901).
    pub pointers: Vec<String>,
}

/// `PUT …/secrets/{name}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    /// The secret, as the service gave it: 1 to 8,192 bytes.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 8192))]
    pub value: String,
    /// The hosts that it may be sent to, by their exact names: `api.example.com`. None of them is any. Left out, they stay as they
    /// are.
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
}

impl core::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SecretNeeded, SecretSet, SecretValue, Secrets};

    #[test]
    fn secrets_are_listed_in_these_words_and_shown_in_none() {
        let needed = SecretNeeded { name: "b".into(), set: false, pointers: vec!["/model".into()] };
        let listed =
            Secrets { set: vec![SecretSet { name: "a".into(), at: 7, hosts: Vec::new() }], needed: vec![needed] };
        let written =
            json!({"set": [{"name": "a", "at": 7}], "needed": [{"name": "b", "set": false, "pointers": ["/model"]}]});
        assert_eq!(serde_json::to_value(listed).unwrap(), written);
        assert_eq!(format!("{:?}", SecretValue { value: "hunter2".into(), hosts: None }), "SecretValue(…)");
    }
}
