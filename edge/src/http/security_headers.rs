//! Headers that every answer carries.

use worker::{Response, Result};

/// Adds them. A WebSocket's answer is left as the runtime made it.
pub fn add(response: Response) -> Result<Response> {
    if response.status_code() == 101 {
        return Ok(response);
    }
    let headers = response.headers().clone();
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("referrer-policy", "no-referrer")?;
    headers.set("strict-transport-security", "max-age=63072000; includeSubDomains")?;
    headers.set("cross-origin-resource-policy", "same-origin")?;
    headers.set("cache-control", "no-store")?;
    if !headers.has("content-security-policy")? {
        headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")?;
    }
    Ok(response.with_headers(headers))
}
