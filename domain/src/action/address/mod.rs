//! The addresses that an action may call (R51): public hosts over TLS.
//!
//! The text is read by the parser that `fetch` uses (the WHATWG URL standard), so that nothing can mean one host here
//! and another there. What a name resolves to is not known here: the edge runs with `global_fetch_strictly_public`.

mod host;
#[cfg(test)]
mod tests;

use core::fmt;

use url::Url;

/// What a deployment lets actions call besides public hosts at port 443.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Ports besides 443.
    pub ports: Vec<u16>,
    /// Development builds alone: `http` and this machine's own names (`localhost`, `127.0.0.1`, `[::1]`), at any port.
    pub loopback: bool,
}

/// Why an address is not called. Carries nothing of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFault {
    /// Not an absolute URL of ASCII characters.
    NotAUrl,
    /// Another scheme than `https`.
    NotHttps,
    /// A user name or a password in it.
    Credentials,
    /// A fragment, which no server ever sees.
    Fragment,
    /// A port that is not listed.
    Port,
    /// A host that is not a public name or a public address, or not in its usual spelling.
    NotPublic,
}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => {
                "this is not a web address in ASCII: write it as https://host/path, names in their xn-- form"
            }
            Self::NotHttps => "the address must begin with https://",
            Self::Credentials => "the address must not hold a user name or a password: use a header and a secret",
            Self::Fragment => "the address must not have a part after #",
            Self::Port => "the address must use port 443 or one that the deployment lists",
            Self::NotPublic => "the address must name a public host",
        })
    }
}

impl core::error::Error for AddressFault {}

/// The host of an address, as its parser reads it; empty where there is none.
pub fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Reads an address and proves that it may be called.
///
/// # Errors
/// [`AddressFault`], the first that holds.
pub fn check(url: &str, allowed: &Allowed) -> Result<Url, AddressFault> {
    // WHATWG parsers drop tabs and line ends, trim, and take `\` for `/`: what they would repair is refused.
    if !url.bytes().all(|b| b.is_ascii_graphic()) || url.contains('\\') {
        return Err(AddressFault::NotAUrl);
    }
    let parsed = Url::parse(url).map_err(|_| AddressFault::NotAUrl)?;
    let authority = authority(url).ok_or(AddressFault::NotAUrl)?;
    if authority.contains('@') || !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(AddressFault::Credentials);
    }
    if url.contains('#') {
        return Err(AddressFault::Fragment);
    }
    let host = parsed.host().ok_or(AddressFault::NotAUrl)?;
    if allowed.loopback && matches!(parsed.scheme(), "http" | "https") && host::is_loopback(&host) {
        return Ok(parsed);
    }
    if parsed.scheme() != "https" {
        return Err(AddressFault::NotHttps);
    }
    if !host::is_public(&host) || !is_as_written(&host, authority) {
        return Err(AddressFault::NotPublic);
    }
    match parsed.port() {
        None | Some(443) => Ok(parsed),
        Some(port) if allowed.ports.contains(&port) => Ok(parsed),
        Some(_) => Err(AddressFault::Port),
    }
}

/// What stands between `//` and the path.
pub(super) fn authority(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme = scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    let authority = rest.split(['/', '?', '#']).next()?;
    (is_scheme && !authority.is_empty()).then_some(authority)
}

/// Whether the host is spelled as it is meant: no octal, hexadecimal or percent-encoded forms, no trailing dot.
fn is_as_written(host: &url::Host<&str>, authority: &str) -> bool {
    let written = match authority.rsplit_once(':') {
        Some((before, port)) if port.bytes().all(|b| b.is_ascii_digit()) => before,
        _ => authority,
    };
    match host {
        url::Host::Ipv6(_) => written.starts_with('[') && written.ends_with(']'),
        host => host.to_string().eq_ignore_ascii_case(written),
    }
}
