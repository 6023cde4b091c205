//! Anthropic's Messages API.

use domain::model::ModelRequest;
use domain::model::anthropic::{Anthropic, VERSION, body, endpoint};
use domain::time::Millis;

use super::ask::{Ask, Reply, Sent, refused, send};
use crate::failure::Answer;

/// Sends the request.
pub async fn open(
    base_url: &str,
    model: &str,
    key: Option<&str>,
    request: &ModelRequest,
    deadline: Millis,
) -> Answer<Reply<Anthropic>> {
    let mut headers = vec![("anthropic-version", VERSION.to_owned())];
    headers.extend(key.map(|key| ("x-api-key", key.to_owned())));
    let body = body(request, model).to_string();
    match send(&Ask { url: &endpoint(base_url), headers: &headers, body: &body }, deadline).await? {
        Sent::Begun(begun) => Reply::of_http(begun),
        Sent::Refused { status, body } => Err(refused(status, &body)),
    }
}
