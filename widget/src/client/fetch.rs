//! Requests to the edge that made this page. The cookie is the browser's business: same origin, nothing to pass.

use js_sys::Promise;
use shared::error::ErrorCode;
use shared::route::{CSRF_HEADER, Route, Verb};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use super::wire;
use crate::dom;

/// A request that is not answered by then has failed, in milliseconds: a visitor who waits must be told.
const TIMEOUT_MS: u32 = 20_000;

/// What a request brought: the answer, parsed; `undefined` where it has no body.
pub type Answered = Result<JsValue, Refusal>;

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No answer came, or one that the protocol does not know.
    Network,
    /// The edge said no.
    Edge {
        /// Why.
        code: ErrorCode,
        /// Seconds until the same request may pass.
        retry_after_s: Option<u32>,
        /// What somebody else's API said, where the code alone does not say it: text for the visitor, or empty.
        said: String,
    },
}

impl Refusal {
    /// Whether the edge refused for this reason.
    pub fn is(&self, reason: ErrorCode) -> bool {
        matches!(self, Self::Edge { code, .. } if *code == reason)
    }
}

/// Sends `fields` as JSON, if the route takes any, and hands on what it brought.
///
/// The one place that starts a request: each `async` block would be code of its own.
pub fn ask(route: &Route, fields: &[(&str, JsValue)], done: impl FnOnce(Answered) + 'static) {
    let request = request(route, fields);
    let done: Box<dyn FnOnce(Answered)> = Box::new(done);
    spawn_local(async move { done(answer(request).await) });
}

/// The same, for who waits for it.
pub async fn answered(route: &Route, fields: &[(&str, JsValue)]) -> Answered {
    answer(request(route, fields)).await
}

async fn answer(request: Result<Promise, JsValue>) -> Answered {
    let answer: Response = settled(request).await.map_err(|_| Refusal::Network)?.unchecked_into();
    let text = settled(answer.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
    let value = wire::parse(&text);
    if answer.ok() { Ok(value) } else { Err(wire::refusal(&value).unwrap_or(Refusal::Network)) }
}

fn request(route: &Route, fields: &[(&str, JsValue)]) -> Result<Promise, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set(CSRF_HEADER, "1")?;
    let options = RequestInit::new();
    options.set_headers(&headers);
    if route.verb() == Verb::Post {
        options.set_method("POST");
        options.set_body(&JsValue::from_str(&wire::encode(fields)));
    }
    options.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    Ok(dom::window().fetch_with_str_and_init(&route.path(), &options))
}

/// Two kinds of promise, one future: each awaited kind would be code of its own.
async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(promise?).await
}
