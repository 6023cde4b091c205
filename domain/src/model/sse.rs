//! Server-Sent Events, parsed as they arrive: "event stream interpretation" of the WHATWG HTML standard.
//!
//! A body arrives in pieces cut anywhere, inside a line, a character or a CRLF; what comes out does not depend on the
//! cuts. `id` and `retry` are read over: nobody here reconnects to a model.

/// The most bytes of one event, its unfinished line included.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// Its type, `message` where the stream names none.
    pub event: String,
    /// Its data, several lines joined by a newline.
    pub data: String,
}

/// An event was larger than [`MAX_EVENT_BYTES`]. The parser stays in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// Reads a stream of events. An event that is not closed by a blank line at the end of the body is no event.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    event: String,
    data: String,
    /// A CR just ended a line: a LF that follows belongs to it.
    after_cr: bool,
    /// The first line, which may begin with a byte order mark, was read.
    started: bool,
    too_large: bool,
}

impl SseParser {
    /// A parser that has read nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes of the body and returns the events that they complete. The events before one that is too
    /// large are returned; the next call fails.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, TooLarge> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() && !self.too_large {
            if std::mem::take(&mut self.after_cr)
                && let Some(after) = rest.strip_prefix(b"\n")
            {
                rest = after;
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let (piece, tail) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, &[]));
            if self.line.len() + piece.len() + self.data.len() + self.event.len() > MAX_EVENT_BYTES {
                self.too_large = true;
                break;
            }
            self.line.extend_from_slice(piece);
            if let Some((ending, after)) = tail.split_first() {
                self.after_cr = *ending == b'\r';
                events.extend(self.end_line());
                rest = after;
            } else {
                rest = tail;
            }
        }
        if self.too_large && events.is_empty() { Err(TooLarge) } else { Ok(events) }
    }

    /// Whether an event was too large.
    pub fn is_too_large(&self) -> bool {
        self.too_large
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let bytes = std::mem::take(&mut self.line);
        let bytes = if std::mem::replace(&mut self.started, true) {
            bytes.as_slice()
        } else {
            bytes.strip_prefix(BOM).unwrap_or(&bytes)
        };
        // Line ends are ASCII, so decoding a line at a time replaces the same bytes as decoding the whole stream.
        let line = String::from_utf8_lossy(bytes);
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            // A comment (the field before its colon is empty), `id`, `retry`, and what the standard does not name.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        let event = std::mem::take(&mut self.event);
        let mut data = std::mem::take(&mut self.data);
        // Every data line left its newline, so empty means that there was none. The last newline is not data.
        data.pop()?;
        Some(SseEvent { event: if event.is_empty() { "message".to_owned() } else { event }, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
    use proptest::sample::Index;

    use super::{MAX_EVENT_BYTES, SseEvent, SseParser, TooLarge};

    fn whole(bytes: &[u8]) -> Vec<SseEvent> {
        SseParser::new().push(bytes).unwrap()
    }

    fn message(data: &str) -> SseEvent {
        SseEvent { event: "message".to_owned(), data: data.to_owned() }
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        assert_eq!(whole(b"data: YHOO\ndata: +2\ndata: 10\n\n"), [message("YHOO\n+2\n10")]);
        assert_eq!(
            whole(b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event"),
            [message("first event"), message("second event")]
        );
        assert_eq!(whole(b"data\n\ndata\ndata\n\ndata:"), [message(""), message("\n")]);
        assert_eq!(whole(b"data:test\n\ndata: test\n\n"), [message("test"), message("test")]);
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        for text in ["data: a\r\rdata: b\r\r", "data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n"] {
            assert_eq!(whole(text.as_bytes()), [message("a"), message("b")], "{text:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_dropped_once() {
        assert_eq!(whole(b"\xEF\xBB\xBFdata: a\n\n"), [message("a")]);
        assert_eq!(whole(b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n\n"), []);
    }

    #[test]
    fn an_event_may_have_a_type_and_it_is_forgotten_with_the_event() {
        let events = whole(b"event: error\ndata: a\n\nevent: lost\n\ndata: b\n\n");
        assert_eq!(events, [SseEvent { event: "error".to_owned(), data: "a".to_owned() }, message("b")]);
    }

    #[test]
    fn bytes_that_are_no_utf_8_become_the_replacement_character() {
        assert_eq!(whole(b"data: a\xFFb\xE2\x82\n\n"), [message("a\u{FFFD}b\u{FFFD}")]);
    }

    #[test]
    fn an_event_that_never_ends_is_refused() {
        let mut parser = SseParser::new();
        let line = [b'a'; 1000];
        let mut pushed = 0;
        while parser.push(&line).is_ok() {
            pushed += line.len();
            assert!(pushed <= MAX_EVENT_BYTES);
        }
        assert_eq!(parser.push(b"\n\ndata: a\n\n"), Err(TooLarge));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_cuts_give_the_same_events(
            text in "(data|event|id|:|\u{FEFF}|:| |é|€|😀|x|\r|\n|\r\n|\n\n){0,60}",
            cuts in proptest::collection::vec(any::<Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let mut parser = SseParser::new();
            let mut events = Vec::new();
            let mut from = 0;
            for to in cuts {
                events.extend(parser.push(&bytes[from..to]).unwrap());
                from = to;
            }
            prop_assert_eq!(events, whole(bytes));
        }
    }
}
