//! The chunks of an answer as neutral events.

use serde_json::Value;

use crate::model::calls::{Calls, Fragment};
use crate::model::reader::{Flow, Heard, Protocol, Reader};
use crate::model::sse::SseEvent;
use crate::model::usage::tokens;
use crate::model::{ModelError, ModelEvent, Stop};

/// An answer's stream, read as it arrives.
///
/// Text is passed on at once. Calls and the one `Done` come at `[DONE]` or at the end of the body and not with
/// `finish_reason`, as some providers name a reason in more than one chunk.
pub type OpenAiStream = Reader<OpenAi>;

/// Chat completions as `OpenAI` and those who follow it send them.
#[derive(Debug, Default)]
pub struct OpenAi {
    calls: Calls,
    refused: bool,
    /// The latest `finish_reason`.
    stop: Option<Stop>,
}

/// The chunk of an event; none when it is `[DONE]`.
pub(in crate::model) fn chunk_of(event: &SseEvent) -> Result<Option<Value>, ModelError> {
    if event.data.trim() == "[DONE]" {
        return Ok(None);
    }
    let chunk: Value = serde_json::from_str(&event.data).map_err(|_| ModelError::Malformed)?;
    if chunk.is_object() { Ok(Some(chunk)) } else { Err(ModelError::Malformed) }
}

impl Protocol for OpenAi {
    fn event(&mut self, event: &SseEvent, heard: &mut Heard) -> Result<Flow, ModelError> {
        match chunk_of(event)? {
            None => Ok(Flow::Over),
            Some(chunk) => self.chunk(&chunk, heard).map(|()| Flow::More),
        }
    }

    fn whole(&mut self, answer: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        self.chunk(answer, heard)?;
        let chosen = answer.get("choices").and_then(Value::as_array).is_some_and(|choices| !choices.is_empty());
        if chosen { Ok(()) } else { Err(ModelError::Malformed) }
    }

    fn may_end(&self) -> bool {
        self.stop.is_some()
    }

    fn end(&mut self, draw: u64, heard: &mut Heard) {
        let calls = std::mem::take(&mut self.calls);
        let stop = match self.stop.unwrap_or(Stop::End) {
            _ if self.refused => Stop::Refused,
            Stop::End if !calls.is_empty() => Stop::ToolCalls,
            stop => stop,
        };
        // A cut or refused answer's calls may be half of what was meant.
        if stop == Stop::ToolCalls {
            calls.whole(draw).into_iter().for_each(|call| heard.push(ModelEvent::Call(call)));
        }
        heard.push(ModelEvent::Done(stop));
    }
}

impl OpenAi {
    /// Reads one chunk, or a whole answer, which has the same form but for `message`.
    pub(in crate::model) fn chunk(&mut self, chunk: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
            return Err(ModelError::of_event(error));
        }
        // Groq has it in a field of its own, others send `null` with every chunk.
        let own = chunk.get("x_groq").and_then(|groq| groq.get("usage"));
        for usage in [chunk.get("usage"), own].into_iter().flatten() {
            heard.usage(tokens(usage, "prompt_tokens"), tokens(usage, "completion_tokens"));
        }
        // Nobody asked for several choices; the first is the answer. The first and the last chunk may have none:
        // what Azure's filter says of the request, and usage.
        let choices = chunk.get("choices").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let first = choices.iter().find(|choice| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0);
        first.map_or(Ok(()), |choice| self.choice(choice, heard))
    }

    fn choice(&mut self, choice: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        // Providers that do not stream with tools send one whole `message`. Others send both, one of them null.
        let delta =
            ["delta", "message"].into_iter().find_map(|name| choice.get(name).filter(|delta| delta.is_object()));
        if let Some(delta) = delta {
            self.delta(delta, heard)?;
        }
        match choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default() {
            "" => {}
            // Mistral's second is a model whose window is full.
            "length" | "model_length" => self.stop = Some(Stop::Length),
            "content_filter" => self.stop = Some(Stop::Refused),
            // Not OpenAI's own: the provider gave up in the middle.
            reason @ ("error" | "insufficient_system_resource") => {
                return Err(ModelError::Provider { status: 0, kind: reason.to_owned() });
            }
            // `stop`, `tool_calls`, `function_call` and unknown ones: some providers say `stop` after calls and
            // others `tool_calls` after none, so the calls themselves decide.
            _ => self.stop = Some(Stop::End),
        }
        Ok(())
    }

    /// What a reasoning model thinks (`reasoning_content`, `reasoning`) is not said and not kept.
    fn delta(&mut self, delta: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        match delta.get("content") {
            Some(Value::String(text)) => heard.text(text)?,
            // Mistral's reasoning models send parts, of which those of the type `text` are the answer.
            Some(Value::Array(parts)) => {
                for text in parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)) {
                    heard.text(text)?;
                }
            }
            _ => {}
        }
        if let Some(text) = delta.get("refusal").and_then(Value::as_str).filter(|text| !text.is_empty()) {
            self.refused = true;
            heard.text(text)?;
        }
        for call in delta.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
            self.call(call, heard)?;
        }
        // The form before `tool_calls`: one call, no id.
        if let Some(function) = delta.get("function_call").filter(|function| function.is_object()) {
            self.function(None, "", function, heard)?;
        }
        Ok(())
    }

    /// Reads a call or a piece of one; Workers AI's own form has the function's fields in the call itself.
    pub(in crate::model) fn call(&mut self, call: &Value, heard: &mut Heard) -> Result<(), ModelError> {
        let index = call.get("index").and_then(Value::as_u64);
        let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
        self.function(index, id, call.get("function").unwrap_or(call), heard)
    }

    fn function(
        &mut self,
        index: Option<u64>,
        id: &str,
        function: &Value,
        heard: &mut Heard,
    ) -> Result<(), ModelError> {
        let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
        let whole;
        let arguments = match function.get("arguments") {
            None | Some(Value::Null) => "",
            Some(Value::String(fragment)) => fragment,
            // Some local servers send the object itself.
            Some(object) => {
                whole = object.to_string();
                &whole
            }
        };
        self.calls.fragment(&Fragment { index, id, name, arguments }, heard)
    }
}
