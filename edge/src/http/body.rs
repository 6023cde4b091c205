//! Bodies: read up to the limit and no further, parsed strictly.

use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use shared::error::ErrorCode;
use shared::route::MAX_BODY_BYTES;
use worker::Request;

use crate::failure::Answer;
use crate::json::parse;

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

/// As [`bytes`], up to another limit.
pub async fn bytes_up_to(request: &mut Request, most: usize) -> Answer<Vec<u8>> {
    let claimed = request.headers().get("content-length")?.and_then(|text| text.parse::<usize>().ok());
    if claimed.is_some_and(|bytes| bytes > most) {
        return Err(ErrorCode::TooLarge.into());
    }
    let mut stream = request.stream().map_err(|_| ErrorCode::BadRequest)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ErrorCode::BadRequest)?;
        if bytes.len() + chunk.len() > most {
            return Err(ErrorCode::TooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
