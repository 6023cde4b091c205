//! A neutral request as the input of `AI.run(model, input)`.

use serde_json::{Map, Value, json};

use crate::model::history::{Said, tidy};
use crate::model::openai::{said, tools};
use crate::model::{ModelRequest, context};

/// The input of a streaming run.
///
/// The messages are `OpenAI`'s with three differences that the models there need: one system message, since some of
/// their templates know no more; content that is never null; and the tool's name at its result.
pub fn body(request: &ModelRequest) -> Value {
    let system: Vec<String> =
        [Some(context::instructions(request)), context::data(request)].into_iter().flatten().collect();
    let mut messages = vec![json!({ "role": "system", "content": system.join("\n\n") })];
    for one in &tidy(&request.messages) {
        let mut step = said(one);
        match one {
            Said::Assistant(text, _) => step.iter_mut().for_each(|message| set(message, "content", text)),
            Said::Results(calls) => {
                step.iter_mut().zip(calls).for_each(|(message, call)| set(message, "name", &call.name));
            }
            Said::User(_) => {}
        }
        messages.extend(step);
    }
    let mut body = Map::new();
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    if request.max_tokens > 0 {
        body.insert("max_tokens".to_owned(), json!(request.max_tokens));
    }
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), tools(&request.tools));
    }
    Value::Object(body)
}

fn set(message: &mut Value, name: &str, text: &str) {
    if let Some(fields) = message.as_object_mut() {
        fields.insert(name.to_owned(), json!(text));
    }
}
