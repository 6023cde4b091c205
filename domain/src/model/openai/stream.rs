//! The stream of an answer as neutral events.

use serde_json::Value;

use crate::model::sse::SseParser;
use crate::model::{ModelError, ModelEvent, Stop, ToolCall};

/// The most bytes of an answer's text and arguments together: far above any limit of tokens that is asked for.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// The most calls of one answer.
const MAX_CALLS: usize = 64;

/// An answer's stream, read as it arrives.
///
/// Text is passed on at once. Calls and the one `Done` come at `[DONE]` or at the end of the body and not with
/// `finish_reason`, as some providers name a reason in more than one chunk. What follows `Done` is not read.
#[derive(Debug, Default)]
pub struct OpenAiStream {
    sse: SseParser,
    calls: Vec<Partial>,
    bytes: usize,
    refused: bool,
    /// The latest `finish_reason`.
    stop: Option<Stop>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    Done,
    Failed(ModelError),
}

/// A call of which fragments arrive.
#[derive(Debug)]
struct Partial {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl OpenAiStream {
    /// A stream of which nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes of the body. An error that follows whole events is returned by the next call, so that
    /// what was said before it is not lost.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<ModelEvent>, ModelError> {
        let mut out = Vec::new();
        if matches!(self.state, State::Open) {
            match self.sse.push(bytes) {
                Ok(events) => {
                    for event in events {
                        if let Err(error) = self.read(&event.data, &mut out) {
                            self.state = State::Failed(error);
                        }
                        if !matches!(self.state, State::Open) {
                            break;
                        }
                    }
                }
                Err(_) => self.state = State::Failed(ModelError::Malformed),
            }
        }
        match &self.state {
            State::Failed(error) if out.is_empty() => Err(error.clone()),
            _ => Ok(out),
        }
    }

    /// The end of the body: the rest of the events, `Truncated` unless a `finish_reason` was seen.
    pub fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        match &self.state {
            State::Failed(error) => Err(error.clone()),
            State::Done => Ok(Vec::new()),
            State::Open if self.stop.is_none() => {
                self.state = State::Failed(ModelError::Truncated);
                Err(ModelError::Truncated)
            }
            State::Open => {
                let mut out = Vec::new();
                self.end(&mut out);
                Ok(out)
            }
        }
    }

    fn read(&mut self, data: &str, out: &mut Vec<ModelEvent>) -> Result<(), ModelError> {
        if data.trim() == "[DONE]" {
            self.end(out);
            return Ok(());
        }
        let chunk: Value = serde_json::from_str(data).map_err(|_| ModelError::Malformed)?;
        if !chunk.is_object() {
            return Err(ModelError::Malformed);
        }
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(ModelError::Provider { status: 0, retry_after_s: None });
        }
        // Nobody asked for several choices; the first is the answer. The last chunk may have none, only usage.
        let choices = chunk.get("choices").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let first = choices.iter().find(|choice| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0);
        first.map_or(Ok(()), |choice| self.read_choice(choice, out))
    }

    fn read_choice(&mut self, choice: &Value, out: &mut Vec<ModelEvent>) -> Result<(), ModelError> {
        // Providers that do not stream with tools send one whole `message`.
        let delta = choice.get("delta").or_else(|| choice.get("message"));
        if let Some(delta) = delta {
            for field in ["content", "refusal"] {
                let Some(text) = delta.get(field).and_then(Value::as_str).filter(|text| !text.is_empty()) else {
                    continue;
                };
                self.count(text)?;
                self.refused |= field == "refusal";
                out.push(ModelEvent::Text(text.to_owned()));
            }
            for call in delta.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
                self.read_call(call)?;
            }
            // The form before `tool_calls`: one call, no id.
            if let Some(function) = delta.get("function_call").filter(|function| function.is_object()) {
                self.read_function(None, "", function)?;
            }
        }
        match choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default() {
            "" => {}
            "length" => self.stop = Some(Stop::Length),
            "content_filter" => self.stop = Some(Stop::Refused),
            // Not OpenAI's own: the provider gave up in the middle.
            "error" | "insufficient_system_resource" => {
                return Err(ModelError::Provider { status: 0, retry_after_s: None });
            }
            // `stop`, `tool_calls`, `function_call` and unknown ones: some providers say `stop` after calls and
            // others `tool_calls` after none, so the calls themselves decide.
            _ => self.stop = Some(Stop::End),
        }
        Ok(())
    }

    fn read_call(&mut self, call: &Value) -> Result<(), ModelError> {
        let index = call.get("index").and_then(Value::as_u64);
        let id = call.get("id").and_then(Value::as_str).unwrap_or_default();
        self.read_function(index, id, call.get("function").unwrap_or(&Value::Null))
    }

    fn read_function(&mut self, index: Option<u64>, id: &str, function: &Value) -> Result<(), ModelError> {
        let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
        let arguments = match function.get("arguments") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(fragment)) => fragment.clone(),
            // Some local servers send the object itself.
            Some(whole) => whole.to_string(),
        };
        self.count(name)?;
        self.count(&arguments)?;
        // Fragments belong together by index. A new id under a used index is a new call: some providers number all
        // of them 0. Where there is no index, what has no id continues the last call.
        let same = |call: &&mut Partial| match index {
            Some(_) => call.index == index,
            None => id.is_empty() || call.id == id,
        };
        let open = self.calls.iter_mut().rev().find(same);
        let open = open.filter(|call| id.is_empty() || call.id.is_empty() || call.id == id);
        if let Some(call) = open {
            if call.id.is_empty() {
                id.clone_into(&mut call.id);
            }
            // Some providers repeat the name with every fragment.
            if call.name.is_empty() {
                name.clone_into(&mut call.name);
            }
            call.arguments.push_str(&arguments);
        } else if self.calls.len() < MAX_CALLS {
            self.calls.push(Partial { index, id: id.to_owned(), name: name.to_owned(), arguments });
        } else {
            return Err(ModelError::Malformed);
        }
        Ok(())
    }

    fn count(&mut self, text: &str) -> Result<(), ModelError> {
        self.bytes += text.len();
        if self.bytes > MAX_ANSWER_BYTES { Err(ModelError::Malformed) } else { Ok(()) }
    }

    fn end(&mut self, out: &mut Vec<ModelEvent>) {
        let calls = std::mem::take(&mut self.calls);
        let stop = match self.stop.unwrap_or(Stop::End) {
            _ if self.refused => Stop::Refused,
            Stop::End if !calls.is_empty() => Stop::ToolCalls,
            stop => stop,
        };
        // A cut or refused answer's calls may be half of what was meant.
        if stop == Stop::ToolCalls {
            out.extend(calls.into_iter().zip(1..).map(|(call, number)| ModelEvent::Call(call.whole(number))));
        }
        out.push(ModelEvent::Done(stop));
        self.state = State::Done;
    }
}

impl Partial {
    fn whole(self, number: usize) -> ToolCall {
        let arguments = match self.arguments.trim() {
            // A call without arguments.
            "" => Value::Object(serde_json::Map::new()),
            text => serde_json::from_str(text).unwrap_or(Value::Null),
        };
        let id = if self.id.is_empty() { format!("call_{number}") } else { self.id };
        ToolCall { id, name: self.name, arguments }
    }
}
