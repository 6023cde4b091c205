//! Markdown to typed blocks (C1, R43, R44): `CommonMark` with tables. HTML stays text, images become their
//! alternative text, and a link leads to `http`, `https`, `mailto` or `tel` or is text.
//!
//! Strikethrough is not read as such: blocks have no form for it, and `~~$50~~ $40` must not become `$50 $40`.

mod build;
mod link;
mod streaming;

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser};
use shared::block::Block;

pub use streaming::Streaming;

/// The most blocks of a text; what follows is left out.
pub const MAX_BLOCKS: usize = 2_000;

/// A whole text as blocks.
pub fn blocks(markdown: &str) -> Vec<Block> {
    parsed(&newlines(markdown))
}

/// `CommonMark` knows three line endings; the rest of this module knows one.
fn newlines(markdown: &str) -> String {
    markdown.replace("\r\n", "\n").replace('\r', "\n")
}

fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
}

fn parsed(markdown: &str) -> Vec<Block> {
    let mut builder = build::Builder::default();
    for event in parser(markdown) {
        builder.event(event);
        if builder.is_full() {
            break;
        }
    }
    builder.finish()
}

/// Where the last outermost block begins, from the start of its line.
fn last_block_start(markdown: &str) -> usize {
    let mut depth = 0_usize;
    let mut last = 0;
    let mut at_top = |event: &Event<'_>, range: &Range<usize>| match event {
        Event::Start(_) => {
            if depth == 0 {
                last = range.start;
            }
            depth += 1;
        }
        Event::End(_) => depth = depth.saturating_sub(1),
        _ if depth == 0 => last = range.start,
        _ => {}
    };
    for (event, range) in parser(markdown).into_offset_iter() {
        at_top(&event, &range);
    }
    markdown.get(..last).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod nasty;
#[cfg(test)]
mod tests;
