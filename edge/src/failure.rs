//! Why a request is not answered as asked: the client's fault with a closed code, or ours with its source.

use serde::{Deserialize, Serialize};
use shared::error::{ErrorBody, ErrorCode};
use worker::{Headers, Response};

/// A refusal or a failure.
#[derive(Debug)]
pub enum Failure {
    /// The client is told this code.
    Client(Refusal),
    /// The client is told this code, with these words in place of the usual ones.
    Said(ErrorCode, String),
    /// A service that we use refused. As [`Failure::Internal`].
    Vendor {
        /// For the log.
        source: String,
        /// The HTTP status of its refusal, 0 where it has none.
        status: u16,
    },
    /// Ours. Logged once, at the boundary; the client is told [`ErrorCode::Unavailable`].
    Internal(String),
}

/// A refusal as it travels between objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which.
    pub code: ErrorCode,
    /// Seconds until the same request may pass.
    pub retry_after_s: Option<u32>,
}

/// What a handler gives back.
pub type Answer<T> = Result<T, Failure>;

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::Client(Refusal { code, retry_after_s: None })
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Client(refusal)
    }
}

impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // Its text can quote the input; the place is enough.
        Self::Internal(format!("json, line {} column {}", error.line(), error.column()))
    }
}

impl From<shared::id::InvalidId> for Failure {
    fn from(error: shared::id::InvalidId) -> Self {
        Self::Internal(error.to_string())
    }
}

/// The HTTP status of each code: the only place.
pub fn status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::BadRequest | ErrorCode::BadAddress | ErrorCode::BadNumber => 400,
        ErrorCode::SignedOut => 401,
        ErrorCode::WrongOrigin | ErrorCode::MethodOff => 403,
        ErrorCode::NotFound => 404,
        ErrorCode::MethodNotAllowed => 405,
        ErrorCode::CardGone | ErrorCode::OtherPerson => 409,
        ErrorCode::TooLarge => 413,
        ErrorCode::CodeNotAccepted | ErrorCode::CodeInChat | ErrorCode::LoginRefused | ErrorCode::ProofRefused => 422,
        ErrorCode::TooOften => 429,
        ErrorCode::Unavailable => 503,
    }
}

impl Failure {
    /// The refusal that the client is told.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Client(refusal) => *refusal,
            Self::Said(code, _) => Refusal { code: *code, retry_after_s: None },
            Self::Internal(_) | Self::Vendor { .. } => Refusal { code: ErrorCode::Unavailable, retry_after_s: None },
        }
    }

    /// What failed on our side, for the log; nothing of a client's fault.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Internal(source) | Self::Vendor { source, .. } => Some(source),
            Self::Client(_) | Self::Said(..) => None,
        }
    }

    /// Logs what is ours and answers the client.
    pub fn respond(self, request_id: &str) -> worker::Result<Response> {
        if let Some(source) = self.source() {
            log("request_failed", request_id, source);
        }
        let Refusal { code, retry_after_s } = self.refusal();
        let message = match self {
            Self::Said(_, words) => words,
            _ => code.message().to_owned(),
        };
        let body = ErrorBody { code, message, retry_after_s, request_id: request_id.to_owned() };
        let headers = Headers::new();
        headers.set("content-type", "application/json")?;
        if let Some(seconds) = retry_after_s {
            headers.set("retry-after", &seconds.to_string())?;
        }
        let text = serde_json::to_string(&body).map_err(worker::Error::from)?;
        Ok(Response::ok(text)?.with_status(status(code)).with_headers(headers))
    }
}

/// One line of JSON for whoever reads the log. Never an address, a code or a token.
pub fn log(event: &str, request_id: &str, detail: &str) {
    let detail: String = detail.chars().filter(|c| !c.is_control()).take(400).collect();
    let line = serde_json::json!({"event": event, "request_id": request_id, "detail": detail});
    worker::console_error!("{line}");
}
