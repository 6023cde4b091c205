//! Requests to the edge that made this page. `edge.ts` sends them: it knows how a request says who asks.

use js_sys::Promise;
use shared::error::ErrorCode;
use shared::route::{Route, Verb};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::wire;

#[wasm_bindgen]
extern "C" {
    /// Posts fields, or gets where they are `undefined`.
    #[wasm_bindgen(js_namespace = cs)]
    fn ask(path: &str, fields: &JsValue) -> Promise;

    /// Does something rare, in the module that is loaded for it. The promise is what a request's would be.
    #[wasm_bindgen(js_namespace = cs)]
    pub fn more(name: &str) -> Promise;

    /// Closes what dialogs there are, and what they show is gone.
    #[wasm_bindgen(js_namespace = cs)]
    pub fn forget();
}

/// What a request brought: the answer, parsed; empty where it has no body.
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
    /// What the host page may know of it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Network => "unavailable",
            Self::Edge { code, .. } => {
                wire::ERRORS.iter().find(|(_, known)| known == code).map_or("", |(name, _)| name)
            }
        }
    }

    /// Whether the edge refused for this reason.
    pub fn is(&self, reason: ErrorCode) -> bool {
        matches!(self, Self::Edge { code, .. } if *code == reason)
    }
}

/// Sends `fields`, if the route takes any, and hands on what it brought.
pub fn send(route: &Route, fields: &[(&str, JsValue)], done: impl FnOnce(Answered) + 'static) {
    hand_on(request(route, fields), done);
}

/// Hands on what a promise of `edge.ts` brings.
///
/// The one place that waits for a request: each `async` block would be code of its own.
pub fn hand_on(request: Promise, done: impl FnOnce(Answered) + 'static) {
    let done: Box<dyn FnOnce(Answered)> = Box::new(done);
    spawn_local(async move { done(answer(request).await) });
}

/// Sends `fields`, for who waits for the answer.
pub async fn answered(route: &Route, fields: &[(&str, JsValue)]) -> Answered {
    answer(request(route, fields)).await
}

async fn answer(request: Promise) -> Answered {
    JsFuture::from(request).await.map_err(|refusal| wire::refusal(&refusal).unwrap_or(Refusal::Network))
}

/// Sends `fields`, if the route takes any.
pub fn request(route: &Route, fields: &[(&str, JsValue)]) -> Promise {
    let fields = if route.verb() == Verb::Post { wire::object(fields) } else { JsValue::UNDEFINED };
    ask(&route.path(), &fields)
}
