//! A host page that is allowed to embed the chat may still lay something over the card's button and have the visitor
//! click it unseen. The browser knows (`IntersectionObserver` v2); a covered or transparent button does not fire (R45).
//!
//! Where a browser does not tell (Firefox, Safari) every button counts as seen: `frame-ancestors` remains.

use js_sys::Array;
use shared::skeleton::id;
use wasm_bindgen::prelude::*;
use web_sys::{IntersectionObserver, IntersectionObserverEntry};

use crate::client::wire;
use crate::dom;
use crate::state::App;

/// The shortest time between two looks that browsers allow, in milliseconds.
const EVERY_MS: u32 = 100;

/// Watches the card's buttons.
pub fn wire(app: App) {
    let look: Box<dyn Fn(Array)> = Box::new(move |entries| {
        for entry in entries {
            let seen = wire::field(&entry, "isVisible").as_bool();
            let entry: IntersectionObserverEntry = entry.unchecked_into();
            if entry.is_intersecting() {
                app.change(|here| here.covered = seen == Some(false));
            }
        }
    });
    let options = wire::object(&[("trackVisibility", JsValue::TRUE), ("delay", JsValue::from(EVERY_MS))]);
    let callback = Closure::wrap(look).into_js_value();
    if let Ok(observer) = IntersectionObserver::new_with_options(callback.unchecked_ref(), options.unchecked_ref()) {
        observer.observe(&dom::element(id::CARD_SEND));
        observer.observe(&dom::element(id::CARD_VERIFY));
    }
}
