//! Which links of a text may lead somewhere.

use crate::text::is_invisible;

/// The longest address that a link may have, bytes.
const MAX_HREF: usize = 2_048;

/// The address of a link that may be followed, cleaned; none where the link is to be shown as text.
///
/// Control and invisible characters are removed before the scheme is read, as browsers remove some of them too.
pub(super) fn href(destination: &str) -> Option<String> {
    let clean: String = destination.trim().chars().filter(|c| !is_invisible(*c)).collect();
    let clean = clean.trim();
    // Characters that no valid address holds and that readers of addresses disagree about.
    let disputed = |c: char| c.is_whitespace() || matches!(c, '\\' | '<' | '>' | '"' | '`' | '{' | '}' | '|' | '^');
    if clean.len() > MAX_HREF || clean.contains(disputed) {
        return None;
    }
    let (scheme, rest) = clean.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let allowed = match scheme.as_str() {
        "http" | "https" => has_plain_host(rest),
        "mailto" => rest.starts_with(|c: char| c.is_alphanumeric()) && rest.contains('@'),
        "tel" => !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || "+-.()".contains(c)),
        _ => false,
    };
    allowed.then(|| format!("{scheme}:{rest}"))
}

/// `//host…` without a user before it: `https://bank.example@evil.example` reads as the bank.
fn has_plain_host(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix("//") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    !authority.contains('@') && (authority.starts_with('[') || host.contains(char::is_alphanumeric))
}
