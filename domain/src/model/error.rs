//! Why a model's answer cannot be used.

use serde_json::Value;

/// The most characters of a provider's word for its error.
const KIND_CHARS: usize = 40;

/// Why a model's answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelError {
    /// The provider answered with an error of its own, before or in the stream.
    Provider {
        /// HTTP status; for an error inside a stream the status that it stands for, 0 where that is not said.
        status: u16,
        /// The provider's word for it: `overloaded_error`. Letters, digits and `_`, empty where it has none. Nothing
        /// else of an error is kept: its message can quote the request.
        kind: String,
    },
    /// The stream is not what the protocol names, or larger than any answer.
    Malformed,
    /// The stream ended before the end.
    Truncated,
}

impl ModelError {
    /// From an answer that is no 200: its status and its body, which may be anything.
    pub fn of_answer(status: u16, body: &str) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        Self::Provider { status, kind: kind_of(body.get("error").unwrap_or(&body)) }
    }

    /// From the `error` of an event or of a body with status 200.
    pub(super) fn of_event(error: &Value) -> Self {
        let kind = kind_of(error);
        let code = |name: &str| error.get(name).and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        let named = ["code", "status", "status_code"].into_iter().find_map(code);
        let status = named.filter(|code| (400..600).contains(code)).unwrap_or_else(|| status_of(&kind));
        Self::Provider { status, kind }
    }
}

/// The status that goes with Anthropic's and `OpenAI`'s words for their errors, 0 for all others.
fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => 429,
        "api_error" | "server_error" => 500,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 0,
    }
}

fn kind_of(error: &Value) -> String {
    let word = |name: &str| error.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
    let word = word("type").or_else(|| word("code")).unwrap_or_default();
    let plain = word.len() <= KIND_CHARS && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { word.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::ModelError;

    fn provider(status: u16, kind: &str) -> ModelError {
        ModelError::Provider { status, kind: kind.to_owned() }
    }

    #[test]
    fn nothing_of_an_error_but_its_status_and_kind_is_kept() {
        let body = r#"{"error":{"message":"CANARY in the prompt","type":"invalid_request_error","param":"CANARY"}}"#;
        assert_eq!(ModelError::of_answer(400, body), provider(400, "invalid_request_error"));
        let anthropic = r#"{"type":"error","error":{"type":"overloaded_error","message":"CANARY"}}"#;
        assert_eq!(ModelError::of_answer(529, anthropic), provider(529, "overloaded_error"));
        for odd in ["", "<html>CANARY</html>", "[1]", r#"{"error":"CANARY"}"#, r#"{"error":{"type":"a CANARY b"}}"#] {
            assert_eq!(ModelError::of_answer(502, odd), provider(502, ""), "{odd}");
        }
    }
}
