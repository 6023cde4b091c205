//! One listener for each kind of event, on the document; what was meant is said by the element's id or class.
//!
//! A listener for each element would be a closure for each element, half a kilobyte of WebAssembly a piece.

use shared::skeleton::{class, id};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use crate::state::App;
use crate::{account, card, card_form, composer, confirm, dom, host, scroll};

/// Starts listening.
pub fn wire(app: App) {
    let document = dom::document();
    dom::listen(&document, "click", move |event| {
        if let Some(button) = target(&event).and_then(|target| target.closest("button").ok().flatten()) {
            pressed(app, &button.unchecked_into());
        }
    });
    dom::listen(&document, "submit", move |event| {
        event.prevent_default();
        match target(&event).map(|form| form.id()).as_deref() {
            Some(id::CARD_ADDRESS) => card::submit_address(app),
            Some(id::CARD_PROOF) => card::submit_code(app),
            Some(id::CARD_FORM) => card_form::submit(app),
            _ => {}
        }
    });
    dom::listen(&document, "input", move |event| match target(&event).map(|field| field.id()).as_deref() {
        Some(id::COMPOSER) => composer::grow(),
        Some(id::CARD_CODE) => card::typed_code(app),
        _ => {}
    });
    dom::listen(&document, "keydown", move |event| key(app, &event));
    dom::listen(&document, "pointerdown", move |_| host::touched(app));
}

fn target(event: &Event) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

fn pressed(app: App, button: &HtmlElement) {
    match button.id().as_str() {
        id::SEND => composer::submit(app),
        id::STOP => composer::command(app, "stop"),
        id::CLOSE => host::close(app),
        id::SIGN_OUT => account::sign_out(app, false),
        id::SIGN_OUT_ALL => account::sign_out(app, true),
        id::CARD_CHANGE => card::correct(app),
        id::CARD_RESEND => card::resend(app, false),
        id::CARD_CHANNEL => card::resend(app, true),
        id::CARD_PASSKEY => card::passkey(app),
        id::CARD_CANCEL => card::cancel(app),
        id::NEWER => scroll::to_end(app),
        _ => pressed_unnamed(app, button),
    }
}

fn pressed_unnamed(app: App, button: &HtmlElement) {
    let has = |name| button.class_list().contains(name);
    if has(class::SUGGEST) {
        composer::say(app, &button.text_content().unwrap_or_default());
        dom::focus(&dom::element(id::COMPOSER));
    } else if has(class::YES) {
        confirm::say(app, button, true);
    } else if has(class::NO) {
        confirm::say(app, button, false);
    } else if has(class::PEEK) {
        card_form::peek(app, button);
    } else if has(class::WAY) {
        card::go_another_way(app, button.get_attribute("data-way").and_then(|way| way.parse().ok()));
    } else if has(class::RETRY) {
        composer::command(app, "retry");
    } else if has(class::AGAIN) {
        composer::again(app, &button.get_attribute("data-message").unwrap_or_default());
    }
}

fn key(app: App, event: &Event) {
    host::touched(app);
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    match event.key().as_str() {
        "Enter"
            if !event.shift_key()
                && !event.is_composing()
                && target(event).is_some_and(|target| target.id() == id::COMPOSER) =>
        {
            event.prevent_default();
            composer::submit(app);
        }
        "Escape" => host::escape(app),
        _ => {}
    }
}
