//! The headers of a template (RFC 9110, section 5).

use std::collections::BTreeSet;

use super::part::{Parts, Placeholder};
use crate::action::Header;

/// The most bytes of a header's value.
const MAX_VALUE: usize = 8 * 1024;
/// The most headers.
const MAX_HEADERS: usize = 32;

/// What the runtime, or this edge, says itself; what tells a server where a request comes from; and the headers that
/// open cloud metadata services (R51).
const REFUSED: [&str; 32] = [
    "host",
    "content-length",
    "content-encoding",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "via",
    "cookie",
    "cookie2",
    "set-cookie",
    "forwarded",
    "x-real-ip",
    "true-client-ip",
    "x-client-ip",
    "cdn-loop",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
    "metadata",
    "metadata-flavor",
    "x-google-metadata-request",
    "x-identity-header",
    "idempotency-key",
    "http2-settings",
    "alt-used",
    "date",
];
const REFUSED_FRONTS: [&str; 7] =
    ["proxy-", "cf-", "x-forwarded-", "x-aws-ec2-metadata-", "webhook-", "countersign-", "sec-"];

/// Headers in pieces. Names are text.
#[derive(Debug)]
pub(super) struct HeadersTemplate(Vec<(String, Parts)>);

impl HeadersTemplate {
    /// Reads the headers; of a fault, the name of the header and a sentence.
    pub(super) fn parse(headers: &[Header]) -> Result<Self, (String, String)> {
        let (mut seen, mut parsed) = (BTreeSet::new(), Vec::new());
        for header in headers {
            let fault = |sentence: &str| (header.name.clone(), sentence.to_owned());
            let name = header.name.to_ascii_lowercase();
            if !is_token(&name) {
                return Err(fault("this is not the name of a header"));
            }
            if REFUSED.contains(&name.as_str()) || REFUSED_FRONTS.iter().any(|front| name.starts_with(front)) {
                return Err(fault("this header is not an action's to set"));
            }
            if !seen.insert(name) || seen.len() > MAX_HEADERS {
                return Err(fault("the header is there twice, or there are more than 32"));
            }
            let value = Parts::parse(&header.value).map_err(|sentence| fault(&sentence))?;
            value.fill(|_| Ok(String::new())).and_then(|text| check(&text)).map_err(|sentence| fault(&sentence))?;
            parsed.push((header.name.clone(), value));
        }
        Ok(Self(parsed))
    }

    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().flat_map(|(_, value)| value.placeholders())
    }

    /// Fills the values. A header whose value is all of one placeholder that was left out is left out as well.
    pub(super) fn fill(
        &self,
        give: &mut dyn FnMut(&Placeholder) -> Option<String>,
    ) -> Result<Vec<(String, String)>, (String, String)> {
        let mut headers = Vec::new();
        for (name, value) in &self.0 {
            if value.only().is_some_and(|only| give(only).is_none()) {
                continue;
            }
            let filled = value.fill(|placeholder| Ok::<_, String>(give(placeholder).unwrap_or_default()));
            let filled = filled.and_then(|filled| check(&filled).map(|()| filled));
            headers.push((name.clone(), filled.map_err(|sentence| (name.clone(), sentence))?));
        }
        Ok(headers)
    }
}

/// `token` of RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// `field-value` of RFC 9110, section 5.5, without tabs and without the obsolete bytes above ASCII.
fn check(value: &str) -> Result<(), String> {
    if value.len() > MAX_VALUE {
        return Err("the value of the header is too long".to_owned());
    }
    if value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Ok(());
    }
    Err("the value of a header must be of printable ASCII characters".to_owned())
}
