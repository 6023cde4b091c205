//! Actions: HTTP calls that the agent, or the login card, makes to the site owner's own API (A8).
//!
//! What an action may touch is fixed when it is saved: method, scheme, host, port, the names of headers and keys. What
//! the model, the visitor or the persistent context give fills values in, nothing else (R50), and nothing of who is
//! asking comes from the model: it stands in the template as `{{context.user_id}}` (A7).

pub mod address;
pub mod answer;
pub mod check;
pub mod expression;
pub mod key;
pub mod mask;
pub mod sample;
pub mod sign;
pub mod template;
pub mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::card::{Choice, FieldKind};

use crate::assurance::Assurance;

/// An action, as the site owner set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its name, which is also the tool's: `[a-z][a-z0-9_]*`, at most 64 characters, one of its kind in the agent.
    pub name: String,
    /// What it does, as the visitor reads it: `Change the delivery address`.
    pub title: String,
    /// For the model: what it does and when to call it.
    #[serde(default)]
    pub description: String,
    /// Who may cause it, and what follows from its answer.
    pub kind: Kind,
    /// The HTTP method.
    #[serde(default)]
    pub method: Verb,
    /// The address, with `<parameter>` and `{{context.field}}` in its path and query.
    pub url: String,
    /// Headers; values may hold placeholders, names may not.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The JSON body, with placeholders in its text leaves; null for none.
    #[serde(default)]
    pub body: Value,
    /// What the model, or the form of the login card, gives.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// The longest that the call may take, milliseconds: 100 to 10,000.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u32,
    /// When the call succeeded: a CEL expression over `status_code` and `response`. Any 2xx when empty.
    #[serde(default)]
    pub success: String,
    /// What the model may see of the answer, by name. Nothing else of it leaves this edge.
    #[serde(default)]
    pub shows: Vec<Mapped>,
    /// What went wrong, in the API's words: a CEL expression that gives a text, such as `response.message`. Empty for none.
    #[serde(default)]
    pub failure: String,
    /// The API honours `Idempotency-Key`: a call of which nobody knows whether it arrived may be sent again with the same key.
    #[serde(default)]
    pub idempotent: bool,
}

fn default_timeout_ms() -> u32 {
    8_000
}

/// Who may cause an action, and what follows from its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// The model, for anybody.
    Public {
        /// The visitor says yes first.
        #[serde(default)]
        confirm: bool,
    },
    /// The model, for a person.
    Private {
        /// How strong the proof must be.
        #[serde(default)]
        assurance: Assurance,
        /// How old the proof may be, seconds; any age when absent.
        #[serde(default)]
        max_age_s: Option<u32>,
        /// One of these roles; anybody when empty.
        #[serde(default)]
        roles: Vec<String>,
        /// The visitor says yes first.
        #[serde(default)]
        confirm: bool,
    },
    /// The login card, for whoever fills its form (M5).
    Login {
        /// How strong a proof it is that the API accepted.
        #[serde(default = "default_proves")]
        proves: Assurance,
        /// The login action whose form follows this one; this one then proves nobody by itself.
        #[serde(default)]
        next: Option<String>,
        /// Whether the company's API itself made sure that the `email` of its answer is the account's own. Without it an
        /// address counts as the person's only where the answer says so: a field `email_verified` that is mapped and
        /// true. Off unless the site owner says so: an address that anybody may register opens somebody else's records.
        #[serde(default)]
        vouches_email: bool,
        /// What goes into the persistent context. The last step must give `user_id`. Of a step with a next one, what the
        /// next one's template may use as `{{step.name}}`.
        remembers: Vec<Mapped>,
    },
    /// The person's own object, before a token ends or after it was refused (K5).
    Refresh {
        /// What replaces fields of the persistent context: `token`, `refresh_token`, `expired_at`.
        remembers: Vec<Mapped>,
    },
}

fn default_proves() -> Assurance {
    Assurance::EmailCode
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// Reads.
    #[default]
    Get,
    /// Makes, or does.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Verb {
    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, with `<parameter>`, `{{context.field}}` and `{{secret.name}}`.
    pub value: String,
}

/// A value taken out of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    /// What it is called from then on.
    pub name: String,
    /// Where it is: a CEL expression such as `data.user_id` or `response.items.map(i, i.title)`.
    pub from: String,
}

/// Something that a call needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name in the template and in the tool's schema: `[a-z][a-z0-9_]*`, at most 64 characters.
    pub name: String,
    /// Its label on the card, and on a confirmation.
    #[serde(default)]
    pub label: String,
    /// For the model: what it is.
    #[serde(default)]
    pub description: String,
    /// What it takes.
    #[serde(default = "default_kind")]
    pub kind: FieldKind,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
    /// What may be chosen; only of a choice.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// The token of HTML's `autocomplete`; only of a login action.
    #[serde(default)]
    pub autocomplete: Option<String>,
}

fn default_kind() -> FieldKind {
    FieldKind::Text
}

impl Parameter {
    /// What the visitor reads: the label, or the name where there is none.
    pub fn shown(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// Whether it is what somebody types to prove who they are: a password by its kind, by its name, or by what browsers
    /// are told to fill in. It is asked for by a login's form alone, and seen nowhere (R54).
    pub fn is_secret(&self) -> bool {
        self.kind == FieldKind::Password
            || answer::names_a_credential(&self.name)
            || self.fills_in(&["current-password", "new-password", "one-time-code", "cc-csc"])
    }

    /// Whether browsers are told to fill in one of these (HTML, the last of the tokens of `autocomplete` that say what).
    fn fills_in(&self, tokens: &[&str]) -> bool {
        self.autocomplete.iter().flat_map(|text| text.split_ascii_whitespace()).any(|token| tokens.contains(&token))
    }
}

impl Action {
    /// Whether the visitor says yes first.
    pub fn confirms(&self) -> bool {
        matches!(self.kind, Kind::Public { confirm: true } | Kind::Private { confirm: true, .. })
    }

    /// Whether the model can call it at all. What asks for a secret it never can: it would ask the visitor for it.
    pub fn is_tool(&self) -> bool {
        matches!(self.kind, Kind::Public { .. } | Kind::Private { .. }) && !self.asks_for_a_secret()
    }

    /// Whether one of its parameters is a secret; see [`Parameter::is_secret`].
    pub fn asks_for_a_secret(&self) -> bool {
        self.parameters.iter().any(Parameter::is_secret)
    }

    /// Whether a call may be sent again when nobody knows whether it arrived (R63).
    pub fn may_repeat(&self) -> bool {
        self.idempotent || self.method == Verb::Get
    }
}
