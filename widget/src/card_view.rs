//! How the login card looks at each moment, and where the keyboard is.

use shared::card::{CodeStep, Delivery};
use shared::id::CardId;
use shared::skeleton::{id, text};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::client::timer::{self, Wait};
use crate::state::{App, Sheet};
use crate::{dom, effect, scroll};

/// What the visitor sees of a card: which one, and whether it asks for the code.
type Stage = (Option<CardId>, bool);

/// Draws the card whenever something of it changed.
pub fn wire(app: App) {
    let mut before: Stage = (None, false);
    effect::draw(move || {
        let sheet = app.watch(|shown| shown.sheet.clone());
        let stage = (sheet.card.as_ref().map(|card| card.id.clone()), sheet.code_step().is_some());
        let takes_focus = sheet.card.is_some() && before != stage && may_take_focus();
        draw(app, &sheet);
        if takes_focus {
            dom::focus(&current_field(&sheet));
        }
        scroll::follow(app);
        before = stage;
    });
}

/// The field that waits for the visitor.
pub fn current_field(sheet: &Sheet) -> HtmlElement {
    dom::element(match (&sheet.card, sheet.code_step()) {
        (None, _) => id::COMPOSER,
        (Some(_), Some(_)) => id::CARD_CODE,
        (Some(_), None) => id::CARD_EMAIL,
    })
}

/// Seconds until another code may be asked for, by the edge's clock. At once after a mail that failed.
pub fn resend_in_s(app: App, step: &CodeStep) -> u32 {
    if step.delivery == Delivery::Failed {
        return 0;
    }
    let left_ms = timer::parse_ms(&step.resend_at) - timer::now_ms() - app.read(|here| here.clock_ms);
    (left_ms / 1_000.0).ceil() as u32
}

/// The card takes the keyboard from the text field, from itself, or from nobody; never from another control, and never
/// from the host page.
fn may_take_focus() -> bool {
    let document = dom::document();
    let card = dom::element(id::CARD);
    document.has_focus().unwrap_or_default()
        && document.active_element().is_none_or(|active| {
            card.contains(Some(&active)) || matches!(active.id().as_str(), "" | id::COMPOSER | id::SEND | id::SCROLL)
        })
}

fn draw(app: App, sheet: &Sheet) {
    let Some(card) = &sheet.card else { return };
    let step = sheet.code_step();
    dom::set_text(&dom::element(id::CARD_TITLE), &card.title);
    dom::set_text(&dom::element(id::CARD_SUBTITLE), &card.subtitle);
    dom::element(id::CARD_ADDRESS).set_hidden(step.is_some());
    dom::element(id::CARD_PROOF).set_hidden(step.is_none());
    button(app, id::CARD_SEND, sheet.working, text::SENDING_CODE, text::SEND_CODE);
    button(app, id::CARD_VERIFY, sheet.working, text::VERIFYING, text::VERIFY);
    let failed = step.is_some_and(|step| step.delivery == Delivery::Failed);
    let problem = match step {
        Some(step) if failed && sheet.problem.is_empty() => {
            app.texts().filled(text::CODE_FAILED, &[("address", &step.address)])
        }
        _ => sheet.problem.clone(),
    };
    dom::set_text(&dom::element(id::CARD_ERROR), &problem);
    let invalid = if sheet.problem.is_empty() { "false" } else { "true" };
    dom::set_attribute(&current_field(sheet), "aria-invalid", invalid);
    if let Some(step) = step {
        draw_code(app, step);
    }
    dom::element(id::CARD).set_hidden(false);
}

fn draw_code(app: App, step: &CodeStep) {
    let texts = app.texts();
    let digits = step.digits.to_string();
    let sent = match step.delivery {
        Delivery::Sending => text::CODE_SENDING,
        Delivery::Sent | Delivery::Failed => text::CODE_SENT,
    };
    let line = dom::element(id::CARD_SENT);
    line.set_hidden(step.delivery == Delivery::Failed);
    texts.fill(&line, sent, &[("digits", &digits), ("address", &step.address)]);
    texts.fill(&dom::element(id::CARD_REFERENCE), text::REFERENCE, &[("word", &step.reference)]);
    dom::element(id::CARD_CODE).style().set_property("--digits", &digits).ok();
    let seconds = resend_in_s(app, step);
    let resend = dom::element(id::CARD_RESEND);
    dom::set_attribute(&resend, "aria-disabled", if seconds > 0 { "true" } else { "false" });
    if seconds == 0 {
        dom::set_text(&resend, &texts.get(text::RESEND));
        return;
    }
    dom::set_text(&resend, &texts.filled(text::RESEND_IN, &[("seconds", &seconds.to_string())]));
    tick(app);
}

/// Draws again in a second.
fn tick(app: App) {
    if !app.change(|here| core::mem::replace(&mut here.ticking, true)) {
        spawn_local(async move {
            Wait::new(1_000).over().await;
            app.change(|here| here.ticking = false);
            app.show(|_| ());
        });
    }
}

/// A button that works stays in the order of focus; only its words and `aria-disabled` say that it is busy.
fn button(app: App, id: &str, working: bool, busy: &str, idle: &str) {
    let button = dom::element(id);
    dom::set_text(&button, &app.text(if working { busy } else { idle }));
    dom::set_attribute(&button, "aria-disabled", if working { "true" } else { "false" });
}
