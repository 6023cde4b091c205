//! What differs between those who speak this protocol: the address, and fields that some of them refuse.

use serde_json::Value;

/// Which of the optional fields a body has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// `max_completion_tokens` in place of `max_tokens`.
    pub completion_tokens: bool,
    /// `stream_options.include_usage`: the last chunk says what the answer cost.
    pub usage: bool,
}

impl Form {
    /// What is known from the address and the model's name.
    ///
    /// `OpenAI` itself calls `max_tokens` deprecated and its reasoning models refuse it; most others know nothing else.
    /// Mistral sends usage without being asked and refuses the question.
    pub fn of(base_url: &str, model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let reasoning = name.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let host = host(base_url);
        Self {
            completion_tokens: host == "api.openai.com" || reasoning || name.starts_with("gpt-5"),
            usage: host != "api.mistral.ai",
        }
    }

    /// The form to try once more after a refusal (400 or 422) that names one of these fields, where there is one.
    pub fn after(self, status: u16, body: &str) -> Option<Self> {
        if !matches!(status, 400 | 422) {
            return None;
        }
        let body = said(body);
        if self.usage && (body.contains("stream_options") || body.contains("include_usage")) {
            return Some(Self { usage: false, ..self });
        }
        let named = if self.completion_tokens { "max_completion_tokens" } else { "max_tokens" };
        body.contains(named).then_some(Self { completion_tokens: !self.completion_tokens, ..self })
    }
}

/// The part of a refusal that names the field, as some providers send the refused request along.
fn said(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else { return body.chars().take(1_000).collect() };
    let error = value.get("error").unwrap_or(&value);
    let part = |name: &str| error.get(name).map(Value::to_string);
    let parts: Vec<String> = ["param", "message", "detail", "loc"].into_iter().filter_map(part).collect();
    if parts.is_empty() { error.to_string().chars().take(1_000).collect() } else { parts.join(" ") }
}

/// Where a request goes: `{base_url}/chat/completions`. A query, as in Azure's older addresses, stays at the end.
pub fn endpoint(base_url: &str) -> String {
    let (path, query) = base_url.split_once('?').map_or((base_url, ""), |(path, query)| (path, query));
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}/chat/completions{mark}{query}", path.trim_end_matches('/'))
}

/// The header that carries the key. Azure's takes its keys in one of its own.
pub fn key_header(base_url: &str, key: &str) -> (&'static str, String) {
    let host = host(base_url);
    if [".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"]
        .iter()
        .any(|end| host.ends_with(end))
    {
        ("api-key", key.to_owned())
    } else {
        ("authorization", format!("Bearer {key}"))
    }
}

fn host(base_url: &str) -> String {
    let after = base_url.split_once("://").map_or(base_url, |(_, after)| after);
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    authority.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Form, endpoint, key_header};

    const OPENAI: &str = "https://api.openai.com/v1";

    #[test]
    fn the_limits_name_follows_the_provider_and_the_model() {
        assert!(Form::of(OPENAI, "gpt-4o").completion_tokens);
        assert!(Form::of("https://openrouter.ai/api/v1", "openai/o4-mini").completion_tokens);
        for base_url in ["https://api.deepseek.com", "http://localhost:11434/v1", "https://api.openai.com.evil.test"] {
            assert!(!Form::of(base_url, "olmo-2").completion_tokens, "{base_url}");
        }
        assert!(!Form::of("https://api.mistral.ai/v1", "mistral-large").usage);
    }

    #[test]
    fn a_refused_field_is_left_out_and_nothing_is_tried_for_ever() {
        let both = Form { completion_tokens: false, usage: true };
        let legacy = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#;
        let newer = both.after(400, legacy).unwrap();
        assert_eq!(newer, Form { completion_tokens: true, usage: true });
        let extra = r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#;
        assert_eq!(newer.after(422, extra), Some(Form { completion_tokens: true, usage: false }));
        let unknown = r#"{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}}"#;
        assert_eq!(newer.after(400, unknown), Some(both));
        assert_eq!(both.after(500, legacy), None);
        assert_eq!(both.after(400, r#"{"error":{"message":"context too long"},"request":{"max_tokens":1}}"#), None);
    }

    #[test]
    fn an_address_keeps_its_query_and_azure_has_a_header_of_its_own() {
        assert_eq!(endpoint("https://api.openai.com/v1/"), "https://api.openai.com/v1/chat/completions");
        let azure = "https://shop.openai.azure.com/openai/deployments/d?api-version=2024-10-21";
        let asked = "https://shop.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21";
        assert_eq!(endpoint(azure), asked);
        assert_eq!(key_header(azure, "k"), ("api-key", "k".to_owned()));
        assert_eq!(key_header(OPENAI, "k"), ("authorization", "Bearer k".to_owned()));
        assert_eq!(key_header("https://evil.test/x.openai.azure.com", "k").0, "authorization");
    }
}
