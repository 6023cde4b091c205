//! The login card: the form that appears inside the conversation.

use serde::{Deserialize, Serialize};

use crate::id::CardId;

/// A way to prove identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A one-time code by email (M1).
    EmailCode,
    /// A one-time code to a phone, by SMS (M2) or WhatsApp (M3).
    PhoneCode,
    /// Google (M4).
    Google,
    /// The company's own login API: a form of the card's, posted to it (M5).
    LoginAction,
    /// A record of a collection, found by a field that the visitor gives, with a code to the phone or email on record or
    /// without one (M6).
    CollectionLookup,
    /// A token that the host page signed (M7). It is on no card: the page gives it.
    HostToken,
    /// A passkey (M8).
    Passkey,
}

impl Method {
    /// As it is written on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmailCode => "email_code",
            Self::PhoneCode => "phone_code",
            Self::Google => "google",
            Self::LoginAction => "login_action",
            Self::CollectionLookup => "collection_lookup",
            Self::HostToken => "host_token",
            Self::Passkey => "passkey",
        }
    }
}

/// What a one-time code travels by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Email.
    #[default]
    Email,
    /// A text message.
    Sms,
    /// WhatsApp.
    Whatsapp,
    /// The phone or email on record, whichever it is: nothing tells before the code is proved (R17).
    OnRecord,
}

impl Channel {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_email(&self) -> bool {
        *self == Self::Email
    }
}

/// A login card as it stands now. A later card with the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Card {
    /// Which card; also which challenge.
    pub id: CardId,
    /// The title, as the site owner set it.
    pub title: String,
    /// The line under the title.
    pub subtitle: String,
    /// The allowed methods, the one to show first at the front.
    pub methods: Vec<Method>,
    /// The forms of the login actions, one for each; empty where [`Method::LoginAction`] is not allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
    /// What a look-up asks for, where [`Method::CollectionLookup`] is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Field>,
    /// What a code to a phone may travel by, the one that is taken unless the visitor chooses at the front; empty where
    /// [`Method::PhoneCode`] is not allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Where a code goes, when the person is known already and proves again who they are. It cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Likewise of a code to a phone: the person's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where the visitor is.
    pub step: CardStep,
}

/// The form of a login action, drawn from the action's parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// The action's name; it goes back with what was typed.
    pub action: String,
    /// What it is, as the site owner named it: `Sign in with your Northwind account`.
    pub title: String,
    /// What is asked for, in order.
    pub fields: Vec<Field>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    /// The parameter's name; it goes back with what was typed.
    pub name: String,
    /// Its label.
    pub label: String,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it may be left empty.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub optional: bool,
    /// The token of HTML's `autocomplete`, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// What may be chosen; empty unless the kind is a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// What a field takes. The names are those of HTML's input types, but for `choice`, which is a `select`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A secret. Sent once, unchanged, kept nowhere.
    Password,
    /// An email address.
    Email,
    /// A phone number.
    Tel,
    /// A number.
    Number,
    /// One of a list.
    Choice,
}

/// One thing that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// What goes back.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// Where the visitor is in the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum CardStep {
    /// Waiting for an address.
    Address,
    /// A code is on its way or has arrived.
    Code(CodeStep),
    /// The next form of a login in two steps.
    Form {
        /// The form.
        form: Form,
    },
    /// Another window proved who somebody is, and the chat does not know yet that it is the visitor's own window: the
    /// short code that it shows is to be typed here (R33, R34).
    Match {
        /// How many digits it has.
        digits: u8,
    },
    /// The visitor is signed in; the card shows it and no longer takes input.
    Done,
    /// The visitor closed the card, or a newer one took its place.
    Cancelled,
}

/// The code step of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeStep {
    /// Where the code was sent, as the visitor typed it (canonical form): an address, a phone number, or what was looked
    /// up. Shown so that it can be corrected.
    pub address: String,
    /// What it travels by.
    #[serde(default, skip_serializing_if = "Channel::is_email")]
    pub channel: Channel,
    /// The channel that failed before, when this one took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Channel>,
    /// How many digits the code has, 6 to 10.
    pub digits: u8,
    /// The word that stands on the card and in the message, so that a visitor knows which one is meant.
    pub reference: String,
    /// When another code may be asked for. RFC 3339, UTC.
    pub resend_at: String,
    /// When the newest code ends. RFC 3339, UTC.
    pub expires_at: String,
    /// What is known of the message.
    pub delivery: Delivery,
}

/// What is known of a message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Being handed to the service that sends it.
    Sending,
    /// The service took it.
    Sent,
    /// The service did not take it, tries and all, or could not deliver it; the visitor may try again at once.
    Failed,
}
