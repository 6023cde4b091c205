//! Requests that leave the edge: never redirected, and given up when their signal says so.

use worker::wasm_bindgen::JsCast as _;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{AbortSignal, Request, Response, Result, js_sys, web_sys};

/// Sends a request and gives its answer back, whatever its status: a redirect is an answer like any other (R51).
///
/// The crate's own `Fetch` hands the runtime a second set of options beside the request, which takes the place of the
/// request's: a redirect would be followed, with every header, to wherever the answer says.
pub async fn fetch(request: &Request, signal: Option<&AbortSignal>) -> Result<Response> {
    let options = web_sys::RequestInit::new();
    options.set_redirect(web_sys::RequestRedirect::Manual);
    options.set_signal(signal.map(|signal| &**signal));
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(scope.fetch_with_request_and_init(request.inner(), &options)).await?;
    Ok(answer.dyn_into::<web_sys::Response>()?.into())
}
