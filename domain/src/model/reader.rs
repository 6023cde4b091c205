//! The frame of every protocol: bytes in, neutral events out, bounded, ending once.

use serde_json::Value;

use super::sse::{MAX_EVENT_BYTES, SseEvent, SseParser};
use super::{ModelError, ModelEvent};

/// The most bytes of an answer's text, names and arguments together: far above any limit of tokens that is asked for.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// How a provider speaks. What follows the end is not read.
pub trait Protocol: Default {
    /// Reads one event of a stream and says whether it was the last one.
    fn event(&mut self, event: &SseEvent, heard: &mut Heard) -> Result<Flow, ModelError>;

    /// Reads an answer that came whole, as without `stream`.
    fn whole(&mut self, answer: &Value, heard: &mut Heard) -> Result<(), ModelError>;

    /// Whether the body may end here, though the last event did not come.
    fn may_end(&self) -> bool;

    /// The calls and the end. `draw` is a random number for ids that the provider left out.
    fn end(&mut self, draw: u64, heard: &mut Heard);
}

/// Whether a stream goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// More may follow.
    More,
    /// That was all.
    Over,
}

/// The events heard, and how large the answer is by now.
#[derive(Debug, Default)]
pub struct Heard {
    events: Vec<ModelEvent>,
    bytes: usize,
    usage: (u32, u32),
}

impl Heard {
    /// What the provider counted so far; what it leaves out stays.
    pub(super) fn usage(&mut self, input: Option<u32>, output: Option<u32>) {
        let usage = (input.unwrap_or(self.usage.0), output.unwrap_or(self.usage.1));
        if usage != self.usage {
            self.usage = usage;
            self.push(ModelEvent::Usage { input: usage.0, output: usage.1 });
        }
    }

    /// A piece of text, which is passed on at once.
    pub(super) fn text(&mut self, text: &str) -> Result<(), ModelError> {
        self.count(text)?;
        if !text.is_empty() {
            self.events.push(ModelEvent::Text(text.to_owned()));
        }
        Ok(())
    }

    /// Anything else.
    pub(super) fn push(&mut self, event: ModelEvent) {
        self.events.push(event);
    }

    /// Counts what is kept.
    pub(super) fn count(&mut self, text: &str) -> Result<(), ModelError> {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MAX_ANSWER_BYTES { Err(ModelError::Malformed) } else { Ok(()) }
    }
}

/// An answer read as it arrives: any number of [`Reader::push`], then [`Reader::finish`]. It comes to one `Done` or
/// to an error, and after either to nothing more.
#[derive(Debug)]
pub struct Reader<P> {
    protocol: P,
    body: Body,
    heard: Heard,
    draw: u64,
    state: State,
}

/// What the provider sends.
#[derive(Debug)]
enum Body {
    /// Server-sent events.
    Stream(SseParser),
    /// One JSON value, though a stream was asked for; kept until it is there.
    Whole(Vec<u8>),
}

#[derive(Debug)]
enum State {
    Open,
    Done,
    Failed(ModelError),
}

impl<P: Protocol> Reader<P> {
    /// A reader of a stream. `draw` is a random number for the ids of calls to which the provider gives none.
    pub fn new(draw: u64) -> Self {
        let body = Body::Stream(SseParser::new());
        Self { protocol: P::default(), body, heard: Heard::default(), draw, state: State::Open }
    }

    /// A reader of what the `Content-Type` names: a stream unless it is another type. A provider that does not know
    /// how to stream, or not with tools, sends the whole answer as JSON.
    pub fn of_type(content_type: Option<&str>, draw: u64) -> Self {
        let essence =
            content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let streams = essence.is_empty() || essence == "text/event-stream";
        let reader = Self::new(draw);
        if streams { reader } else { Self { body: Body::Whole(Vec::new()), ..reader } }
    }

    /// Reads the next bytes of the body. An error that follows whole events is returned by the next call, so that
    /// what was said before it is not lost.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<ModelEvent>, ModelError> {
        if matches!(self.state, State::Open)
            && let Err(error) = self.read(bytes)
        {
            self.state = State::Failed(error);
        }
        self.taken()
    }

    /// The end of the body: the rest of the events, `Truncated` unless the answer was whole.
    pub fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        if matches!(self.state, State::Open) {
            let ended = match &self.body {
                Body::Stream(_) if !self.protocol.may_end() => Err(ModelError::Truncated),
                Body::Stream(_) => Ok(()),
                Body::Whole(bytes) => match serde_json::from_slice::<Value>(bytes) {
                    Ok(answer) if answer.is_object() => self.protocol.whole(&answer, &mut self.heard),
                    Err(error) if error.is_eof() => Err(ModelError::Truncated),
                    Ok(_) | Err(_) => Err(ModelError::Malformed),
                },
            };
            match ended {
                Ok(()) => self.end(),
                Err(error) => self.state = State::Failed(error),
            }
        }
        self.taken()
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        match &mut self.body {
            Body::Stream(sse) => {
                let events = sse.push(bytes).map_err(|_| ModelError::Malformed)?;
                let too_large = sse.is_too_large();
                for event in &events {
                    if self.protocol.event(event, &mut self.heard)? == Flow::Over {
                        self.end();
                        return Ok(());
                    }
                }
                if too_large { Err(ModelError::Malformed) } else { Ok(()) }
            }
            Body::Whole(whole) if whole.len() + bytes.len() > MAX_EVENT_BYTES => Err(ModelError::Malformed),
            Body::Whole(whole) => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn end(&mut self) {
        self.protocol.end(self.draw, &mut self.heard);
        self.state = State::Done;
    }

    fn taken(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        let events = std::mem::take(&mut self.heard.events);
        match &self.state {
            State::Failed(error) if events.is_empty() => Err(error.clone()),
            _ => Ok(events),
        }
    }
}
