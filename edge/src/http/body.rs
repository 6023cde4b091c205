//! Bodies: read up to the limit and no further, parsed strictly.

use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use shared::error::ErrorCode;
use shared::route::MAX_BODY_BYTES;
use worker::Request;

use crate::failure::Answer;
use crate::json::parse;

/// How much of a body is read that is too large.
const MAX_DROPPED_BYTES: usize = 16 * 1024 * 1024;

/// The body as this type. Over 64 KiB is [`ErrorCode::TooLarge`], anything else [`ErrorCode::BadRequest`].
pub async fn read<T: DeserializeOwned>(request: &mut Request) -> Answer<T> {
    parse(&bytes(request).await?)
}

/// As [`read`], up to another limit.
pub async fn read_up_to<T: DeserializeOwned>(request: &mut Request, most: usize) -> Answer<T> {
    parse(&bytes_up_to(request, most).await?)
}

/// The body as it came. Over 64 KiB is [`ErrorCode::TooLarge`].
pub async fn bytes(request: &mut Request) -> Answer<Vec<u8>> {
    bytes_up_to(request, MAX_BODY_BYTES).await
}

/// As [`bytes`], up to another limit. What is over it is read to its end all the same, as far as that is not too far, and dropped:
/// an answer that comes while the client still writes is lost with the connection.
pub async fn bytes_up_to(request: &mut Request, most: usize) -> Answer<Vec<u8>> {
    let mut stream = request.stream().map_err(|_| ErrorCode::BadRequest)?;
    let (mut bytes, mut dropped) = (Vec::new(), 0);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ErrorCode::BadRequest)?;
        if dropped > 0 || bytes.len() + chunk.len() > most {
            dropped += bytes.len() + chunk.len();
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
        if dropped > most + MAX_DROPPED_BYTES {
            break;
        }
    }
    if dropped > 0 { Err(ErrorCode::TooLarge.into()) } else { Ok(bytes) }
}
