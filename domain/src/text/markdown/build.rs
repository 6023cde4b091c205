//! Blocks from the parser's events. Blocks are flat: what is nested is told by `level` or loses its outer form.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use shared::block::{Block, Item, Span};

use super::MAX_BLOCKS;
use super::link::href;
use crate::text::is_disguise;

/// The most spans, items or cells of one block; what follows in that block is left out.
const MAX_PARTS: usize = 4_000;

/// The deepest level of a list; what is deeper is shown there.
const MAX_LEVEL: u8 = 6;

#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    em: u32,
    strong: u32,
    quotes: u32,
    link: Option<Link>,
    /// Open lists, outermost first.
    lists: Vec<List>,
    items: Vec<Item>,
    /// The number of the first of `items`.
    start: Option<u32>,
    heading: bool,
    code: Option<String>,
    html: Option<String>,
    rows: Vec<Vec<Vec<Span>>>,
    cells: usize,
    in_table: bool,
}

#[derive(Debug)]
struct Link {
    text: String,
    href: Option<String>,
}

/// The next number of a list, none for bullets.
#[derive(Debug)]
struct List {
    next: Option<u64>,
}

impl Builder {
    pub(super) fn is_full(&self) -> bool {
        self.blocks.len() >= MAX_BLOCKS
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.end_text();
        self.end_items();
        self.blocks.truncate(MAX_BLOCKS);
        self.blocks
    }

    pub(super) fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            // The last three belong to extensions that are not switched on.
            Event::Text(text) | Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text);
            }
            Event::Code(code) => {
                let text = visible(&code);
                match &mut self.link {
                    Some(link) => link.text.push_str(&text),
                    None => self.span(Span::Code { text }),
                }
            }
            Event::Html(html) => self.text(&html),
            Event::InlineHtml(html) => self.inline_html(&html),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.hard_break(),
            Event::Rule => {
                self.end_text();
                self.end_items();
                self.blocks.push(Block::Rule);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.paragraph(),
            Tag::Heading { .. } => {
                self.paragraph();
                self.heading = true;
            }
            Tag::BlockQuote(_) => {
                self.end_text();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.end_text();
                self.end_items();
                // The language is not shown. It is part of the source all the same, so nothing is hidden by it.
                let (CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) = kind;
                self.code = Some(String::new());
            }
            Tag::HtmlBlock => {
                self.paragraph();
                self.html = Some(String::new());
            }
            Tag::List(start) => {
                self.end_text();
                if self.lists.is_empty() {
                    self.end_items();
                }
                self.lists.push(List { next: start });
            }
            Tag::Item => self.item(),
            Tag::Table(_) => {
                self.end_text();
                self.end_items();
                self.in_table = true;
                self.cells = 0;
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            Tag::Emphasis => self.em += 1,
            Tag::Strong => self.strong += 1,
            Tag::Link { link_type, dest_url, .. } => {
                let address = match link_type {
                    LinkType::Email => href(&format!("mailto:{dest_url}")),
                    _ => href(&dest_url),
                };
                self.link = Some(Link { text: String::new(), href: address });
            }
            // An image's alternative text arrives as its content; its address is left where it is.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => {
                // The text of an item waits for the item's end: more of it may follow.
                if self.lists.is_empty() {
                    self.end_text();
                }
                self.heading = false;
            }
            TagEnd::HtmlBlock => {
                let html = self.html.take().unwrap_or_default();
                if !is_comment(&html) {
                    self.text(html.trim());
                }
                if self.lists.is_empty() {
                    self.end_text();
                }
            }
            TagEnd::BlockQuote(_) => {
                self.end_text();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                let mut text = visible(&self.code.take().unwrap_or_default());
                if text.ends_with('\n') {
                    text.pop();
                }
                self.blocks.push(Block::Code { text });
            }
            TagEnd::Item => self.end_text(),
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.end_items();
                }
            }
            TagEnd::TableCell => {
                let spans = std::mem::take(&mut self.spans);
                self.cells += 1;
                if let Some(row) = self.rows.last_mut()
                    && self.cells <= MAX_PARTS
                {
                    row.push(trimmed(spans));
                }
            }
            TagEnd::Table => self.end_table(),
            TagEnd::Emphasis => self.em = self.em.saturating_sub(1),
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    /// A paragraph begins. In an item it continues the item's text on a line of its own.
    fn paragraph(&mut self) {
        if self.lists.is_empty() {
            self.end_text();
        } else if !self.spans.is_empty() {
            self.span(Span::Break);
        }
    }

    fn item(&mut self) {
        self.end_text();
        let level = self.level();
        let number = self.lists.last_mut().and_then(|list| {
            let number = list.next?;
            list.next = Some(number.saturating_add(1));
            Some(number)
        });
        if level == 0 && self.items.is_empty() {
            self.start = number.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        }
        if self.items.len() < MAX_PARTS {
            self.items.push(Item { level, spans: Vec::new() });
        }
        // Only the outermost list has a number on the wire.
        if let (1.., Some(number)) = (level, number) {
            self.span(Span::Text { text: format!("{number}. ") });
        }
    }

    fn level(&self) -> u8 {
        u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(MAX_LEVEL).min(MAX_LEVEL)
    }

    /// What was collected becomes a block, or goes to the item that is open.
    fn end_text(&mut self) {
        self.end_link();
        let spans = trimmed(std::mem::take(&mut self.spans));
        if !self.lists.is_empty() {
            self.item_text(spans);
        } else if spans.is_empty() {
            // An empty heading or a paragraph of spaces shows nothing.
        } else if self.quotes > 0 {
            self.blocks.push(Block::Quote { spans });
        } else if self.heading {
            self.blocks.push(Block::Heading { spans });
        } else {
            self.blocks.push(Block::Paragraph { spans });
        }
    }

    fn item_text(&mut self, spans: Vec<Span>) {
        if spans.is_empty() {
            return;
        }
        let level = self.level();
        let count = self.items.len();
        match self.items.last_mut() {
            Some(item) if item.level == level => {
                if !item.spans.is_empty() {
                    item.spans.push(Span::Break);
                }
                item.spans.extend(spans);
            }
            // Text after a nested list or after code, which the open item cannot hold: an item of its own.
            _ if count < MAX_PARTS => {
                if count == 0 {
                    self.start = None;
                }
                self.items.push(Item { level, spans });
            }
            _ => {}
        }
    }

    fn end_items(&mut self) {
        let start = self.start.take();
        let items = std::mem::take(&mut self.items);
        if !items.is_empty() {
            self.blocks.push(Block::List { start, items });
        }
    }

    fn end_table(&mut self) {
        self.in_table = false;
        let mut rows = std::mem::take(&mut self.rows);
        let width = rows.first().map_or(0, Vec::len);
        rows.retain(|row| !row.is_empty());
        for row in &mut rows {
            row.resize(width, Vec::new());
        }
        if width > 0 {
            self.blocks.push(Block::Table { rows });
        }
    }

    fn end_link(&mut self) {
        let Some(Link { text, href }) = self.link.take() else { return };
        match href {
            Some(href) => {
                let text = if text.trim().is_empty() { href.clone() } else { text };
                self.span(Span::Link { text, href });
            }
            None => self.text(&text),
        }
    }

    fn inline_html(&mut self, html: &str) {
        let tag: String = html.chars().filter(|c| !c.is_whitespace()).collect();
        if tag.eq_ignore_ascii_case("<br>") || tag.eq_ignore_ascii_case("<br/>") {
            self.hard_break();
        } else if !is_comment(html) {
            self.text(html);
        }
    }

    fn hard_break(&mut self) {
        match &mut self.link {
            Some(link) => link.text.push(' '),
            None => self.span(Span::Break),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
            return;
        }
        if let Some(html) = &mut self.html {
            html.push_str(text);
            return;
        }
        let text = visible(text);
        if let Some(link) = &mut self.link {
            link.text.push_str(&text);
            return;
        }
        if text.is_empty() {
            return;
        }
        self.span(match (self.strong, self.em) {
            (1.., _) => Span::Strong { text },
            (_, 1..) => Span::Em { text },
            _ => Span::Text { text },
        });
    }

    /// Adds a span; text in the style of the last continues it.
    fn span(&mut self, span: Span) {
        let count = self.spans.len();
        match (self.spans.last_mut(), &span) {
            (Some(Span::Text { text }), Span::Text { text: more })
            | (Some(Span::Em { text }), Span::Em { text: more })
            | (Some(Span::Strong { text }), Span::Strong { text: more }) => text.push_str(more),
            _ if count < MAX_PARTS => self.spans.push(span),
            _ => {}
        }
    }
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_disguise(*c)).collect()
}

fn is_comment(html: &str) -> bool {
    let html = html.trim();
    html.starts_with("<!--") && html.ends_with("-->")
}

/// Without breaks and empty text at the ends.
fn trimmed(mut spans: Vec<Span>) -> Vec<Span> {
    let is_blank = |span: &Span| match span {
        Span::Break => true,
        Span::Text { text } | Span::Em { text } | Span::Strong { text } => text.trim().is_empty(),
        Span::Code { .. } | Span::Link { .. } => false,
    };
    while spans.last().is_some_and(is_blank) {
        spans.pop();
    }
    let blanks = spans.iter().take_while(|span| is_blank(span)).count();
    spans.drain(..blanks);
    spans
}
