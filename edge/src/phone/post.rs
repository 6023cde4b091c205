//! One request to a service that sends messages, and when it may be made again.
//!
//! Neither Twilio nor Meta knows idempotency keys: a request that is made twice may send two messages. So it is repeated
//! only after an answer that says that nothing was taken: 429 and 503. A connection that breaks may have carried the request
//! (the runtime does not tell where it broke), as may one that takes too long or ends in another 5xx; those fall over to the
//! next channel with the same code, so that a person may get it twice and never gets two.

use rand::Rng as _;
use wasm_bindgen::JsValue;
use worker::{Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use crate::clock::now;
use crate::failure::{Answer, Failure};
use crate::random;
use crate::within::within;

const TRIES: u32 = 3;

/// The longest that one try may take, milliseconds.
const TRY_MS: u64 = 5_000;

/// The longest that all tries together may take, milliseconds.
const ALL_MS: u64 = 15_000;

/// A request.
pub struct Post<'a> {
    /// Who takes it, for the log.
    pub to: &'static str,
    /// Its address.
    pub url: String,
    /// The whole header `authorization`.
    pub authorization: String,
    /// The body's type.
    pub content_type: &'static str,
    /// The body.
    pub body: &'a str,
}

enum Tried {
    Taken,
    /// Nothing was taken; not before this many milliseconds where the service said so.
    Again(Option<u64>),
    Failed(String),
    Refused(u16),
}

/// Makes the request until it is taken, at most three times in fifteen seconds.
pub async fn send(post: &Post<'_>) -> Answer<()> {
    let begun = now();
    for attempt in 1..=TRIES {
        let left = ALL_MS.saturating_sub(now().since(begun));
        match once(post, left.min(TRY_MS)).await {
            Tried::Taken => return Ok(()),
            Tried::Failed(why) => return Err(Failure::Internal(format!("{}: {why}", post.to))),
            Tried::Refused(status) => {
                return Err(Failure::Vendor { source: format!("{}: {status}", post.to), status });
            }
            Tried::Again(after_ms) => {
                let wait = after_ms.unwrap_or(random::rng().random_range(200..=400 * u64::from(1u32 << attempt)));
                // Sooner than the service asks is no use, later than the visitor waits neither.
                if attempt == TRIES || now().since(begun).saturating_add(wait) >= ALL_MS {
                    break;
                }
                Delay::from(std::time::Duration::from_millis(wait)).await;
            }
        }
    }
    Err(Failure::Internal(format!("{}: busy", post.to)))
}

async fn once(post: &Post<'_>, most_ms: u64) -> Tried {
    let sent = async {
        let headers = Headers::new();
        headers.set("authorization", &post.authorization)?;
        headers.set("content-type", post.content_type)?;
        headers.set("accept", "application/json")?;
        headers.set("user-agent", crate::USER_AGENT)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(JsValue::from_str(post.body)));
        Fetch::Request(Request::new_with_init(&post.url, &init)?).send().await
    };
    let response = match within(most_ms, sent).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => return Tried::Failed("unreachable".to_owned()),
        Err(_) => return Tried::Failed("timeout".to_owned()),
    };
    match response.status_code() {
        200..=299 => Tried::Taken,
        429 | 503 => {
            let after = response.headers().get("retry-after").ok().flatten();
            Tried::Again(after.and_then(|text| text.parse::<u64>().ok()).map(|s| s.saturating_mul(1_000)))
        }
        status => Tried::Refused(status),
    }
}
