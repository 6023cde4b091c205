//! What comes from outside as JSON.

use domain::json;
use serde::de::DeserializeOwned;
use shared::error::ErrorCode;

use crate::failure::Answer;

/// A JSON object as this type. An array is none, though serde would take one for a struct; a key that stands twice is
/// refused by serde, so nobody reads the one and checks the other.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ErrorCode::BadRequest.into());
    }
    json::read(bytes).map_err(|_| ErrorCode::BadRequest.into())
}
