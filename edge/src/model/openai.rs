//! Any API that speaks the chat completions of `OpenAI`.

use domain::model::ModelRequest;
use domain::model::openai::{Form, OpenAi, body, endpoint, key_header};
use domain::time::Millis;

use super::ask::{Ask, Reply, Sent, refused, send};
use crate::failure::Answer;

/// Sends the request, once more for each field that this provider turns out to refuse.
pub async fn open(
    base_url: &str,
    model: &str,
    key: Option<&str>,
    request: &ModelRequest,
    deadline: Millis,
) -> Answer<Reply<OpenAi>> {
    let url = endpoint(base_url);
    let headers: Vec<_> = key.map(|key| key_header(base_url, key)).into_iter().collect();
    let mut forms_left = 2;
    let mut form = Form::of(base_url, model);
    loop {
        let body = body(request, model, form).to_string();
        match send(&Ask { url: &url, headers: &headers, body: &body }, deadline).await? {
            Sent::Begun(begun) => return Reply::of_http(begun),
            Sent::Refused { status, body } => match form.after(status, &body).filter(|_| forms_left > 0) {
                Some(other) => form = other,
                None => return Err(refused(status, &body)),
            },
        }
        forms_left -= 1;
    }
}
