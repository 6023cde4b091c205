//! One AI assistant of a site owner, with its settings.

use serde::{Deserialize, Serialize};
use shared::card::Method;
use shared::id::AgentId;

use crate::action::Action;

/// An agent's settings, as the control plane keeps them (JSON in D1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// Its name, shown in the header of the chat.
    pub name: String,
    /// Origins whose pages may embed the chat: `https://shop.example`, one whole-label wildcard allowed.
    pub origins: Vec<String>,
    /// What the site owner tells the model.
    #[serde(default)]
    pub instructions: String,
    /// The first line of every conversation.
    #[serde(default)]
    pub greeting: String,
    /// Questions offered while the conversation is empty.
    #[serde(default)]
    pub suggested: Vec<String>,
    /// Text that the model may answer from, paragraphs separated by blank lines.
    #[serde(default)]
    pub knowledge: String,
    /// Colours and shape.
    #[serde(default)]
    pub theme: Theme,
    /// Signing visitors in.
    #[serde(default)]
    pub customer_auth: CustomerAuth,
    /// Which model answers.
    #[serde(default)]
    pub model: ModelChoice,
    /// What it may use of it.
    #[serde(default)]
    pub limits: ModelLimits,
    /// What the agent and the login card can call.
    #[serde(default)]
    pub actions: Vec<Action>,
}

impl Agent {
    /// The action of this name that the model can call, if there is one.
    pub fn tool(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.is_tool() && action.name == name)
    }
}

/// How many tokens the agent may use (R59). What a provider does not count is estimated at four bytes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelLimits {
    /// In one turn.
    pub turn_tokens: u32,
    /// In one conversation.
    pub conversation_tokens: u32,
    /// In all conversations of a day (UTC).
    pub day_tokens: u32,
}

impl Default for ModelLimits {
    fn default() -> Self {
        Self { turn_tokens: 100_000, conversation_tokens: 1_000_000, day_tokens: 20_000_000 }
    }
}

/// Colours and shape of the widget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Brand colour, `#rrggbb`.
    pub accent: String,
    /// Corner radius in CSS pixels.
    pub radius: u8,
}

impl Default for Theme {
    fn default() -> Self {
        Self { accent: "#1f6f5c".to_owned(), radius: 14 }
    }
}

/// Settings of customer auth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerAuth {
    /// Whether the agent can ask visitors to sign in at all.
    pub enabled: bool,
    /// Title of the login card.
    pub title: String,
    /// The line under the title.
    pub subtitle: String,
    /// Allowed methods, in the order in which they are offered.
    pub methods: Vec<Method>,
    /// How long a session lasts, hours.
    pub session_hours: u32,
    /// Digits of a code, 6 to 10.
    pub code_digits: u8,
    /// Life of a code, minutes, 1 to 10.
    pub code_minutes: u8,
    /// Fields of the person that the model may see: `email`, and fields of the persistent context. Never a secret one.
    pub visible_fields: Vec<String>,
    /// Whether the agent may remember anything about a person (A1). Login actions exist only where it may.
    pub persistent_context: bool,
    /// Where a person's roles stand, when they have a record (A5).
    pub roles: Option<RoleSource>,
    /// What is fetched right after a login.
    pub autofetch: Vec<AutoFetchRule>,
}

impl Default for CustomerAuth {
    fn default() -> Self {
        Self {
            enabled: true,
            title: "Sign in to continue".to_owned(),
            subtitle: "We'll send you a quick verification code".to_owned(),
            methods: vec![Method::EmailCode],
            session_hours: 24,
            code_digits: 6,
            code_minutes: 5,
            visible_fields: Vec::new(),
            persistent_context: false,
            roles: None,
            autofetch: Vec::new(),
        }
    }
}

/// The collection in which a person's roles stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSource {
    /// Its name.
    pub collection: String,
    /// The field that must equal the person's verified email.
    pub email_field: String,
    /// The field that holds the roles: a text or a list of texts.
    pub field: String,
}

/// What is fetched from a source right after a login, and what of it the AI may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoFetchRule {
    /// What it is, as the visitor and the model read it: `recent orders`.
    pub name: String,
    /// For the model: what questions it answers.
    #[serde(default)]
    pub description: String,
    /// Where it comes from.
    pub source: Source,
    /// The newest by this field first.
    #[serde(default)]
    pub newest_by: Option<String>,
    /// At most this many records.
    pub limit: u32,
    /// The fields that the AI may see, in the order in which it reads them. Nothing else leaves the source.
    pub fields: Vec<String>,
    /// Seconds for which a fetched result serves before it is fetched again.
    #[serde(default = "default_fresh_s")]
    pub fresh_s: u32,
}

fn default_fresh_s() -> u32 {
    300
}

/// A source of a person's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// A collection that the site owner keeps here.
    Collection {
        /// Its name.
        collection: String,
        /// The field that must equal the person's verified email.
        email_field: String,
    },
}

/// Which model answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum ModelChoice {
    /// The deterministic stand-in that needs no key.
    #[default]
    Rehearsal,
    /// Any API that speaks the chat completions of `OpenAI`.
    OpenAi {
        /// Up to and without `/chat/completions`.
        base_url: String,
        /// The model's name there.
        model: String,
    },
    /// Anthropic's Messages API.
    Anthropic {
        /// Up to and without `/v1/messages`.
        #[serde(default = "anthropic")]
        base_url: String,
        /// The model's name.
        model: String,
    },
    /// Cloudflare's Workers AI, over the deployment's own binding.
    WorkersAi {
        /// The model's name: `@cf/meta/llama-3.3-70b-instruct-fp8-fast`.
        model: String,
    },
}

fn anthropic() -> String {
    "https://api.anthropic.com".to_owned()
}
