//! The events of an answer as neutral ones.

use serde_json::Value;

use crate::model::ModelError;
use crate::model::openai::{OpenAi, chunk_of};
use crate::model::reader::{Flow, Heard, Protocol, Reader};
use crate::model::sse::SseEvent;

/// An answer's stream, read as it arrives.
pub type WorkersAiStream = Reader<WorkersAi>;

/// What the models there stream: newer ones `OpenAI`'s chunks, older ones `{"response": …, "tool_calls": […]}` with
/// arguments as an object. Both end with `[DONE]`; the older form names no reason.
#[derive(Debug, Default)]
pub struct WorkersAi {
    chunks: OpenAi,
}

impl Protocol for WorkersAi {
    fn event(&mut self, event: &SseEvent, heard: &mut Heard) -> Result<Flow, ModelError> {
        match chunk_of(event)? {
            None => Ok(Flow::Over),
            Some(chunk) => self.chunk(&chunk, heard).map(|()| Flow::More),
        }
    }

    fn whole(&mut self, answer: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        failed(answer)?;
        // The REST API wraps what the binding gives bare.
        let answer = answer.get("result").filter(|result| result.is_object()).unwrap_or(answer);
        self.chunk(answer, heard)?;
        let known = ["response", "tool_calls", "choices"].iter().any(|name| answer.get(name).is_some());
        if known { Ok(()) } else { Err(ModelError::Malformed) }
    }

    fn may_end(&self) -> bool {
        self.chunks.may_end()
    }

    fn end(&mut self, draw: u64, heard: &mut Heard) {
        self.chunks.end(draw, heard);
    }
}

impl WorkersAi {
    fn chunk(&mut self, chunk: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        failed(chunk)?;
        self.chunks.chunk(chunk, heard)?;
        if chunk.get("choices").is_some_and(Value::is_array) {
            return Ok(());
        }
        match chunk.get("response") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => heard.text(text)?,
            // A token that reads as a number, or an answer in JSON.
            Some(other) => heard.text(&other.to_string())?,
        }
        for call in chunk.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
            self.chunks.call(call, heard)?;
        }
        Ok(())
    }
}

fn failed(chunk: &Value) -> Result<(), ModelError> {
    let errors = chunk.get("errors").and_then(Value::as_array);
    let Some(error) = errors.and_then(|errors| errors.first()) else { return Ok(()) };
    // The codes there are no HTTP statuses: 3040 is a model without capacity.
    let code = error.get("code").and_then(Value::as_u64).unwrap_or(0);
    Err(ModelError::Provider { status: 0, kind: code.to_string() })
}
