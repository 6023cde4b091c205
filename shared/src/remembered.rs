//! What this chat remembers about a person, for that person to see and to erase.

use serde::{Deserialize, Serialize};

/// The answer of `GET /api/conversations/{id}/remembered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Each field, in the order of their names; empty when nothing is remembered.
    pub fields: Vec<RememberedField>,
}

/// One remembered field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedField {
    /// Its name: `company_id`.
    pub name: String,
    /// Its value; absent where it is a secret (`token`), which nobody is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Since when. RFC 3339, UTC.
    pub since: String,
}

/// `POST /api/conversations/{id}/remembered/erase`: forget all of it, and sign out of the company's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {}
