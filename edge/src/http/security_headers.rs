//! Headers that every answer carries.

use worker::{Response, Result};

/// What a page of ours at the top of its window may use of the browser: passkeys, and nothing else that asks the visitor (R42).
pub const TOP_LEVEL_PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), \
                                         publickey-credentials-get=(self), publickey-credentials-create=(self)";

/// Adds them. A WebSocket's answer is left as the runtime made it.
pub fn add(response: Response) -> Result<Response> {
    if response.status_code() == 101 {
        return Ok(response);
    }
    let headers = response.headers().clone();
    headers.set("x-content-type-options", "nosniff")?;
    if !headers.has("referrer-policy")? {
        headers.set("referrer-policy", "no-referrer")?;
    }
    headers.set("strict-transport-security", "max-age=63072000; includeSubDomains")?;
    headers.set("cross-origin-resource-policy", "same-origin")?;
    headers.set("cache-control", "no-store")?;
    if !headers.has("content-security-policy")? {
        headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")?;
    }
    Ok(response.with_headers(headers))
}
