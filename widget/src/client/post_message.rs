//! What this page and the host page say to each other: four words in, six out, never a message, address or code, and a token only
//! from the host page, which made it.
//!
//! Heard only from the page that embeds this one, and only from an origin on the agent's list; said only to that exact
//! origin (R40).

use shared::skeleton::attribute;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Window};

use super::wire;
use crate::dom;

/// The longest token, in bytes.
const MOST_TOKEN: usize = 4_096;

/// What the host page may ask for.
pub enum Ask {
    /// Are you there?
    Hello,
    /// The visitor opened the chat.
    Open,
    /// The visitor closed the chat.
    Close,
    /// Who the host page's user is: a token that the company signed.
    Identify(String),
}

/// The page that embeds this one, when there is one.
pub fn parent() -> Option<Window> {
    let window = dom::window();
    window.parent().ok().flatten().filter(|parent| *parent != window)
}

/// Listens to the host page. `heard` gets what was asked and the origin that asked.
pub fn listen(heard: impl Fn(Ask, String) + 'static) {
    let Some(parent) = parent().map(JsValue::from) else { return };
    dom::listen(&dom::window(), "message", move |event| {
        let event: MessageEvent = event.unchecked_into();
        let origin = event.origin();
        let data = event.data();
        if event.source().is_none_or(|source| parent != *source)
            || !is_allowed(&origin)
            || wire::number(&data, "countersign") != Some(1.0)
        {
            return;
        }
        match wire::text(&data, "type").as_deref() {
            Some("hello") => heard(Ask::Hello, origin),
            Some("open") => heard(Ask::Open, origin),
            Some("close") => heard(Ask::Close, origin),
            Some("identify") => {
                if let Some(token) = wire::text(&data, "token").filter(|token| token.len() <= MOST_TOKEN) {
                    heard(Ask::Identify(token), origin);
                }
            }
            _ => {}
        }
    });
}

/// Says a word to the host page at `origin`, and with it the one thing that belongs to it.
pub fn say(origin: &str, word: &str, detail: Option<(&str, JsValue)>) {
    let mut fields = vec![("countersign", JsValue::from(1)), ("type", JsValue::from_str(word))];
    fields.extend(detail);
    if let Some(parent) = parent() {
        parent.post_message(&wire::object(&fields), origin).ok();
    }
}

/// The origins to tell that this page is ready, before the host page has said anything. Chromium and Safari know who
/// embeds the page; elsewhere each origin on the list is tried, and the browser delivers to the right one alone.
pub fn origins_to_greet() -> Vec<String> {
    let location = dom::window().location();
    match wire::text(&wire::field(&location, "ancestorOrigins"), "0") {
        Some(origin) if is_allowed(&origin) => vec![origin],
        Some(_) => Vec::new(),
        None => allowed().split_ascii_whitespace().map(str::to_owned).collect(),
    }
}

fn is_allowed(origin: &str) -> bool {
    allowed().split_ascii_whitespace().any(|known| known == origin)
}

fn allowed() -> String {
    dom::document().body().and_then(|body| body.get_attribute(attribute::ORIGINS)).unwrap_or_default()
}
