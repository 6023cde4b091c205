//! Blocks of an answer as elements. Text only ever becomes a text node (R43) and nothing loads by itself (R44).

use shared::block::{Block, Item, Span};
use wasm_bindgen::JsCast;
use web_sys::{HtmlAnchorElement, HtmlElement};

use crate::dom;

/// Where a link may lead; a link to anywhere else is shown as plain text.
const SCHEMES: [&str; 4] = ["https:", "http:", "mailto:", "tel:"];

/// The deepest indentation of a list that a chat bubble has room for.
const DEEPEST: u8 = 3;

/// Makes the children of `answer` from index `from` on these blocks.
pub fn replace(answer: &HtmlElement, from: u32, blocks: &[Block]) {
    let children = answer.children();
    while children.length() > from {
        let Some(last) = answer.last_element_child() else { break };
        last.remove();
    }
    for block in blocks {
        add_block(answer, block);
    }
}

fn add_block(parent: &HtmlElement, block: &Block) {
    match block {
        Block::Paragraph { spans } => add_spans(&dom::add(parent, "p", ""), spans),
        Block::Heading { spans } => add_spans(&dom::add(parent, "p", "cs-heading"), spans),
        Block::Quote { spans } => add_spans(&dom::add(parent, "blockquote", ""), spans),
        Block::Code { text } => {
            let code = dom::add_text(parent, "pre", "", text);
            code.set_tab_index(0);
        }
        Block::List { start, items } => add_list(parent, *start, items),
        Block::Table { rows } => add_table(parent, rows),
        Block::Rule => {
            dom::add(parent, "hr", "");
        }
    }
}

fn add_list(parent: &HtmlElement, start: Option<u32>, items: &[Item]) {
    let list = dom::add(parent, if start.is_some() { "ol" } else { "ul" }, "");
    if let Some(start) = start {
        dom::set_attribute(&list, "start", &start.to_string());
    }
    for item in items {
        let entry = dom::add(&list, "li", "");
        if item.level > 0 {
            entry.set_class_name(&format!("cs-level-{}", item.level.min(DEEPEST)));
        }
        add_spans(&entry, &item.spans);
    }
}

fn add_table(parent: &HtmlElement, rows: &[Vec<Vec<Span>>]) {
    let frame = dom::add(parent, "div", "cs-table");
    frame.set_tab_index(0);
    let table = dom::add(&frame, "table", "");
    for (number, row) in rows.iter().enumerate() {
        let line = dom::add(&table, "tr", "");
        for cell in row {
            add_spans(&dom::add(&line, if number == 0 { "th" } else { "td" }, ""), cell);
        }
    }
}

fn add_spans(parent: &HtmlElement, spans: &[Span]) {
    for span in spans {
        match span {
            Span::Text { text } => dom::append_text(parent, text),
            Span::Em { text } => drop(dom::add_text(parent, "em", "", text)),
            Span::Strong { text } => drop(dom::add_text(parent, "strong", "", text)),
            Span::Code { text } => drop(dom::add_text(parent, "code", "", text)),
            Span::Link { text, href } => add_link(parent, text, href),
            Span::Break => drop(dom::add(parent, "br", "")),
        }
    }
}

/// The browser's own reading of the address decides where it leads and what host is shown: a second reading of ours
/// could differ from it, and that difference is what phishing lives on.
fn add_link(parent: &HtmlElement, text: &str, href: &str) {
    let link: HtmlAnchorElement = dom::add_text(parent, "a", "", text).unchecked_into();
    link.set_href(href);
    if !SCHEMES.contains(&link.protocol().as_str()) {
        link.remove();
        dom::append_text(parent, text);
        return;
    }
    link.set_rel("noopener noreferrer nofollow");
    link.set_target("_blank");
    let host = link.host();
    let place = if host.is_empty() { link.pathname() } else { host };
    if place != text {
        dom::add_text(parent, "span", "cs-host", &format!(" ({place})"));
    }
}
