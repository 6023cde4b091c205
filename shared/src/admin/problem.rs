//! Why the admin API does not do what was asked: problem details (RFC 9457), `application/problem+json`.

use serde::{Deserialize, Serialize};

/// A name as a part of a JSON pointer (RFC 6901, section 3).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The closed set of refusals of the admin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 400: the request is not of the form that the description names.
    BadRequest,
    /// 401: nobody is signed in, or the token is unknown, over or revoked.
    SignedOut,
    /// 403: the asker's role or scopes do not allow it, or the request comes from another page.
    NotAllowed,
    /// 404: no such thing, or none that the asker may know of.
    NotFound,
    /// 405: the address does not take this method.
    MethodNotAllowed,
    /// 409: it is there already, or in use.
    Conflict,
    /// 412: somebody else has changed it since; what is there now comes with another `GET`.
    Changed,
    /// 413: the body is too large.
    TooLarge,
    /// 415: the body is of another type than the address takes.
    WrongType,
    /// 422: what is asked for cannot be; `errors` says why, field by field.
    Invalid,
    /// 428: a change has to name the version that it changes, in `If-Match`.
    VersionNeeded,
    /// 429: too often; `retry_after_s` says when.
    TooOften,
    /// 503: our side failed; trying again may help.
    Unavailable,
}

/// The body of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Which refusal.
    pub code: Code,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to do, in a sentence.
    pub title: String,
    /// One for each field that is not right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds until the same request may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// The id of the request, for whoever reads the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where, as a JSON pointer into the body or the settings (RFC 6901).
    pub pointer: String,
    /// What is wrong and what would be right, in a sentence.
    pub detail: String,
}

impl Code {
    /// The HTTP status of each.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::SignedOut => 401,
            Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::Changed => 412,
            Self::TooLarge => 413,
            Self::WrongType => 415,
            Self::Invalid => 422,
            Self::VersionNeeded => 428,
            Self::TooOften => 429,
            Self::Unavailable => 503,
        }
    }

    /// The sentence that goes with the code where nothing closer is known.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "That request could not be read.",
            Self::SignedOut => "You are signed out. Sign in and try again.",
            Self::NotAllowed => "Your role does not allow this. Ask an owner.",
            Self::NotFound => "There is nothing here, or nothing that you may see.",
            Self::MethodNotAllowed => "This address does not take that method.",
            Self::Conflict => "It is there already, or in use.",
            Self::Changed => {
                "Somebody else has changed this since you opened it. Look at what it is now, then save again."
            }
            Self::TooLarge => "That is too large. Make it smaller and send it again.",
            Self::WrongType => "This address takes a body of another type.",
            Self::Invalid => "Some of it is not right. See each field.",
            Self::VersionNeeded => "Say which version you are changing, in If-Match.",
            Self::TooOften => "That was tried too often. Wait a moment, then try again.",
            Self::Unavailable => "Something failed on our side. Try again in a moment.",
        }
    }
}
