//! Refusals of the admin API as problem details (RFC 9457).

use shared::admin::problem::{Code, FieldError, Problem};
use shared::admin::route::Verb;
use shared::error::ErrorCode;
use worker::{Headers, Response};

use crate::failure::{Failure, Refusal, log};

/// What a handler gives back.
pub type Done<T> = Result<T, Refused>;

/// A refusal.
#[derive(Debug)]
pub struct Refused {
    code: Code,
    title: Option<String>,
    errors: Vec<FieldError>,
    retry_after_s: Option<u32>,
    /// The methods that the address takes.
    allow: Option<String>,
    /// What failed on our side, for the log.
    source: Option<String>,
}

impl Refused {
    /// With words of its own in place of the code's.
    pub fn said(code: Code, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..code.into() }
    }

    /// What is asked for cannot be, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Code::Invalid.into() }
    }

    /// One field cannot be as it is.
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
    }

    /// With the field that it is about.
    pub fn at(mut self, pointer: &str) -> Self {
        let detail = self.title.clone().unwrap_or_else(|| self.code.title().to_owned());
        self.errors.push(FieldError { pointer: pointer.to_owned(), detail });
        self
    }

    /// The address does not take this method.
    pub fn method(takes: &[Verb]) -> Self {
        let names: Vec<_> = takes.iter().map(|verb| verb.as_str()).collect();
        Self { allow: Some(names.join(", ")), ..Code::MethodNotAllowed.into() }
    }

    /// As a page says it that is there for few: nothing, unless the fault is ours.
    pub fn hidden(self) -> Failure {
        self.source.map_or_else(|| ErrorCode::NotFound.into(), Failure::Internal)
    }

    /// Logs what is ours and answers.
    pub fn respond(self, request_id: &str) -> worker::Result<Response> {
        if let Some(source) = &self.source {
            log("request_failed", request_id, source);
        }
        let status = self.code.status();
        let body = Problem {
            code: self.code,
            status,
            title: self.title.unwrap_or_else(|| self.code.title().to_owned()),
            errors: self.errors,
            retry_after_s: self.retry_after_s,
            request_id: request_id.to_owned(),
        };
        let headers = Headers::new();
        headers.set("content-type", "application/problem+json")?;
        headers.set("cache-control", "no-store")?;
        if let Some(seconds) = self.retry_after_s {
            headers.set("retry-after", &seconds.to_string())?;
        }
        if let Some(allow) = self.allow {
            headers.set("allow", &allow)?;
        }
        let text = serde_json::to_string(&body).map_err(worker::Error::from)?;
        Ok(Response::ok(text)?.with_status(status).with_headers(headers))
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self { code, title: None, errors: Vec::new(), retry_after_s: None, allow: None, source: None }
    }
}

impl<E: Into<Failure>> From<E> for Refused {
    fn from(error: E) -> Self {
        let failure = error.into();
        let Refusal { code, retry_after_s } = failure.refusal();
        let said = if let Failure::Said(_, words) = &failure { Some(words.clone()) } else { None };
        let source = failure.source().map(str::to_owned);
        Self { title: said, retry_after_s, source, ..of(code).into() }
    }
}

/// The admin API's word for a refusal of the visitors'.
fn of(code: ErrorCode) -> Code {
    match code {
        ErrorCode::BadRequest | ErrorCode::BadAddress | ErrorCode::BadNumber => Code::BadRequest,
        ErrorCode::TooLarge => Code::TooLarge,
        ErrorCode::NotFound => Code::NotFound,
        ErrorCode::SignedOut => Code::SignedOut,
        ErrorCode::WrongOrigin | ErrorCode::MethodOff => Code::NotAllowed,
        ErrorCode::MethodNotAllowed => Code::MethodNotAllowed,
        ErrorCode::TooOften => Code::TooOften,
        ErrorCode::CardGone | ErrorCode::OtherPerson => Code::Conflict,
        ErrorCode::CodeNotAccepted | ErrorCode::CodeInChat | ErrorCode::LoginRefused | ErrorCode::ProofRefused => {
            Code::Invalid
        }
        ErrorCode::Unavailable => Code::Unavailable,
    }
}
