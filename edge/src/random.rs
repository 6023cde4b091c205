//! The one place that draws randomness: the runtime's CSPRNG (`crypto.getRandomValues`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use shared::id::{CardId, SessionId};
use worker::{Error, Result};

/// A generator for the domain's draws.
pub fn rng() -> rand::rand_core::UnwrapErr<OsRng> {
    OsRng.unwrap_err()
}

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    OsRng.try_fill_bytes(&mut out).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(out)
}

/// 128 bits as 22 characters of base64url.
pub fn id22() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<16>()?))
}

/// A fresh session id.
pub fn session_id() -> Result<SessionId> {
    SessionId::parse(&id22()?).map_err(|error| Error::RustError(error.to_string()))
}

/// A fresh card id.
pub fn card_id() -> Result<CardId> {
    CardId::parse(&id22()?).map_err(|error| Error::RustError(error.to_string()))
}
