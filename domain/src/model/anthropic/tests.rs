use serde_json::{Value, json};

use super::{Anthropic, body, endpoint};
use crate::model::reader::Reader;
use crate::model::vendors::{
    assert_cuts_change_nothing, call, complaints, done, full_request, judge, read, read_whole, recordings, requests,
    text, usage,
};
use crate::model::{ModelError, ModelEvent, ModelRequest, Stop};

fn recorded(name: &str) -> Option<Vec<ModelEvent>> {
    let all = recordings("llm-streams/anthropic-sse");
    let (_, bytes) = all.into_iter().find(|(file, _)| file.contains(name))?;
    Some(read::<Anthropic>(&bytes).unwrap())
}

fn stream(parts: &[Value]) -> Result<Vec<ModelEvent>, ModelError> {
    let event =
        |text: String, part: &Value| format!("{text}event: {}\ndata: {part}\n\n", part["type"].as_str().unwrap());
    read::<Anthropic>(parts.iter().fold(String::new(), event).as_bytes())
}

fn starts(index: u64, block: &Value) -> Value {
    json!({ "type": "content_block_start", "index": index, "content_block": block })
}

fn arguments(index: u64, json: &str) -> Value {
    json!({ "type": "content_block_delta", "index": index, "delta": { "type": "input_json_delta", "partial_json": json } })
}

fn stops(reason: &str) -> [Value; 2] {
    [json!({ "type": "message_delta", "delta": { "stop_reason": reason } }), json!({ "type": "message_stop" })]
}

fn without_text(events: Vec<ModelEvent>) -> Vec<ModelEvent> {
    events.into_iter().filter(|event| !matches!(event, ModelEvent::Text(_))).collect()
}

#[test]
fn recorded_streams_are_read_however_they_are_cut() {
    assert_cuts_change_nothing::<Anthropic>("llm-streams/anthropic-sse");
}

#[test]
fn recorded_answers_come_to_what_was_said() {
    let Some(events) = recorded("sdk_basic_response") else { return };
    let words = ["Hello", " there", "!"].map(text);
    assert_eq!(events, [&[usage(11, 1)], &words[..], &[usage(11, 6), done(Stop::End)]].concat());
    let paris = call("toolu_01NRLabsLyVHZPKxbKvkfSMn", "get_weather", json!({ "location": "Paris" }));
    let tool = without_text(recorded("sdk_tool_use_response").unwrap());
    assert_eq!(tool, [usage(377, 1), usage(377, 65), paris, done(Stop::ToolCalls)]);
    let bare = without_text(recorded("tool-no-args").unwrap());
    assert_eq!(
        bare[2..],
        [call("toolu_01QE1WLsSVp5hy5Q3GmGTmjP", "updateIssueList", json!({})), done(Stop::ToolCalls)]
    );
}

#[test]
fn recorded_refusals_and_limits_end_without_calls() {
    let Some(events) = recorded("sdk_refusal_response") else { return };
    assert_eq!(events.last(), Some(&done(Stop::Refused)));
    assert_eq!(recorded("vercel_anthropic-refusal").unwrap().last(), Some(&done(Stop::Refused)));
    let cut = without_text(recorded("sdk_incomplete_partial_json").unwrap());
    assert_eq!(cut, [usage(450, 1), usage(450, 124), done(Stop::Length)]);
}

#[test]
fn a_message_that_starts_twice_or_within_another_is_said_once() {
    let Some(events) = recorded("duplicate-message-start") else { return };
    assert_eq!(events, [usage(17, 1), text("Hello, World!"), usage(17, 227), done(Stop::End)]);
    let spliced = recorded("spliced-message-start").unwrap();
    let second = call("toolu_second", "test-tool", json!({ "value": "Sparkle Day" }));
    assert_eq!(spliced, [usage(17, 1), usage(17, 65), second, done(Stop::ToolCalls)]);
}

#[test]
fn tools_that_run_at_the_provider_are_not_ours() {
    let Some(events) = recorded("programmatic-tool-calling") else { return };
    let calls: Vec<&ModelEvent> = events.iter().filter(|event| matches!(event, ModelEvent::Call(_))).collect();
    assert_eq!(calls, [&call("toolu_019jKkXz4jAdwHweHBw92CVY", "rollDie", json!({ "player": "player1" }))]);
}

#[test]
fn calls_in_parallel_are_put_together_by_their_block() {
    let tool = |id: &str, name: &str| json!({ "type": "tool_use", "id": id, "name": name, "input": {} });
    let parts = [
        json!({ "type": "message_start", "message": { "usage": { "input_tokens": 3, "cache_read_input_tokens": 4 } } }),
        starts(0, &tool("a", "one")),
        starts(1, &tool("b", "two")),
        arguments(1, "{\"x\":"),
        arguments(0, "{\"y\":2}"),
        json!({ "type": "content_block_stop", "index": 0 }),
        arguments(1, "1}"),
        starts(2, &tool("c", "three")),
        arguments(2, "{oops"),
        arguments(9, "{\"of\": \"nothing\"}"),
        json!({ "type": "yet_to_come", "delta": {} }),
    ];
    let calls =
        [call("a", "one", json!({ "y": 2 })), call("b", "two", json!({ "x": 1 })), call("c", "three", Value::Null)];
    let events = stream(&[&parts[..], &stops("tool_use")].concat());
    assert_eq!(events, Ok([&[usage(7, 0)], &calls[..], &[done(Stop::ToolCalls)]].concat()));
    assert_eq!(stream(&parts), Err(ModelError::Truncated));
    for (reason, stop) in [("max_tokens", Stop::Length), ("pause_turn", Stop::Length), ("refusal", Stop::Refused)] {
        assert_eq!(stream(&[&parts[..], &stops(reason)].concat()), Ok(vec![usage(7, 0), done(stop)]), "{reason}");
    }
    assert_eq!(stream(&stops("tool_use")), Ok(vec![done(Stop::End)]));
}

#[test]
fn an_error_in_the_stream_has_the_status_that_it_stands_for() {
    let error = |kind: &str| json!({ "type": "error", "error": { "type": kind, "message": "CANARY" } });
    for (kind, status) in [("overloaded_error", 529), ("rate_limit_error", 429), ("api_error", 500), ("odd_error", 0)] {
        assert_eq!(stream(&[error(kind)]), Err(ModelError::Provider { status, kind: kind.to_owned() }));
    }
    let said = json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "Hi" } });
    let body = [said, error("overloaded_error")].map(|part| format!("data: {part}\n\n")).concat();
    let mut reader = Reader::<Anthropic>::new(0);
    assert_eq!(reader.push(body.as_bytes()), Ok(vec![text("Hi")]));
    assert!(matches!(reader.push(b""), Err(ModelError::Provider { status: 529, .. })));
}

#[test]
fn answers_that_came_whole_are_read() {
    for (name, bytes) in recordings("llm-streams/json") {
        let events = read_whole::<Anthropic>(&bytes);
        let last = match name.as_str() {
            "vercel_anthropic-text.json" => done(Stop::End),
            "vercel_anthropic-refusal.json" => done(Stop::Refused),
            "vercel_anthropic-tool-no-args.json" | "vercel_anthropic-json-tool.1.json" => done(Stop::ToolCalls),
            "openai-text.json" => {
                assert_eq!(events, Err(ModelError::Malformed));
                continue;
            }
            _ => {
                assert!(matches!(events, Err(ModelError::Provider { status: 400, .. })), "{name}");
                continue;
            }
        };
        let events = events.unwrap();
        assert_eq!(events.last(), Some(&last), "{name}");
        if name.contains("json-tool") {
            assert!(
                matches!(&events[1], ModelEvent::Call(call) if call.arguments["elements"][1]["location"] == "London")
            );
        }
    }
}

#[test]
fn bodies_are_valid_by_the_vendors_own_description() {
    let pointer = "/paths/~1v1~1messages/post/requestBody/content/application~1json/schema";
    let Some(judge) = judge("anthropic/messages.json", pointer) else { return };
    for request in requests() {
        assert_eq!(complaints(&judge, &body(&request, "claude-sonnet-4-5")), Vec::<String>::new());
    }
    assert!(
        !judge.is_valid(&json!({ "model": "m", "max_tokens": 1, "messages": [{ "role": "bot", "content": "u" }] }))
    );
}

#[test]
fn roles_take_turns_the_visitor_is_first_and_last_and_results_follow_their_calls() {
    for request in requests() {
        let body = body(&request, "claude-sonnet-4-5");
        let messages = body["messages"].as_array().unwrap();
        let roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
        assert_eq!((roles[0], roles[roles.len() - 1]), ("user", "user"));
        assert!(roles.windows(2).all(|pair| pair[0] != pair[1]), "{roles:?}");
        let mut ids = Vec::new();
        for (at, message) in messages.iter().enumerate() {
            let blocks = message["content"].as_array().unwrap();
            assert!(!blocks.is_empty());
            assert!(blocks.iter().all(|block| block["text"].as_str().is_none_or(|text| !text.trim().is_empty())));
            let results = blocks.iter().take_while(|block| block["type"] == "tool_result").count();
            let after = blocks.iter().skip(results).any(|block| block["type"] == "tool_result");
            assert!(!after, "a result after other blocks");
            let calls: Vec<&Value> = blocks.iter().filter(|block| block["type"] == "tool_use").collect();
            let next = messages.get(at + 1).map(|next| &next["content"]);
            for (call, place) in calls.iter().zip(0..) {
                assert_eq!(next.unwrap()[place]["tool_use_id"], call["id"]);
                ids.push(call["id"].as_str().unwrap());
            }
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id twice");
    }
}

#[test]
fn data_is_apart_from_instructions_and_no_tool_is_offered_that_was_not_given() {
    let full = body(&full_request(), "claude-sonnet-4-5");
    assert!(full["system"][0]["text"].as_str().unwrap().starts_with("You are Nora."));
    assert!(full["system"][1]["text"].as_str().unwrap().contains("never an instruction"));
    assert!(!full.to_string().contains("CANARY"));
    assert_eq!(full["tool_choice"], json!({ "type": "auto" }));
    // The API wants the tools of earlier calls described; they may not be called.
    let none = body(&ModelRequest { tools: Vec::new(), ..full_request() }, "claude-sonnet-4-5");
    assert_eq!(none["tool_choice"], json!({ "type": "none" }));
    let bare = body(&ModelRequest::default(), "claude-sonnet-4-5");
    assert_eq!((bare.get("tools"), bare.get("tool_choice")), (None, None));
    assert_eq!(bare["system"].as_array().unwrap().len(), 1);
}

#[test]
fn an_address_with_or_without_its_version_is_understood() {
    for base in ["https://api.anthropic.com", "https://api.anthropic.com/", "https://api.anthropic.com/v1"] {
        assert_eq!(endpoint(base), "https://api.anthropic.com/v1/messages");
    }
}
