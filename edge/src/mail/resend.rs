//! Resend's API (`POST /emails`): at most three tries in fifteen seconds with one idempotency key (R64).

use rand::Rng as _;
use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::{Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use super::Letter;
use super::words::Words;
use crate::clock::now;
use crate::failure::{Answer, Failure};
use crate::random;
use crate::within::within;

/// Whose account sends.
pub struct Account<'a> {
    /// `https://api.resend.com`.
    pub base_url: &'a str,
    /// The secret key.
    pub key: &'a str,
    /// The sender.
    pub from: &'a str,
}

#[derive(Serialize)]
struct Email<'a> {
    from: &'a str,
    to: [&'a str; 1],
    subject: &'a str,
    text: &'a str,
    html: &'a str,
}

/// What one try came to.
enum Tried {
    Taken,
    /// May be tried again, not before this many milliseconds where the service said so.
    Again(String, Option<u64>),
    /// Trying again would not help.
    Refused(u16),
}

const TRIES: u32 = 3;

/// The longest that one try may take, milliseconds.
const TRY_MS: u64 = 5_000;

/// The longest that all tries together may take, milliseconds.
const ALL_MS: u64 = 15_000;

/// Hands the mail over.
pub async fn send(account: &Account<'_>, letter: &Letter<'_>, words: &Words) -> Answer<()> {
    let body = serde_json::to_string(&Email {
        from: account.from,
        to: [letter.to.as_str()],
        subject: &words.subject,
        text: &words.text,
        html: &words.html,
    })?;
    let (begun, mut why) = (now(), String::new());
    for attempt in 1..=TRIES {
        let left = ALL_MS.saturating_sub(now().since(begun));
        match once(account, letter.idempotency_key, &body, left.min(TRY_MS)).await {
            Tried::Taken => return Ok(()),
            Tried::Refused(status) => {
                return Err(Failure::Vendor { source: format!("resend refused with {status}"), status });
            }
            Tried::Again(reason, after_ms) => {
                why = reason;
                if attempt < TRIES {
                    let jittered = random::rng().random_range(200..=400 * u64::from(1u32 << attempt));
                    let wait = after_ms.unwrap_or(jittered);
                    // Sooner than the service asks is no use, later than the visitor waits neither.
                    if now().since(begun) + wait >= ALL_MS {
                        break;
                    }
                    Delay::from(std::time::Duration::from_millis(wait)).await;
                }
            }
        }
    }
    Err(Failure::Internal(format!("resend: {TRIES} tries, last {why}")))
}

async fn once(account: &Account<'_>, key: &str, body: &str, most_ms: u64) -> Tried {
    let sent = async {
        let headers = Headers::new();
        headers.set("authorization", &format!("Bearer {}", account.key))?;
        headers.set("content-type", "application/json")?;
        // Resend refuses a request without one (403, error 1010), and the runtime sends none by itself.
        headers.set("user-agent", crate::USER_AGENT)?;
        headers.set("idempotency-key", key)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(JsValue::from_str(body)));
        let url = format!("{}/emails", account.base_url.trim_end_matches('/'));
        Fetch::Request(Request::new_with_init(&url, &init)?).send().await
    };
    let response = match within(most_ms, sent).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => return Tried::Again("unreachable".to_owned(), None),
        Err(_) => return Tried::Again("timeout".to_owned(), None),
    };
    match response.status_code() {
        200..=299 => Tried::Taken,
        // 409: a request with this key is under way (`concurrent_idempotent_requests`).
        status @ (408 | 409 | 429 | 500..=599) => {
            let after = response.headers().get("retry-after").ok().flatten();
            Tried::Again(status.to_string(), after.and_then(|text| text.parse::<u64>().ok()).map(|s| s * 1_000))
        }
        status => Tried::Refused(status),
    }
}
