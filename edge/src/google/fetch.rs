//! One request to the provider: bounded in time and size, never redirected.

use core::fmt;

use futures_util::StreamExt as _;
use wasm_bindgen::JsValue;
use worker::{AbortController, CacheMode, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use crate::within::within;

/// The longest that an answer may take, milliseconds.
const MOST_MS: u64 = 8_000;

/// The most bytes of an answer with tokens.
const MOST_BYTES: usize = 64 * 1024;

/// Why there is no answer. Says nothing of what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection, it was cut, or it took too long.
    Unreachable,
    /// Over the limit.
    TooLarge,
    /// Not 200.
    Status(u16),
}

impl Fault {
    /// As a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TooLarge => "too_large",
            Self::Status(_) => "status",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            other => f.write_str(other.as_str()),
        }
    }
}

/// A document.
pub async fn get(url: &str, most_bytes: usize) -> Result<Vec<u8>, Fault> {
    send(url, None, most_bytes).await
}

/// The answer to a form.
pub async fn post(url: &str, form: String) -> Result<Vec<u8>, Fault> {
    send(url, Some(form), MOST_BYTES).await
}

async fn send(url: &str, form: Option<String>, most_bytes: usize) -> Result<Vec<u8>, Fault> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let exchanged = async {
        let request = request(url, form).map_err(|_| Fault::Unreachable)?;
        let mut response = Fetch::Request(request).send_with_signal(&signal).await.map_err(|_| Fault::Unreachable)?;
        if response.status_code() != 200 {
            return Err(Fault::Status(response.status_code()));
        }
        let mut body = Vec::new();
        let mut stream = response.stream().map_err(|_| Fault::Unreachable)?;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| Fault::Unreachable)?;
            if body.len() + chunk.len() > most_bytes {
                return Err(Fault::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    let outcome = within(MOST_MS, exchanged).await.unwrap_or(Err(Fault::Unreachable));
    // What was given up would otherwise still be read by the runtime.
    if outcome.is_err() {
        controller.abort();
    }
    outcome
}

fn request(url: &str, form: Option<String>) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    headers.set("user-agent", crate::USER_AGENT)?;
    let mut init = RequestInit::new();
    if form.is_some() {
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        init.with_method(Method::Post);
    }
    init.with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_cache(CacheMode::NoStore)
        .with_body(form.map(|form| JsValue::from_str(&form)));
    Request::new_with_init(url, &init)
}
