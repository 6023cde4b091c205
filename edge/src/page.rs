//! A page at an address that somebody chose, fetched with care: each address on the way is judged (R51), at most three
//! redirects, 2 MB and 10 seconds.

use std::time::Duration;

use domain::action::address::{self, AddressFault};
use domain::install::{MAX_PAGE_BYTES, MAX_REDIRECTS};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use worker::{
    AbortController, AbortSignal, CacheMode, Delay, Fetch, Headers, Request, RequestInit, RequestRedirect, Response,
    Url,
};

use crate::action::allowed;

/// How long all of it may take, milliseconds.
const MOST_MS: u64 = 10_000;

/// A page.
pub struct Fetched {
    /// Where it was found in the end.
    pub url: Url,
    /// The status.
    pub status: u16,
    /// Its HTML, at most the first 2 MB; what is no UTF-8 is replaced.
    pub html: String,
    /// Its `Content-Security-Policy` headers, commas between.
    pub policy: String,
    /// Whether all of it was read.
    pub whole: bool,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// No connection, or it was cut.
    Unreachable,
    /// Not within its time.
    Slow,
    /// More redirects than are followed.
    Redirects,
    /// A redirect to an address that is not fetched.
    Refused,
}

/// Whether an address may be fetched.
///
/// # Errors
/// [`AddressFault`], the first that holds.
pub fn judge(url: &str) -> Result<Url, AddressFault> {
    address::check(url, &allowed())
}

/// Fetches it. `url` was judged.
pub async fn fetch(url: Url) -> Result<Fetched, Lost> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let followed = follow(url, &signal);
    let delay = Delay::from(Duration::from_millis(MOST_MS));
    let outcome = match select(std::pin::pin!(followed), std::pin::pin!(delay)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(Lost::Slow),
    };
    // What was not read would otherwise still be.
    controller.abort();
    outcome
}

async fn follow(mut url: Url, signal: &AbortSignal) -> Result<Fetched, Lost> {
    for _ in 0..=MAX_REDIRECTS {
        let request = request(&url).map_err(|_| Lost::Unreachable)?;
        let sent = Fetch::Request(request).send_with_signal(signal).await;
        let mut response = sent.map_err(|_| Lost::Unreachable)?;
        let status = response.status_code();
        let header = |name: &str| response.headers().get(name).ok().flatten();
        if let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, header("location")) {
            let mut next = url.join(location.trim()).map_err(|_| Lost::Refused)?;
            next.set_fragment(None);
            url = judge(next.as_str()).map_err(|_| Lost::Refused)?;
            continue;
        }
        let policy = header("content-security-policy").unwrap_or_default();
        let (html, whole) = text(&mut response).await?;
        return Ok(Fetched { url, status, html, policy, whole });
    }
    Err(Lost::Redirects)
}

fn request(url: &Url) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "text/html,application/xhtml+xml")?;
    headers.set("user-agent", crate::USER_AGENT)?;
    let mut init = RequestInit::new();
    init.with_headers(headers).with_redirect(RequestRedirect::Manual).with_cache(CacheMode::NoStore);
    Request::new_with_init(url.as_str(), &init)
}

/// The beginning of the body, and whether that is all of it.
async fn text(response: &mut Response) -> Result<(String, bool), Lost> {
    let mut bytes = Vec::new();
    // A response without a body has no stream.
    let Ok(mut stream) = response.stream() else { return Ok((String::new(), true)) };
    let mut whole = true;
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| Lost::Unreachable)?);
        if bytes.len() > MAX_PAGE_BYTES {
            bytes.truncate(MAX_PAGE_BYTES);
            whole = false;
            break;
        }
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), whole))
}
