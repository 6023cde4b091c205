//! Passkeys (M8): what the browser is asked for and what it answers, in the JSON forms of Web Authentication Level 3
//! (sections 5.1.8 to 5.1.10). Bytes are base64url without padding. Browsers add members to their answers as the standard
//! grows; those are passed over.

use serde::{Deserialize, Serialize};

use crate::id::CardId;

/// `POST /api/conversations/{id}/login/passkey`: what a passkey is to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskPasskey {
    /// The card on which the visitor acts.
    pub card: CardId,
}

/// `POST /api/conversations/{id}/login/passkey/verify`. The answer is [`crate::login::Verified`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyAnswer {
    /// The card on which the visitor acts.
    pub card: CardId,
    /// What `navigator.credentials.get` gave, by its `toJSON()`.
    pub credential: Assertion,
}

/// `POST /api/conversations/{id}/account/passkey`: what a new passkey is made with. The answer is [`CreationOptions`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {}

/// `POST /api/conversations/{id}/account/passkey/keep`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepPasskey {
    /// What `navigator.credentials.create` gave, by its `toJSON()`.
    pub credential: Registration,
}

/// `PublicKeyCredentialRequestOptionsJSON`: for `navigator.credentials.get({ publicKey })`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// 32 random bytes.
    pub challenge: String,
    /// How long the browser may take, milliseconds.
    pub timeout: u32,
    /// The host of the edge's own origin.
    pub rp_id: String,
    /// Before a login nothing: the browser shows what it has. Of a known person, their own.
    pub allow_credentials: Vec<Descriptor>,
    /// `required`.
    pub user_verification: String,
}

/// `PublicKeyCredentialCreationOptionsJSON`: for `navigator.credentials.create({ publicKey })`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// Who asks.
    pub rp: RelyingParty,
    /// For whom.
    pub user: User,
    /// 32 random bytes.
    pub challenge: String,
    /// The algorithms that are taken, the better one first.
    pub pub_key_cred_params: Vec<Algorithm>,
    /// How long the browser may take, milliseconds.
    pub timeout: u32,
    /// The person's passkeys: an authenticator that has one makes no other.
    pub exclude_credentials: Vec<Descriptor>,
    /// What the authenticator must be able to do.
    pub authenticator_selection: Selection,
    /// `none`.
    pub attestation: String,
}

/// Who asks for a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelyingParty {
    /// The host of the edge's own origin.
    pub id: String,
    /// The agent's name.
    pub name: String,
}

/// For whom a passkey is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The person's id: 32 bytes that say nothing of who they are. It comes back as the user handle.
    pub id: String,
    /// What the person is called, for the browser's list.
    pub name: String,
    /// The same.
    pub display_name: String,
}

/// An algorithm by its number in COSE (RFC 9053).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Algorithm {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// -7 is ES256, -257 is RS256.
    pub alg: i32,
}

/// One passkey, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The credential's id.
    pub id: String,
}

impl Descriptor {
    /// Of the credential with this id.
    pub fn of(id: impl Into<String>) -> Self {
        Self { kind: PUBLIC_KEY.to_owned(), id: id.into() }
    }
}

/// What the authenticator must be able to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// `required`: the passkey is found without being named, before anybody is known.
    pub resident_key: String,
    /// The same, for browsers of Level 1.
    pub require_resident_key: bool,
    /// `required`: a passkey stands for two factors, so holding the device is not enough.
    pub user_verification: String,
}

/// The one kind of credential there is.
pub const PUBLIC_KEY: &str = "public-key";

/// `RegistrationResponseJSON`, as much of it as is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The credential's id.
    pub id: String,
    /// The same.
    pub raw_id: String,
    /// [`PUBLIC_KEY`].
    #[serde(rename = "type")]
    pub kind: String,
    /// What the authenticator said.
    pub response: Attestation,
}

/// `AuthenticatorAttestationResponseJSON`, as much of it as is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// The client data, as the browser made it.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// CBOR.
    #[serde(rename = "attestationObject")]
    pub object: String,
}

/// `AuthenticationResponseJSON`, as much of it as is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// The credential's id.
    pub id: String,
    /// The same.
    pub raw_id: String,
    /// [`PUBLIC_KEY`].
    #[serde(rename = "type")]
    pub kind: String,
    /// What the authenticator said.
    pub response: Signed,
}

/// `AuthenticatorAssertionResponseJSON`, as much of it as is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    /// The client data, as the browser made it.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// The authenticator data.
    pub authenticator_data: String,
    /// Over both.
    pub signature: String,
    /// Whose the passkey is: the person's id. Absent where the passkey was named in the request, from some
    /// authenticators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<String>,
}
