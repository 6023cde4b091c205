//! Any API that speaks the chat completions of `OpenAI`.

use domain::model::openai::{OpenAiStream, body};
use domain::model::{ModelError, ModelEvent, ModelRequest};
use futures_util::StreamExt as _;
use wasm_bindgen::JsValue;
use worker::{ByteStream, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect};

use super::failure;
use crate::config::model_key;
use crate::failure::{Answer, Failure};

/// The stream of one answer.
pub struct OpenAi {
    bytes: ByteStream,
    parser: OpenAiStream,
    over: bool,
}

impl OpenAi {
    /// Sends the request.
    pub async fn open(env: &Env, base_url: &str, model: &str, request: &ModelRequest) -> Answer<Self> {
        // The key travels with the request: never in the clear, except to a player on this machine.
        if !cfg!(feature = "dev") && !base_url.starts_with("https://") {
            return Err(Failure::Internal("the model's address is not https".to_owned()));
        }
        let headers = Headers::new();
        headers.set("content-type", "application/json")?;
        headers.set("user-agent", crate::USER_AGENT)?;
        headers.set("accept", "text/event-stream")?;
        if let Some(key) = model_key(env) {
            headers.set("authorization", &format!("Bearer {key}"))?;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(JsValue::from_str(&body(request, model).to_string())));
        let url = format!("{}/chat/completions", base_url.trim_end_matches('/'));
        let mut response = Fetch::Request(Request::new_with_init(&url, &init)?).send().await?;
        let status = response.status_code();
        if status != 200 {
            let retry_after_s = response.headers().get("retry-after")?.and_then(|text| text.parse().ok());
            return Err(failure(&ModelError::Provider { status, retry_after_s }));
        }
        Ok(Self { bytes: response.stream()?, parser: OpenAiStream::new(), over: false })
    }

    /// The next events; none when the stream is over.
    pub async fn next(&mut self) -> Answer<Option<Vec<ModelEvent>>> {
        if self.over {
            return Ok(None);
        }
        let events = match self.bytes.next().await {
            Some(Ok(bytes)) => self.parser.push(&bytes),
            Some(Err(_)) => Err(ModelError::Truncated),
            None => {
                self.over = true;
                self.parser.finish()
            }
        };
        events.map(Some).map_err(|error| failure(&error))
    }
}
