//! Anthropic's Messages API: a request's body and the answer's stream. No I/O.

mod body;
mod stream;

pub use body::body;
pub use stream::{Anthropic, AnthropicStream};

#[cfg(test)]
mod tests;

/// The version of the API that is spoken, for the header `anthropic-version`.
pub const VERSION: &str = "2023-06-01";

/// Where a request goes: `{base_url}/v1/messages`. A base that ends in `/v1`, as others' do, is understood.
pub fn endpoint(base_url: &str) -> String {
    let base = base_url.trim_end_matches('/');
    format!("{}/v1/messages", base.strip_suffix("/v1").unwrap_or(base))
}
