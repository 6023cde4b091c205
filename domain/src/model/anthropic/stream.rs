//! The events of an answer as neutral ones.

use serde_json::Value;

use crate::model::calls::{Calls, Fragment};
use crate::model::reader::{Flow, Heard, Protocol, Reader};
use crate::model::sse::SseEvent;
use crate::model::usage::tokens;
use crate::model::{ModelError, ModelEvent, Stop};

/// An answer's stream, read as it arrives. Text is passed on at once, calls come with `message_stop`.
pub type AnthropicStream = Reader<Anthropic>;

/// Messages as Anthropic streams them.
///
/// Of the content only text and calls of our tools are read: thinking, and tools that run at the provider, are not
/// ours. What is not known is read over, as the API announces that it will grow.
#[derive(Debug, Default)]
pub struct Anthropic {
    calls: Calls,
    stop: Option<Stop>,
}

impl Protocol for Anthropic {
    fn event(&mut self, event: &SseEvent, heard: &mut Heard) -> Result<Flow, ModelError> {
        let data: Value = serde_json::from_str(&event.data).map_err(|_| ModelError::Malformed)?;
        if !data.is_object() {
            return Err(ModelError::Malformed);
        }
        let nothing = Value::Null;
        let part = |name: &str| data.get(name).unwrap_or(&nothing);
        let index = part("index").as_u64();
        match part("type").as_str().unwrap_or(&event.event) {
            "message_start" => self.start(part("message"), heard)?,
            "content_block_start" => self.block(index, part("content_block"), heard)?,
            "content_block_delta" => self.delta(index, part("delta"), heard)?,
            "message_delta" => {
                usage(part("usage"), heard);
                self.stopped(part("delta").get("stop_reason"));
            }
            "message_stop" => return Ok(Flow::Over),
            "error" => return Err(ModelError::of_event(part("error"))),
            // `ping`, `content_block_stop`, and what is yet to come.
            _ => {}
        }
        Ok(Flow::More)
    }

    fn whole(&mut self, answer: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            return Err(ModelError::of_event(error));
        }
        if answer.get("type").and_then(Value::as_str) != Some("message") {
            return Err(ModelError::Malformed);
        }
        self.start(answer, heard)
    }

    fn may_end(&self) -> bool {
        self.stop.is_some()
    }

    fn end(&mut self, draw: u64, heard: &mut Heard) {
        let calls = std::mem::take(&mut self.calls);
        let stop = match self.stop.unwrap_or(Stop::End) {
            Stop::End if !calls.is_empty() => Stop::ToolCalls,
            Stop::ToolCalls if calls.is_empty() => Stop::End,
            stop => stop,
        };
        // A cut or refused answer's calls may be half of what was meant.
        if stop == Stop::ToolCalls {
            calls.whole(draw).into_iter().for_each(|call| heard.push(ModelEvent::Call(call)));
        }
        heard.push(ModelEvent::Done(stop));
    }
}

impl Anthropic {
    /// A message begins, or is there whole. One that begins within another takes its place: calls of the first are
    /// dropped, as they may be halves; its text was passed on already.
    fn start(&mut self, message: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        *self = Self::default();
        usage(message.get("usage").unwrap_or(&Value::Null), heard);
        let blocks = message.get("content").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for block in blocks {
            self.block(None, block, heard)?;
        }
        self.stopped(message.get("stop_reason"));
        Ok(())
    }

    fn block(&mut self, index: Option<u64>, block: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        let part = |name: &str| block.get(name).and_then(Value::as_str).unwrap_or_default();
        match part("type") {
            "text" => heard.text(part("text")),
            "tool_use" => {
                // Empty while the arguments are still to come.
                let input = block.get("input").and_then(Value::as_object).filter(|input| !input.is_empty());
                let input = input.and_then(|input| serde_json::to_string(input).ok()).unwrap_or_default();
                let fragment = Fragment { index, id: part("id"), name: part("name"), arguments: &input };
                self.calls.begin(&fragment, heard)
            }
            _ => Ok(()),
        }
    }

    fn delta(&mut self, index: Option<u64>, delta: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        let part = |name: &str| delta.get(name).and_then(Value::as_str).unwrap_or_default();
        match part("type") {
            "text_delta" => heard.text(part("text")),
            // Of a block that is not ours it finds no call.
            "input_json_delta" => self.calls.more(index, part("partial_json"), heard),
            _ => Ok(()),
        }
    }

    fn stopped(&mut self, reason: Option<&Value>) {
        let Some(reason) = reason.and_then(Value::as_str) else { return };
        self.stop = Some(match reason {
            "tool_use" => Stop::ToolCalls,
            // The third waits for a tool that runs at the provider; we offer none, so it is an answer that is cut.
            "max_tokens" | "model_context_window_exceeded" | "pause_turn" => Stop::Length,
            "refusal" => Stop::Refused,
            // `end_turn`, `stop_sequence`, and what is yet to come.
            _ => Stop::End,
        });
    }
}

/// Tokens of the request that were read from the provider's cache, or written to it, are counted apart.
fn usage(usage: &Value, heard: &mut Heard) {
    let part = |name: &str| tokens(usage, name);
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].map(|name| part(name).unwrap_or(0));
    let input = part("input_tokens").map(|tokens| cached.iter().fold(tokens, |sum, more| sum.saturating_add(*more)));
    heard.usage(input, part("output_tokens"));
}
