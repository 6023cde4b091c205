//! What the agent is about to do in the visitor's name, as a card in the transcript: nothing is done before a yes.

use shared::confirm::{ConfirmStep, Confirmation};
use shared::skeleton::{class, id, text};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::client::wire;
use crate::state::App;
use crate::{card_view, composer, dom, transcript};

/// Shows a confirmation as it stands now, in the place where it first appeared.
pub fn show(app: App, confirm: &Confirmation) {
    let place = format!("f-{}", confirm.id);
    let is_new = dom::maybe_element(&place).is_none();
    let card = transcript::placed(&place, class::CONFIRM);
    let had_focus = dom::has_focus(&card);
    card.set_text_content(None);
    let title = dom::add_text(&card, "h2", "", &confirm.title);
    let title_id = format!("{place}-title");
    title.set_id(&title_id);
    dom::set_attribute(&card, "role", "group");
    dom::set_attribute(&card, "aria-labelledby", &title_id);
    dom::set_attribute(&card, "tabindex", "-1");
    let details = dom::add(&card, "dl", "");
    for detail in &confirm.details {
        dom::add_pair(&details, &detail.label, &detail.value);
    }
    let (class, words) = match confirm.step {
        ConfirmStep::Asked => {
            dom::set_attribute(&dom::add(&card, "p", "cs-error"), "role", "alert");
            dom::add_button(&card, "cs-primary cs-yes", &app.text(text::CONFIRM_YES));
            dom::add_button(&card, "cs-quiet cs-no", &app.text(text::CONFIRM_NO));
            // Not a button: whoever is writing would say yes with the next Enter.
            if had_focus || is_new && card_view::may_take_focus(&card) {
                dom::focus(&card);
            }
            return;
        }
        ConfirmStep::Confirmed => ("cs-note cs-done", text::CONFIRMED),
        ConfirmStep::Declined => (class::NOTE, text::DECLINED),
        ConfirmStep::Withdrawn => (class::NOTE, text::WITHDRAWN),
    };
    dom::add_text(&card, "p", class, &app.text(words));
    if had_focus {
        dom::focus(&dom::element(id::COMPOSER));
    }
}

/// The visitor says yes or no. What became of it comes back as a frame.
pub fn say(app: App, button: &HtmlElement, accepted: bool) {
    let Some(card) = button.parent_element().map(JsCast::unchecked_into::<HtmlElement>) else { return };
    if card.get_attribute("aria-busy").is_some() {
        return;
    }
    let live = composer::is_live(app);
    let problem = if live { String::new() } else { app.text(text::ERROR_NETWORK) };
    if let Ok(Some(line)) = card.query_selector(".cs-error") {
        dom::set_text(line.unchecked_ref(), &problem);
    }
    if live && let Some(id) = card.id().strip_prefix("f-") {
        set_busy(&card, true);
        composer::send(
            app,
            &wire::encode(&[
                ("type", JsValue::from_str("confirm")),
                ("id", JsValue::from_str(id)),
                ("accepted", JsValue::from_bool(accepted)),
            ]),
        );
    }
}

/// Takes answers again: what was said may have been lost with the connection, or was refused.
pub fn wake() {
    while let Ok(Some(card)) = dom::element(id::LOG).query_selector(".cs-confirm[aria-busy]") {
        set_busy(card.unchecked_ref(), false);
    }
}

fn set_busy(card: &HtmlElement, busy: bool) {
    if busy {
        dom::set_attribute(card, "aria-busy", "true");
    } else {
        card.remove_attribute("aria-busy").ok();
    }
    for button in [class::YES, class::NO] {
        if let Ok(Some(button)) = card.query_selector(&format!(".{button}")) {
            dom::set_flag(button.unchecked_ref(), "aria-disabled", busy);
        }
    }
}
