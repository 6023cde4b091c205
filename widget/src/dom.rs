//! The page, as this crate touches it.
//!
//! Our own bindings instead of `web_sys`'s where those answer `Result` or `Option` for what cannot fail here: the page
//! and this program are built together, so an element of the skeleton is always there. Nothing here takes HTML.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Event, EventTarget, HtmlElement, Window};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Document;

    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Window;

    /// A new element. `tag` is a literal of ours.
    #[wasm_bindgen(js_namespace = document, js_name = createElement)]
    fn create_element(tag: &str) -> HtmlElement;

    /// An element of the skeleton.
    #[wasm_bindgen(js_namespace = document, js_name = getElementById)]
    pub fn element(id: &str) -> HtmlElement;

    /// An element that may not be there.
    #[wasm_bindgen(js_namespace = document, js_name = getElementById)]
    pub fn maybe_element(id: &str) -> Option<HtmlElement>;
}

/// The document.
pub fn document() -> Document {
    DOCUMENT.with(Clone::clone)
}

/// The window.
pub fn window() -> Window {
    WINDOW.with(Clone::clone)
}

/// An element of the skeleton, as the type that the skeleton gives it.
pub fn element_as<T: JsCast>(id: &str) -> T {
    element(id).unchecked_into()
}

/// A new element with a class, the last child of `parent`.
pub fn add(parent: &HtmlElement, tag: &str, class: &str) -> HtmlElement {
    let element = create_element(tag);
    if !class.is_empty() {
        element.set_class_name(class);
    }
    parent.append_child(&element).ok();
    element
}

/// A new element with a text, the last child of `parent`.
pub fn add_text(parent: &HtmlElement, tag: &str, class: &str, text: &str) -> HtmlElement {
    let element = add(parent, tag, class);
    element.set_text_content(Some(text));
    element
}

/// A new button, the last child of `parent`.
pub fn add_button(parent: &HtmlElement, class: &str, text: &str) -> HtmlElement {
    let button = add_text(parent, "button", class, text);
    set_attribute(&button, "type", "button");
    button
}

/// A term and what it is, at the end of a `dl`.
pub fn add_pair(list: &HtmlElement, term: &str, value: &str) {
    add_text(list, "dt", "", term);
    set_attribute(&add_text(list, "dd", "", value), "dir", "auto");
}

/// Sets an attribute that is `true` or `false`.
pub fn set_flag(element: &HtmlElement, name: &str, flag: bool) {
    set_attribute(element, name, if flag { "true" } else { "false" });
}

/// Whether the keyboard is in an element.
pub fn has_focus(element: &HtmlElement) -> bool {
    element.contains(document().active_element().as_deref())
}

/// Appends a text node.
pub fn append_text(parent: &HtmlElement, text: &str) {
    parent.append_with_str_1(text).ok();
}

/// Sets the text where it differs, so that a screen reader hears only what changed.
pub fn set_text(element: &HtmlElement, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Sets an attribute. `name` is a literal of ours, so it cannot be refused.
pub fn set_attribute(element: &HtmlElement, name: &str, value: &str) {
    element.set_attribute(name, value).ok();
}

/// Moves the keyboard to an element.
pub fn focus(element: &HtmlElement) {
    element.focus().ok();
}

/// Calls `f` at every such event for as long as the page lives.
pub fn listen(target: &EventTarget, event: &str, f: impl FnMut(Event) + 'static) {
    let f: Box<dyn FnMut(Event)> = Box::new(f);
    target.add_event_listener_with_callback(event, Closure::wrap(f).into_js_value().unchecked_ref()).ok();
}
