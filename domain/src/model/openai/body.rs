//! A neutral request as the body of `POST {base_url}/chat/completions`.

use serde_json::{Map, Value, json};

use super::Form;
use crate::model::history::{Called, Said, tidy};
use crate::model::{ModelRequest, Tool, context};

/// The body of a streaming request for `model`, the model's name at the provider.
///
/// What the person's visible fields and data say stands in a system message of its own, as JSON in a code fence. Calls
/// that nothing answered, left by an interruption, are left out: the protocol refuses them.
pub fn body(request: &ModelRequest, model: &str, form: Form) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": context::instructions(request) })];
    messages.extend(context::data(request).map(|content| json!({ "role": "system", "content": content })));
    messages.extend(tidy(&request.messages).iter().flat_map(said));

    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    if form.usage {
        body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    }
    if request.max_tokens > 0 {
        let name = if form.completion_tokens { "max_completion_tokens" } else { "max_tokens" };
        body.insert(name.to_owned(), json!(request.max_tokens));
    }
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), tools(&request.tools));
        body.insert("tool_choice".to_owned(), json!("auto"));
    }
    Value::Object(body)
}

/// The messages of one step.
pub(in crate::model) fn said(said: &Said<'_>) -> Vec<Value> {
    match said {
        Said::User(text) => vec![json!({ "role": "user", "content": text })],
        Said::Assistant(text, calls) if calls.is_empty() => vec![json!({ "role": "assistant", "content": text })],
        Said::Assistant(text, calls) => {
            let content = if text.is_empty() { Value::Null } else { json!(text) };
            let calls: Vec<Value> = calls.iter().map(tool_call).collect();
            vec![json!({ "role": "assistant", "content": content, "tool_calls": calls })]
        }
        Said::Results(calls) => {
            let result =
                |call: &Called<'_>| json!({ "role": "tool", "tool_call_id": call.id, "content": call.content });
            calls.iter().map(result).collect()
        }
    }
}

fn tool_call(call: &Called<'_>) -> Value {
    let function = json!({ "name": call.name, "arguments": call.arguments.to_string() });
    json!({ "id": call.id, "type": "function", "function": function })
}

/// What may be called, as functions.
pub(in crate::model) fn tools(tools: &[Tool]) -> Value {
    let function = |tool: &Tool| {
        let function = json!({ "name": tool.name, "description": tool.description, "parameters": tool.parameters });
        json!({ "type": "function", "function": function })
    };
    tools.iter().map(function).collect()
}
