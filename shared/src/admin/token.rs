//! API tokens: what a script shows in place of a session (D4).

use serde::{Deserialize, Serialize};

/// The most days that a token lives.
pub const MAX_DAYS: u16 = 366;

/// The most characters of a token's name.
pub const MAX_NAME_CHARS: usize = 80;

/// The most tokens of one agent, those that are over included.
pub const MAX_TOKENS: u32 = 100;

/// What an API token may do. Secrets, members and tokens are no token's business: whoever finds one cannot make more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Read settings.
    #[serde(rename = "settings:read")]
    SettingsRead,
    /// Change settings.
    #[serde(rename = "settings:write")]
    SettingsWrite,
    /// Read records.
    #[serde(rename = "collections:read")]
    CollectionsRead,
    /// Change records.
    #[serde(rename = "collections:write")]
    CollectionsWrite,
    /// Read what visitors wrote.
    #[serde(rename = "conversations:read")]
    ConversationsRead,
    /// Read the trail.
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl Scope {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::SettingsRead,
        Self::SettingsWrite,
        Self::CollectionsRead,
        Self::CollectionsWrite,
        Self::ConversationsRead,
        Self::AuditRead,
    ];

    /// As it is written on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SettingsRead => "settings:read",
            Self::SettingsWrite => "settings:write",
            Self::CollectionsRead => "collections:read",
            Self::CollectionsWrite => "collections:write",
            Self::ConversationsRead => "conversations:read",
            Self::AuditRead => "audit:read",
        }
    }
}

/// `GET /api/admin/agents/{agent}/tokens`: one of them, newest first. The token itself was shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedToken {
    /// Names it in the address of a change, and in the trail.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The address of the owner who made it. It is no good any more when they are no owner any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was made. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub made: String,
    /// When it is over. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub expires: String,
    /// Whether it is over.
    pub over: bool,
    /// When it was used last. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
}

/// `POST /api/admin/agents/{agent}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, 1 to 80 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: String,
    /// What it may do, at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Vec<Scope>,
    /// How many days it lives, 1 to 366.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 366))]
    pub days: u16,
}

/// A token that was just made: the one time that it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeToken {
    /// The token: `cst_` and 43 of base64url. Goes into `Authorization: Bearer …`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^cst_[A-Za-z0-9_-]{43}$"))]
    pub token: String,
    /// What the list shows of it.
    pub listed: ListedToken,
}

impl core::fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MadeToken").field("listed", &self.listed).finish_non_exhaustive()
    }
}
