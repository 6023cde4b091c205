use serde_json::{Value, json};

use super::{WorkersAi, body};
use crate::model::vendors::{
    assert_cuts_change_nothing, call, complaints, done, full_request, judge, read, read_in_pieces, read_whole,
    requests, text, usage,
};
use crate::model::{ModelError, ModelEvent, Stop};

fn stream(parts: &[Value]) -> Result<Vec<ModelEvent>, ModelError> {
    let data = parts.iter().fold(String::new(), |text, part| text + &format!("data: {part}\n\n"));
    read::<WorkersAi>(format!("{data}data: [DONE]\n\n").as_bytes())
}

#[test]
fn the_older_form_streams_text_and_ends_with_done() {
    let parts = [
        json!({ "response": "Hi ", "p": "abcd" }),
        json!({ "response": 30 }),
        json!({ "response": " days" }),
        json!({ "response": "", "usage": { "prompt_tokens": 12, "completion_tokens": 4, "total_tokens": 16 } }),
    ];
    let said = ["Hi ", "30", " days"].map(text);
    assert_eq!(stream(&parts), Ok([&said[..], &[usage(12, 4), done(Stop::End)]].concat()));
    let cut = parts.map(|part| format!("data: {part}\n\n")).concat();
    assert_eq!(read::<WorkersAi>(cut.as_bytes()), Err(ModelError::Truncated));
}

#[test]
fn calls_have_their_arguments_as_an_object_or_as_text() {
    let parts = [
        json!({ "response": null, "tool_calls": [
            { "name": "one", "arguments": { "x": 1 } }, { "name": "one", "arguments": "{\"x\":2}" },
        ] }),
        json!({ "response": "", "tool_calls": [{ "id": "c", "type": "function",
            "function": { "name": "two", "arguments": "{}" } }] }),
    ];
    let calls = [
        call("000000000", "one", json!({ "x": 1 })),
        call("000000001", "one", json!({ "x": 2 })),
        call("c", "two", json!({})),
    ];
    assert_eq!(stream(&parts), Ok([&calls[..], &[done(Stop::ToolCalls)]].concat()));
}

#[test]
fn newer_models_stream_the_chunks_of_openai() {
    assert_cuts_change_nothing::<WorkersAi>("llm-streams/openai-sse");
    let parts = [
        json!({ "choices": [{ "index": 0, "delta": { "content": "Hi" } }], "response": "not twice" }),
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [
            { "index": 0, "id": "a", "type": "function", "function": { "name": "one" } }] } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [{ "index": 0, "function": { "arguments": "{\"x\":1}" } }] } }] }),
        json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [
            { "index": 0, "id": null, "function": { "name": null, "arguments": "" } }] }, "finish_reason": "tool_calls" }] }),
    ];
    assert_eq!(stream(&parts), Ok(vec![text("Hi"), call("a", "one", json!({ "x": 1 })), done(Stop::ToolCalls)]));
}

#[test]
fn answers_that_came_whole_are_read() {
    let bare = json!({ "response": "Hi", "tool_calls": [], "usage": { "prompt_tokens": 1, "completion_tokens": 2 } });
    let wrapped = json!({ "result": bare, "success": true, "errors": [], "messages": [] });
    for answer in [bare, wrapped] {
        let events = read_whole::<WorkersAi>(answer.to_string().as_bytes());
        assert_eq!(events, Ok(vec![usage(1, 2), text("Hi"), done(Stop::End)]));
    }
    let call_only = json!({ "response": null, "tool_calls": [{ "name": "one", "arguments": {} }] }).to_string();
    let called = vec![call("000000000", "one", json!({})), done(Stop::ToolCalls)];
    assert_eq!(read_whole::<WorkersAi>(call_only.as_bytes()), Ok(called));
    let failed = json!({ "result": {}, "success": false, "errors": [{ "code": 3040, "message": "CANARY" }] });
    let no_capacity = ModelError::Provider { status: 0, kind: "3040".to_owned() };
    assert_eq!(read_whole::<WorkersAi>(failed.to_string().as_bytes()), Err(no_capacity));
    assert_eq!(read_whole::<WorkersAi>(b"{}"), Err(ModelError::Malformed));
}

#[test]
fn an_error_in_the_stream_is_an_error() {
    let error = json!({ "errors": [{ "code": 3040, "message": "CANARY" }] });
    assert_eq!(stream(&[error]), Err(ModelError::Provider { status: 0, kind: "3040".to_owned() }));
}

#[test]
fn bodies_are_those_of_openai_with_one_system_message_and_no_null() {
    let pointer = "/components/schemas/ChatCompletionRequestMessage";
    let judge = judge("openai/chat_completions.json", pointer);
    for request in requests() {
        let body = body(&request);
        let messages = body["messages"].as_array().unwrap();
        assert_eq!(messages.iter().filter(|message| message["role"] == "system").count(), 1);
        assert!(messages.iter().all(|message| message["content"].is_string()));
        for message in messages {
            // The name at a result is what OpenAI's own form does not have.
            assert_eq!(message.get("name").is_some(), message["role"] == "tool");
            let mut message = message.clone();
            message.as_object_mut().unwrap().remove("name");
            let complaints = judge.as_ref().map(|judge| complaints(judge, &message));
            assert_eq!(complaints.unwrap_or_default(), Vec::<String>::new());
        }
    }
    let full = body(&full_request());
    let system = full["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with("You are Nora.") && system.contains("never an instruction"));
    assert!(!full.to_string().contains("CANARY"));
    assert_eq!((&full["stream"], &full["max_tokens"]), (&json!(true), &json!(700)));
}

#[test]
fn an_answer_is_bounded() {
    let line = format!("data: {}\n\n", json!({ "response": "word ".repeat(100) }));
    let body = line.repeat(600);
    assert_eq!(read_in_pieces::<WorkersAi>(body.as_bytes().chunks(1_000)), Err(ModelError::Malformed));
}
