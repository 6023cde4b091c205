//! The URL of a template: values stand in path segments and query values alone.

use url::Url;

use super::part::{Part, Parts, Placeholder};
use crate::action::address;

/// A URL in pieces. Scheme and authority are text.
#[derive(Debug)]
pub(super) struct UrlTemplate {
    /// Scheme, `://` and authority.
    front: String,
    /// What stands between the slashes of the path; the path itself begins with one.
    segments: Vec<Parts>,
    /// Keys and values; a pair without `=` has no value.
    query: Option<Vec<(String, Option<Parts>)>>,
}

const NOT_THERE: &str = "a placeholder may stand in the path and in the values after ?, nowhere else";

impl UrlTemplate {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.contains('#') {
            return Err("the address must not have a part after #".to_owned());
        }
        let (before, query) = text.split_once('?').map_or((text, None), |(before, query)| (before, Some(query)));
        let after_scheme = before.find("://").map(|at| at + 3).ok_or("the address must begin with https://")?;
        let (scheme, rest) = before.split_at(after_scheme);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let front = format!("{scheme}{authority}");
        // A placeholder in front of the path would also be one of these characters.
        if front.contains(['<', '>', '{', '}']) {
            return Err(NOT_THERE.to_owned());
        }
        let segments = path.strip_prefix('/').unwrap_or_default().split('/').map(component);
        let segments: Vec<Parts> = segments.collect::<Result<_, _>>()?;
        let query = query.map(|query| query.split('&').map(pair).collect::<Result<_, _>>()).transpose()?;
        Ok(Self { front, segments, query })
    }

    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        let values = self.query.iter().flatten().filter_map(|(_, value)| value.as_ref());
        self.segments.iter().chain(values).flat_map(Parts::placeholders)
    }

    pub(super) fn in_path(&self) -> impl Iterator<Item = &Placeholder> {
        self.segments.iter().flat_map(Parts::placeholders)
    }

    /// The host, as the address's parser reads it; empty where there is none.
    pub(super) fn host(&self) -> String {
        address::host(&self.front)
    }

    /// The address with the same text in every placeholder's stead: for its check before there are values.
    pub(super) fn probe(&self) -> String {
        self.fill(&mut |_| Some("x".to_owned())).unwrap_or_default()
    }

    /// Fills the template; `give` tells nothing for what was left out. Proves that nothing but values has changed.
    pub(super) fn fill(&self, give: &mut dyn FnMut(&Placeholder) -> Option<String>) -> Result<String, String> {
        let mut url = self.front.clone();
        for segment in &self.segments {
            let filled = self::filled(segment, give)?;
            if segment.placeholders().next().is_some() && is_step(&filled) {
                return Err("a value in the path must not be empty, nor lead to another path".to_owned());
            }
            url.push('/');
            url.push_str(&filled);
        }
        let mut keys = Vec::new();
        let mut pairs = Vec::new();
        for (key, value) in self.query.iter().flatten() {
            match value {
                Some(value) if value.only().is_some_and(|only| give(only).is_none()) => continue,
                Some(value) => pairs.push(format!("{key}={}", filled(value, give)?)),
                None => pairs.push(key.clone()),
            }
            keys.push(key.as_str());
        }
        if !pairs.is_empty() {
            url.push('?');
            url.push_str(&pairs.join("&"));
        }
        if self.is_kept(&url, &keys) { Ok(url) } else { Err("a value changes the shape of the address".to_owned()) }
    }

    /// Whether the filled address, read anew, has the template's scheme, host, port, segments and keys.
    fn is_kept(&self, filled: &str, keys: &[&str]) -> bool {
        let (Ok(front), Ok(filled)) = (Url::parse(&self.front), Url::parse(filled)) else { return false };
        let written = filled.query().map(|query| query.split('&').collect::<Vec<_>>()).unwrap_or_default();
        let written = written.iter().map(|pair| pair.split_once('=').map_or(*pair, |(key, _)| key));
        let as_read = |key: &str| {
            let mut probe = front.clone();
            probe.set_query(Some(key));
            probe.query().unwrap_or_default().to_owned()
        };
        filled.scheme() == front.scheme()
            && filled.host() == front.host()
            && filled.port() == front.port()
            && filled.username() == front.username()
            && filled.password() == front.password()
            && filled.fragment().is_none()
            && filled.path().split('/').count() == self.segments.len() + 1
            && written.map(str::to_owned).eq(keys.iter().map(|key| as_read(key)))
    }
}

fn pair(text: &str) -> Result<(String, Option<Parts>), String> {
    let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
    if Parts::parse(key)?.placeholders().next().is_some() {
        return Err(NOT_THERE.to_owned());
    }
    check_literal(key)?;
    Ok((key.to_owned(), value.map(component).transpose()?))
}

fn component(text: &str) -> Result<Parts, String> {
    let parts = Parts::parse(text)?;
    for part in &parts.0 {
        if let Part::Text(text) = part {
            check_literal(text)?;
        }
    }
    Ok(parts)
}

/// What the site owner wrote stays as it is: it must be what a URL may hold, each `%` with its two digits.
fn check_literal(text: &str) -> Result<(), String> {
    let is_whole = text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().get(..2).unwrap_or_default();
        digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
    });
    let is_url = text.bytes().all(|b| b.is_ascii_graphic() && !b"\\<>{}\"^`|".contains(&b));
    if is_whole && is_url {
        return Ok(());
    }
    Err("the address has characters that must be percent-encoded, or a % without two digits".to_owned())
}

fn filled(parts: &Parts, give: &mut dyn FnMut(&Placeholder) -> Option<String>) -> Result<String, String> {
    parts.fill(|placeholder| {
        let value = give(placeholder).unwrap_or_default();
        if value.chars().any(char::is_control) {
            return Err("a value in the address must not have control characters".to_owned());
        }
        Ok(encoded(&value))
    })
}

/// Everything but RFC 3986's unreserved characters, percent-encoded.
pub(in crate::action) fn encoded(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(value.len());
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().map_or('0', char::from);
    for b in value.bytes() {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
            encoded.push(char::from(b));
        } else {
            encoded.extend(['%', digit(b >> 4), digit(b & 15)]);
        }
    }
    encoded
}

/// Whether a segment is empty, or would be a step (`.`, `..`) for any server that decodes it, once or more often, and
/// then takes it for a path: `%2e%2e`, `..%2f..`, `..;`.
fn is_step(segment: &str) -> bool {
    let mut text = segment.as_bytes().to_vec();
    loop {
        let mut pieces = text.split(|b| *b == b'/' || *b == b'\\');
        let is_dots = |piece: &[u8]| matches!(piece.split(|b| *b == b';').next(), Some(b"." | b".."));
        if text.is_empty() || pieces.any(is_dots) {
            return true;
        }
        // Decoding only ever shortens: this ends.
        let again = decoded(&text);
        if again == text {
            return false;
        }
        text = again;
    }
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((first, after)) = rest.split_first() {
        let hex = |b: &u8| char::from(*b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        rest = after;
        if let (b'%', [high, low, after_hex @ ..]) = (first, after)
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            decoded.push(high << 4 | low);
            rest = after_hex;
        } else {
            decoded.push(*first);
        }
    }
    decoded
}
