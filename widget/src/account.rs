//! The state in the header, and signing out.

use shared::frame::State;
use shared::route::Route;
use shared::skeleton::{id, text};
use wasm_bindgen::JsValue;

use crate::client::fetch;
use crate::state::App;
use crate::{dom, effect, link, transcript};

/// Keeps the header at who the visitor is.
pub fn wire(app: App) {
    effect::draw(move || {
        let who = app.watch(|shown| shown.who.clone());
        let texts = app.texts();
        let words = dom::element(id::STATE_TEXT);
        let (name, key) = match who.state {
            State::Unidentified => ("unidentified", text::STATE_UNIDENTIFIED),
            State::Pending => ("pending", text::STATE_PENDING),
            State::Authenticated => ("authenticated", text::STATE_AUTHENTICATED),
        };
        dom::set_attribute(&dom::element(id::STATE), "data-state", name);
        match &who.label {
            Some(label) if who.state == State::Authenticated => {
                texts.fill(&words, text::STATE_AS, &[("label", label)]);
            }
            _ => dom::set_text(&words, &texts.get(key)),
        }
        dom::set_text(&dom::element(id::ACCOUNT_LABEL), who.label.as_deref().unwrap_or_default());
        dom::element(id::ACCOUNT).set_hidden(who.state != State::Authenticated);
    });
}

/// Signs out, here or on every device, and starts an empty conversation.
pub fn sign_out(app: App, everywhere: bool) {
    dom::element(id::ACCOUNT_MENU).hide_popover().ok();
    let Some(conversation) = app.read(|here| here.conversation.clone().filter(|_| !here.changing)) else { return };
    app.change(|here| here.changing = true);
    let body = [("everywhere", JsValue::from_bool(everywhere))];
    fetch::send(&Route::Logout(conversation), &body, move |answer| {
        match answer {
            Ok(_) => {
                link::forget(app);
                dom::focus(&dom::element(id::COMPOSER));
            }
            Err(refusal) => drop(transcript::note(app, &app.refusal(&refusal))),
        }
        link::again(app);
    });
}
