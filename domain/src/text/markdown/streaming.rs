//! A text that grows, as blocks of which only the end is parsed again.

use shared::block::Block;

use super::{MAX_BLOCKS, blocks, last_block_start, parsed};

/// Builds the blocks of a text that arrives in pieces.
///
/// In `CommonMark` a line is decided by the lines before it, and only the last outermost block is still open. So what
/// stands before the last block of the complete lines can change no more and is not parsed again. The exception is a
/// definition of a link (`[label]: …`), which changes text before it: a text that may hold one is parsed whole.
#[derive(Debug, Default)]
pub struct Streaming {
    text: String,
    /// The part of the text that is still open, with one kind of line ending.
    tail: String,
    /// A CR was the last character: a LF that follows belongs to it.
    after_cr: bool,
    /// `]:` was seen.
    has_definitions: bool,
    blocks: Vec<Block>,
    /// How many of `blocks` can change no more.
    settled: usize,
}

impl Streaming {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a piece. Where that changes what is shown: the blocks from an index on are now these, and all before it
    /// are as they were.
    pub fn push(&mut self, text: &str) -> Option<(u32, Vec<Block>)> {
        if text.is_empty() {
            return None;
        }
        self.text.push_str(text);
        let fresh = if self.has_definitions {
            blocks(&self.text)
        } else {
            for c in text.chars() {
                let belongs_to_cr = std::mem::replace(&mut self.after_cr, c == '\r') && c == '\n';
                if !belongs_to_cr {
                    self.tail.push(if c == '\r' { '\n' } else { c });
                }
            }
            // The two characters may have come in two pieces.
            if self.tail.contains("]:") {
                self.has_definitions = true;
                self.settled = 0;
                blocks(&self.text)
            } else {
                parsed(&self.tail)
            }
        };
        let delta = self.replace(fresh);
        if !self.has_definitions && text.contains(['\n', '\r']) {
            self.settle();
        }
        delta
    }

    /// The whole text as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All blocks.
    pub fn snapshot(&self) -> &[Block] {
        &self.blocks
    }

    /// Puts `fresh` after the settled blocks and says from where that is a change.
    fn replace(&mut self, mut fresh: Vec<Block>) -> Option<(u32, Vec<Block>)> {
        fresh.truncate(MAX_BLOCKS.saturating_sub(self.settled));
        let old = self.blocks.get(self.settled..).unwrap_or_default();
        let same = old.iter().zip(&fresh).take_while(|(old, fresh)| old == fresh).count();
        let unchanged = same == old.len() && same == fresh.len();
        if unchanged {
            return None;
        }
        let from = self.settled + same;
        self.blocks.truncate(from);
        self.blocks.extend(fresh.drain(same..));
        let changed = self.blocks.get(from..).unwrap_or_default().to_vec();
        Some((u32::try_from(from).unwrap_or(u32::MAX), changed))
    }

    /// Lets go of the blocks that can change no more.
    fn settle(&mut self) {
        let complete = self.tail.rfind('\n').map_or(0, |newline| newline + 1);
        let start = last_block_start(self.tail.get(..complete).unwrap_or_default());
        if start == 0 {
            return;
        }
        let settled = parsed(self.tail.get(..start).unwrap_or_default()).len();
        self.settled = (self.settled + settled).min(MAX_BLOCKS);
        self.tail.drain(..start);
    }
}
