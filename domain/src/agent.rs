//! One AI assistant of a site owner, with its settings.

mod texts;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::card::{Channel, Method};
use shared::id::AgentId;

use crate::action::Action;
use crate::assurance::Assurance;

pub use self::texts::{CardTexts, Texts};

/// An agent's settings, as the control plane keeps them (JSON in D1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The language of these texts and of the login card's: a tag of BCP 47.
    #[serde(default = "english")]
    pub language: String,
    /// The same in other languages, by tag.
    #[serde(default)]
    pub languages: BTreeMap<String, Texts>,
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

fn english() -> String {
    "en".to_owned()
}

impl Agent {
    /// The action of this name that the model can call, if there is one.
    pub fn tool(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.is_tool() && action.name == name)
    }
}

/// How many tokens the agent may use (R59). What a provider does not count is estimated at four bytes a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Theme {
    /// Brand colour, `#rrggbb`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^#[0-9a-fA-F]{6}$"))]
    pub accent: String,
    /// Corner radius in CSS pixels.
    #[cfg_attr(feature = "openapi", schema(maximum = 28))]
    pub radius: u8,
}

impl Default for Theme {
    fn default() -> Self {
        Self { accent: "#1f6f5c".to_owned(), radius: 14 }
    }
}

/// Settings of customer auth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CustomerAuth {
    /// Whether the agent can ask visitors to sign in at all.
    pub enabled: bool,
    /// Whether the login card opens with the conversation, before anything is asked.
    pub at_start: bool,
    /// Title of the login card.
    pub title: String,
    /// The line under the title.
    pub subtitle: String,
    /// Allowed methods, in the order in which they are offered.
    pub methods: Vec<Method>,
    /// How long a session lasts.
    pub session: SessionLimits,
    /// Codes to phones.
    pub phone: Option<PhoneSettings>,
    /// Signing in with Google.
    pub google: Option<GoogleSettings>,
    /// Looking a visitor up in a collection.
    pub lookup: Option<LookupSettings>,
    /// Taking the host page's word, signed.
    pub host_token: Option<HostTokenSettings>,
    /// How strong a method is, where it is not what [`Assurance::of`] says (A6).
    pub strength: BTreeMap<Method, Assurance>,
    /// Digits of a code, 6 to 10.
    #[cfg_attr(feature = "openapi", schema(minimum = 6, maximum = 10))]
    pub code_digits: u8,
    /// Life of a code, minutes, 1 to 10.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10))]
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
            at_start: false,
            title: "Sign in to continue".to_owned(),
            subtitle: "We'll send you a quick verification code".to_owned(),
            methods: vec![Method::EmailCode],
            session: SessionLimits::default(),
            phone: None,
            google: None,
            lookup: None,
            host_token: None,
            strength: BTreeMap::new(),
            code_digits: 6,
            code_minutes: 5,
            visible_fields: Vec::new(),
            persistent_context: false,
            roles: None,
            autofetch: Vec::new(),
        }
    }
}

/// How long a session lasts (K1, K3, K4, R25). Held by the edge; a cookie cannot outlive it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SessionLimits {
    /// Minutes without anything done after which it ends, 5 to 43,200 (30 days). Each interaction begins them anew.
    #[cfg_attr(feature = "openapi", schema(minimum = 5, maximum = 43_200))]
    pub inactivity_minutes: u32,
    /// Hours after which it ends whatever is done, 1 to 9,600.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 9600))]
    pub absolute_hours: u32,
    /// No inactivity limit and no absolute one but 400 days, which is as long as a browser keeps a cookie.
    pub until_sign_out: bool,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { inactivity_minutes: 24 * 60, absolute_hours: 7 * 24, until_sign_out: false }
    }
}

/// Codes to phones (M2, M3, R15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhoneSettings {
    /// The countries that are served, as two letters (ISO 3166-1); a number without a country code is of the first.
    pub countries: Vec<String>,
    /// What codes travel by, the first one unless the visitor chooses; the next one when it fails.
    pub channels: Vec<Channel>,
    /// The Twilio account that sends text messages, and WhatsApp where Meta is not set.
    #[serde(default)]
    pub twilio: Option<TwilioSettings>,
    /// Meta's own API, for WhatsApp.
    #[serde(default)]
    pub meta: Option<MetaSettings>,
    /// The most messages of a day (UTC).
    #[serde(default = "default_day_messages")]
    pub day_messages: u32,
}

fn default_day_messages() -> u32 {
    500
}

/// A Twilio account. Its auth token is the secret `twilio_auth_token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TwilioSettings {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// The number that sends, or a messaging service's id (`MG…`).
    pub from: String,
    /// The approved template for WhatsApp (`HX…`), whose variable `1` is the code.
    #[serde(default)]
    pub whatsapp_content_sid: Option<String>,
    /// The number that sends by WhatsApp, where it is another one.
    #[serde(default)]
    pub whatsapp_from: Option<String>,
}

/// Meta's WhatsApp Cloud API. Its access token is the secret `whatsapp_token`, its app secret `whatsapp_app_secret`, the
/// word with which it asks for the webhook `whatsapp_verify_token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetaSettings {
    /// The id of the number that sends.
    pub phone_number_id: String,
    /// The approved template of category `authentication`, with a button that copies the code.
    pub template: String,
    /// Its language: `en_US`.
    pub language: String,
}

/// Signing in with Google (M4). The client's secret is the secret `google_client_secret`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoogleSettings {
    /// The OAuth client's id.
    pub client_id: String,
}

/// Looking a visitor up in a collection (M6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookupSettings {
    /// The collection.
    pub collection: String,
    /// The field that must equal what the visitor gives: `employee_number`.
    pub field: String,
    /// Its label on the card: `Employee number`.
    pub label: String,
    /// Whether a code to the phone or email on record is asked for as well. Without it a visitor is only looked up.
    #[serde(default = "yes")]
    pub require_code: bool,
    /// The record's field with a phone number.
    #[serde(default)]
    pub phone_field: Option<String>,
    /// The record's field with an email address.
    #[serde(default)]
    pub email_field: Option<String>,
    /// The record's field with what the person is called.
    #[serde(default)]
    pub name_field: Option<String>,
    /// The record's field with the roles (A5).
    #[serde(default)]
    pub roles_field: Option<String>,
}

fn yes() -> bool {
    true
}

/// Taking the host page's word, signed (M7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HostTokenSettings {
    /// The keys that may sign, by `kid`.
    pub keys: Vec<HostKey>,
    /// How strong a proof it is.
    #[serde(default = "email_code")]
    pub proves: Assurance,
}

fn email_code() -> Assurance {
    Assurance::EmailCode
}

/// A key that may sign host tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "alg")]
pub enum HostKey {
    /// A shared secret of at least 32 bytes: the secret of this name.
    #[serde(rename = "HS256")]
    Hs256 {
        /// The token's `kid`.
        kid: String,
        /// The secret's name.
        secret: String,
    },
    /// A public key of the curve P-256.
    #[serde(rename = "ES256")]
    Es256 {
        /// The token's `kid`.
        kid: String,
        /// The key as PEM (SPKI).
        public: String,
    },
    /// A public RSA key of at least 2,048 bits.
    #[serde(rename = "RS256")]
    Rs256 {
        /// The token's `kid`.
        kid: String,
        /// The key as PEM (SPKI).
        public: String,
    },
}

/// The collection in which a person's roles stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
