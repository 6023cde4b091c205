//! A neutral request as the body of `POST {base_url}/v1/messages`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::model::history::{Called, Said, tidy};
use crate::model::{ModelRequest, Tool, context};

/// The limit where the request has none: the API wants one.
const MAX_TOKENS: u32 = 1_024;

/// Stands where the API wants the visitor to speak and they do not.
const CONTINUE: &str = "(The conversation goes on.)";

/// The body of a streaming request for `model`.
///
/// What the person's visible fields and data say stands in a system block of its own. The API refuses much that a
/// conversation may contain, so here roles take turns, the visitor speaks first and last, and no text is blank.
pub fn body(request: &ModelRequest, model: &str) -> Value {
    let said = tidy(&request.messages);
    let text = |text: String| json!({ "type": "text", "text": text });
    let system: Vec<Value> =
        [Some(context::instructions(request)), context::data(request)].into_iter().flatten().map(text).collect();

    let mut body = Map::new();
    body.insert("model".to_owned(), json!(model));
    body.insert("max_tokens".to_owned(), json!(if request.max_tokens > 0 { request.max_tokens } else { MAX_TOKENS }));
    body.insert("stream".to_owned(), json!(true));
    body.insert("system".to_owned(), Value::Array(system));
    body.insert("messages".to_owned(), messages(&said));
    let called = called(&said);
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), request.tools.iter().map(tool).collect());
        body.insert("tool_choice".to_owned(), json!({ "type": "auto" }));
    } else if !called.is_empty() {
        // The API refuses calls in the conversation where no tools are described. None of these may be called.
        let described = |name: &&str| json!({ "name": name, "input_schema": { "type": "object" } });
        body.insert("tools".to_owned(), called.iter().map(described).collect());
        body.insert("tool_choice".to_owned(), json!({ "type": "none" }));
    }
    Value::Object(body)
}

fn messages(said: &[Said<'_>]) -> Value {
    let mut out: Vec<(&'static str, Vec<Value>)> = Vec::new();
    for one in said {
        let (role, blocks) = blocks(one);
        match out.last_mut() {
            _ if blocks.is_empty() => {}
            Some((last, so_far)) if *last == role => so_far.extend(blocks),
            _ => out.push((role, blocks)),
        }
    }
    let filler = || ("user", vec![json!({ "type": "text", "text": CONTINUE })]);
    if out.first().is_none_or(|(role, _)| *role != "user") {
        out.insert(0, filler());
    }
    if out.last().is_none_or(|(role, _)| *role != "user") {
        out.push(filler());
    }
    out.into_iter().map(|(role, content)| json!({ "role": role, "content": content })).collect()
}

fn blocks(said: &Said<'_>) -> (&'static str, Vec<Value>) {
    match said {
        Said::User(words) => ("user", text(words).into_iter().collect()),
        Said::Assistant(words, calls) => {
            let call = |call: &Called<'_>| json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments });
            ("assistant", text(words).into_iter().chain(calls.iter().map(call)).collect())
        }
        Said::Results(calls) => {
            let result =
                |call: &Called<'_>| json!({ "type": "tool_result", "tool_use_id": call.id, "content": call.content });
            ("user", calls.iter().map(result).collect())
        }
    }
}

fn text(words: &str) -> Option<Value> {
    (!words.trim().is_empty()).then(|| json!({ "type": "text", "text": words }))
}

fn called<'a>(said: &'a [Said<'_>]) -> BTreeSet<&'a str> {
    let names = said.iter().flat_map(|one| match one {
        Said::Assistant(_, calls) => calls.as_slice(),
        Said::User(_) | Said::Results(_) => &[],
    });
    names.map(|call| call.name.as_str()).collect()
}

fn tool(tool: &Tool) -> Value {
    json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
}
