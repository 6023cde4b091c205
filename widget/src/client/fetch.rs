//! Requests to the edge that made this page. The cookie is the browser's business: same origin, nothing to pass.

use js_sys::Promise;
use shared::error::ErrorCode;
use shared::route::{CSRF_HEADER, Route};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use super::wire;
use crate::dom;

/// A request that is not answered by then has failed, in milliseconds: a visitor who waits must be told.
const TIMEOUT_MS: u32 = 20_000;

/// Why a request brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No answer came, or one that the protocol does not know.
    Network,
    /// The edge said no.
    Edge {
        /// Why.
        code: ErrorCode,
        /// Seconds until the same request may pass.
        retry_after_s: Option<u32>,
    },
}

/// Posts `body` (JSON) and brings the answer, parsed; `undefined` where the answer has no body.
pub async fn post(route: &Route, body: &str) -> Result<JsValue, Refusal> {
    let answer = request(&route.path(), body).await.map_err(|_| Refusal::Network)?;
    let text = settled(answer.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
    let value = wire::parse(&text);
    if answer.ok() {
        return Ok(value);
    }
    Err(match wire::refusal(&value) {
        Some((code, retry_after_s)) => Refusal::Edge { code, retry_after_s },
        None => Refusal::Network,
    })
}

async fn request(path: &str, body: &str) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set(CSRF_HEADER, "1")?;
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_headers(&headers);
    options.set_body(&JsValue::from_str(body));
    options.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    Ok(settled(Ok(dom::window().fetch_with_str_and_init(path, &options))).await?.unchecked_into())
}

/// Two kinds of promise, one future: each awaited kind would be code of its own.
async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(promise?).await
}
