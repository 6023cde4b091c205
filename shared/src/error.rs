//! What a client is told when something is refused: a closed code and a sentence that says what to do.

use serde::{Deserialize, Serialize};

/// The closed set of refusals. The HTTP status of each stands in one `match` on the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body, frame or address is not of the form that the protocol names.
    BadRequest,
    /// The body is over 64 KiB or the message over 8,000 characters.
    TooLarge,
    /// No such agent, conversation or page, or not yours. One answer for all of them.
    NotFound,
    /// The cookie is absent, expired, revoked or of another conversation.
    SignedOut,
    /// The request does not come from where it must come from.
    WrongOrigin,
    /// What was typed is not one email address.
    BadAddress,
    /// What was typed is not one phone number that a code can be sent to.
    BadNumber,
    /// The code was not accepted: wrong, expired, used, or tried too often. One answer for all of them.
    CodeNotAccepted,
    /// A one-time code was typed into the chat while the card waits for it. Nothing was stored; the client hands it to
    /// the card.
    CodeInChat,
    /// The company's API did not accept what was typed into the form of a login action. `message` is what it said, as
    /// text, where the site owner lets it be shown; empty otherwise.
    LoginRefused,
    /// A person who proves again who they are proved to be somebody else.
    OtherPerson,
    /// What another window, a passkey or the host page brought proves nobody. One answer for all reasons.
    ProofRefused,
    /// The login card is no longer the current one.
    CardGone,
    /// Too often; `retry_after_s` says when.
    TooOften,
    /// This way to sign in is not available here.
    MethodOff,
    /// The method of the request is not one the address takes.
    MethodNotAllowed,
    /// Our side failed; trying again may help.
    Unavailable,
}

/// The body of every refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Which refusal.
    pub code: ErrorCode,
    /// A sentence for the visitor that says what to do. English; the widget has its own words for each code.
    pub message: String,
    /// Seconds until the same request may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// The id of the request, for whoever reads the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

impl ErrorCode {
    /// Every code, in the order of its definition.
    pub const ALL: [Self; 17] = [
        Self::BadRequest,
        Self::TooLarge,
        Self::NotFound,
        Self::SignedOut,
        Self::WrongOrigin,
        Self::BadAddress,
        Self::BadNumber,
        Self::CodeNotAccepted,
        Self::CodeInChat,
        Self::LoginRefused,
        Self::OtherPerson,
        Self::ProofRefused,
        Self::CardGone,
        Self::TooOften,
        Self::MethodOff,
        Self::MethodNotAllowed,
        Self::Unavailable,
    ];

    /// The sentence that goes with the code.
    pub const fn message(self) -> &'static str {
        match self {
            Self::BadRequest => "That request could not be read. Reload the page and try again.",
            Self::TooLarge => "That is too long. Shorten it and send it again.",
            Self::NotFound => "There is nothing here. Check the address.",
            Self::SignedOut => "You are signed out. Reload the chat to go on.",
            Self::WrongOrigin => "This request came from a place that may not send it.",
            Self::BadAddress => "Enter one email address, like name@example.com.",
            Self::BadNumber => "Enter one phone number that takes messages, with its country code.",
            Self::CodeNotAccepted => "That code did not work. Use the newest code, or send a new one.",
            Self::CodeInChat => "That looks like your code. It belongs on the card, where nobody else reads it.",
            Self::LoginRefused => "That did not work. Check what you entered, then try again.",
            Self::OtherPerson => "That is another account. Sign out first to use it here.",
            Self::ProofRefused => "That did not prove who you are. Try again, or sign in another way.",
            Self::CardGone => "This sign-in has ended. Ask again to start a new one.",
            Self::TooOften => "That was tried too often. Wait a moment, then try again.",
            Self::MethodOff => "This way to sign in is not available here.",
            Self::MethodNotAllowed => "This address does not take that method.",
            Self::Unavailable => "Something failed on our side. Try again in a moment.",
        }
    }
}
