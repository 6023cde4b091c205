//! The addresses that an action may call (R51).

use core::fmt;

use url::Url;

/// What a deployment lets actions call besides public hosts at port 443.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Ports besides 443.
    pub ports: Vec<u16>,
    /// Development builds alone: `http` and this machine's own names, at any port.
    pub loopback: bool,
}

/// Why an address is not called. Carries nothing of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFault {
    /// Not an absolute URL.
    NotAUrl,
    /// Another scheme than `https`.
    NotHttps,
    /// A user name or a password in it.
    Credentials,
    /// A fragment, which no server ever sees.
    Fragment,
    /// A port that is not listed.
    Port,
    /// A host that is not a public name or a public address.
    NotPublic,
}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is refused")
    }
}

impl core::error::Error for AddressFault {}

/// Reads an address and proves that it may be called.
pub fn check(url: &str, _allowed: &Allowed) -> Result<Url, AddressFault> {
    let _ = Url::parse(url).map_err(|_| AddressFault::NotAUrl)?;
    Err(AddressFault::NotPublic)
}
