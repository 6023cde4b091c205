//! How the login card looks at each moment, and where the keyboard is.

use shared::card::{Card, CodeStep, Delivery, Method};
use shared::skeleton::{class, id, text};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::client::timer::{self, Wait};
use crate::state::{App, Sheet};
use crate::{card_form, dom, effect, scroll};

/// Draws the card whenever something of it changed.
pub fn wire(app: App) {
    let mut before = String::new();
    effect::draw(move || {
        let sheet = app.watch(|shown| shown.sheet.clone());
        let stage = stage(&sheet);
        if let Some(card) = &sheet.card {
            let moved = before != stage;
            let takes_focus = moved && may_take_focus(&dom::element(id::CARD));
            if moved {
                card_form::draw(app, sheet.form());
                draw_ways(app, &sheet, card);
            }
            draw(app, &sheet, card);
            if takes_focus {
                dom::focus(&current_field(&sheet));
            }
        }
        scroll::follow(app);
        before = stage;
    });
}

/// What the visitor sees of a card: which one, and what it asks for.
fn stage(sheet: &Sheet) -> String {
    let mut stage = sheet.card.as_ref().map(|card| card.id.to_string()).unwrap_or_default();
    if sheet.code_step().is_some() {
        stage.push('#');
    }
    if let Some(form) = sheet.form() {
        for name in form.fields.iter().map(|field| &field.name).chain([&form.action]) {
            stage.push(' ');
            stage.push_str(name);
        }
    }
    stage
}

/// The field that waits for the visitor.
pub fn current_field(sheet: &Sheet) -> HtmlElement {
    let first = sheet.form().and_then(|form| form.fields.first()).map(|field| card_form::field_id(&field.name));
    if let Some(field) = first.as_deref().and_then(dom::maybe_element) {
        return field;
    }
    dom::element(match &sheet.card {
        None => id::COMPOSER,
        Some(_) if sheet.code_step().is_some() => id::CARD_CODE,
        // Not the button: whoever is writing would send a mail with the next Enter.
        Some(card) if card.address.is_some() => id::CARD_TITLE,
        Some(_) => id::CARD_EMAIL,
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

/// A card takes the keyboard from the text field, from itself, or from nobody; never from another control, and never
/// from the host page.
pub fn may_take_focus(card: &HtmlElement) -> bool {
    let document = dom::document();
    document.has_focus().unwrap_or_default()
        && document.active_element().is_none_or(|active| {
            card.contains(Some(&active)) || matches!(active.id().as_str(), "" | id::COMPOSER | id::SEND | id::SCROLL)
        })
}

fn draw(app: App, sheet: &Sheet, card: &Card) {
    let step = sheet.code_step();
    let form = sheet.form();
    dom::set_text(&dom::element(id::CARD_TITLE), &card.title);
    dom::set_text(&dom::element(id::CARD_SUBTITLE), form.map_or(&card.subtitle, |form| &form.title));
    dom::element(id::CARD_ADDRESS).set_hidden(step.is_some() || form.is_some());
    dom::element(id::CARD_TYPED).set_hidden(card.address.is_some());
    let fixed = dom::element(id::CARD_TO);
    fixed.set_hidden(card.address.is_none());
    app.texts().fill(&fixed, text::CODE_GOES_TO, &[("address", card.address.as_deref().unwrap_or_default())]);
    dom::element(id::CARD_CHANGE).set_hidden(card.address.is_some());
    dom::element(id::CARD_PROOF).set_hidden(step.is_none());
    dom::element(id::CARD_FORM).set_hidden(form.is_none());
    button(app, id::CARD_SEND, sheet.working, text::SENDING_CODE, text::SEND_CODE);
    button(app, id::CARD_VERIFY, sheet.working, text::VERIFYING, text::VERIFY);
    button(app, id::CARD_SUBMIT, sheet.working, text::SUBMITTING, text::SUBMIT);
    let failed = step.is_some_and(|step| step.delivery == Delivery::Failed);
    let problem = match step {
        Some(step) if failed && sheet.problem.is_empty() => {
            app.texts().filled(text::CODE_FAILED, &[("address", &step.address)])
        }
        _ => sheet.problem.clone(),
    };
    dom::set_text(&dom::element(id::CARD_ERROR), &problem);
    let field = if step.is_some() { id::CARD_CODE } else { id::CARD_EMAIL };
    dom::set_flag(&dom::element(field), "aria-invalid", !sheet.problem.is_empty());
    if let Some(step) = step {
        draw_code(app, step);
    }
    dom::element(id::CARD).set_hidden(false);
}

/// The buttons for the other ways to sign in.
fn draw_ways(app: App, sheet: &Sheet, card: &Card) {
    let place = dom::element(id::CARD_WAYS);
    place.set_text_content(None);
    let shown = sheet.shown_way();
    let by_email = card.methods.contains(&Method::EmailCode).then(|| app.text(text::WITH_EMAIL_CODE));
    let titles = card.forms.iter().map(|form| &form.title).chain(&by_email);
    for (way, title) in titles.enumerate().filter(|(way, _)| shown != Some(*way)) {
        let button = dom::add_button(&place, class::WAY, title);
        dom::set_attribute(&button, "data-way", &way.to_string());
    }
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
    dom::set_flag(&resend, "aria-disabled", seconds > 0);
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
    dom::set_flag(&button, "aria-disabled", working);
}
