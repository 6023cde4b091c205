//! What the browser says that was signed, and where (Web Authentication Level 3, section 5.8.1).

use serde::Deserialize;

use super::{Refused, Site};

/// The most bytes of it.
const MAX_BYTES: usize = 4_096;

/// The members that are looked at. One that stands twice is refused; others are passed over, as the standard asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

/// Checks that the client data is of this kind, for this challenge, and from our own page: alone, or inside a page of the
/// agent's.
pub(super) fn check(bytes: &[u8], kind: &str, challenge: &str, site: &Site<'_>) -> Result<(), Refused> {
    if bytes.len() > MAX_BYTES || bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refused::Malformed);
    }
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| Refused::Malformed)?;
    if data.kind != kind {
        return Err(Refused::Kind);
    }
    if data.challenge != challenge {
        return Err(Refused::Challenge);
    }
    if data.origin != site.origin {
        return Err(Refused::Origin);
    }
    match data.top_origin {
        // Browsers before Level 3 say nothing of the page around; it is on the list, or the frame would not have loaded.
        None => Ok(()),
        Some(_) if !data.cross_origin => Err(Refused::Embedded),
        Some(top) if site.embeds(&top) => Ok(()),
        Some(_) => Err(Refused::Embedded),
    }
}
