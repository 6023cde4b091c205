//! How the login card looks at each moment, and where the keyboard is.

use shared::card::{Card, Channel, CodeStep, Delivery, FieldKind, Method};
use shared::skeleton::{class, id, text};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

use crate::client::fetch;
use crate::client::timer::{self, Wait};
use crate::state::{App, Sheet, Way};
use crate::{card, card_form, dom, effect, scroll};

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
                draw_typed(app, &sheet);
                draw_ways(app, &sheet, card);
            }
            draw(app, &sheet, card);
            if takes_focus {
                dom::focus(&current_field(&sheet));
            }
            // Nothing to type: that the window is the visitor's own is known.
            if moved && sheet.digits() == Some(0) {
                card::submit_code(app);
            }
        }
        scroll::follow(app);
        before = stage;
    });
}

/// What the visitor sees of a card: which one, and what it asks for.
fn stage(sheet: &Sheet) -> String {
    let mut stage = sheet.card.as_ref().map(|card| card.id.to_string()).unwrap_or_default();
    if let Some(digits) = sheet.digits() {
        stage.push_str(&digits.to_string());
    }
    stage.push(sheet.shown_way().map_or(' ', |way| match way {
        Way::Form(_) => 'f',
        Way::Typed(Method::PhoneCode) => 'p',
        Way::Typed(Method::CollectionLookup) => 'l',
        Way::Typed(_) => 'e',
    }));
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
        Some(_) if sheet.digits().is_some_and(|digits| digits > 0) => id::CARD_CODE,
        Some(_) if sheet.typed().is_some() && sheet.fixed().is_none() => id::CARD_EMAIL,
        // Not a button: whoever is writing would send a mail with the next Enter.
        Some(_) => id::CARD_TITLE,
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
    let typed = sheet.typed();
    let fixed = sheet.fixed();
    let at = match (step, sheet.digits(), form, typed) {
        (Some(_), ..) => "code",
        (_, Some(0), ..) => "",
        (_, Some(_), ..) => "match",
        (_, _, Some(_), _) => "form",
        (.., Some(_)) => "typed",
        _ => "",
    };
    // Which of the card's forms is shown is the style's business.
    dom::set_attribute(&dom::element(id::CARD), "data-at", at);
    dom::set_text(&dom::element(id::CARD_TITLE), &card.title);
    dom::set_text(&dom::element(id::CARD_SUBTITLE), form.map_or(&card.subtitle, |form| &form.title));
    dom::element(id::CARD_TYPED).set_hidden(fixed.is_some());
    let goes_to = dom::element(id::CARD_TO);
    goes_to.set_hidden(fixed.is_none());
    app.texts().fill(&goes_to, text::CODE_GOES_TO, &[("address", fixed.unwrap_or_default())]);
    dom::element(id::CARD_CHANGE).set_hidden(fixed.is_some());
    let send = if typed == Some(Method::CollectionLookup) { text::LOOK_UP } else { text::SEND_CODE };
    button(app, id::CARD_SEND, sheet.working, text::SENDING_CODE, send);
    button(app, id::CARD_VERIFY, sheet.working, text::VERIFYING, text::VERIFY);
    button(app, id::CARD_SUBMIT, sheet.working, text::SUBMITTING, text::SUBMIT);
    let failed = step.is_some_and(|step| step.delivery == Delivery::Failed);
    let problem = match step {
        Some(step) if failed && sheet.problem.is_empty() => {
            let key = if step.channel == Channel::Email { text::CODE_FAILED } else { text::MESSAGE_FAILED };
            app.texts().filled(key, &[("address", &step.address)])
        }
        _ => sheet.problem.clone(),
    };
    dom::set_text(&dom::element(id::CARD_ERROR), &problem);
    let field = if sheet.digits().is_some() { id::CARD_CODE } else { id::CARD_EMAIL };
    dom::set_flag(&dom::element(field), "aria-invalid", !sheet.problem.is_empty());
    if let Some(digits) = sheet.digits() {
        dom::element(id::CARD_CODE).style().set_property("--digits", &digits.to_string()).ok();
        let label = match step {
            None => text::CODE_OF_WINDOW,
            Some(step) if step.channel == Channel::Email => text::CODE_OF_EMAIL,
            Some(_) => text::CODE_OF_MESSAGE,
        };
        dom::set_text(&dom::element(id::CARD_CODE_LABEL), &app.text(label));
    }
    if let Some(step) = step {
        draw_code(app, sheet, step);
    }
    dom::element(id::CARD).set_hidden(false);
}

/// Makes the field for an address one for what the card's way asks for.
fn draw_typed(app: App, sheet: &Sheet) {
    let Some(method) = sheet.typed() else { return };
    let lookup = sheet.card.as_ref().and_then(|card| card.lookup.as_ref());
    let (label, kind, autocomplete, example) = match (method, lookup) {
        (Method::CollectionLookup, Some(field)) => {
            let kind = match field.kind {
                FieldKind::Email => "email",
                FieldKind::Tel => "tel",
                _ => "text",
            };
            (field.label.clone(), kind, field.autocomplete.as_deref().unwrap_or("off"), String::new())
        }
        (Method::PhoneCode, _) => (app.text(text::PHONE), "tel", "tel", app.text(text::PHONE_EXAMPLE)),
        _ => (app.text(text::EMAIL), "email", "email", app.text(text::EMAIL_EXAMPLE)),
    };
    dom::set_text(&dom::element(id::CARD_LABEL), &label);
    let field = dom::element(id::CARD_EMAIL);
    for (name, value) in
        [("type", kind), ("name", kind), ("inputmode", kind), ("autocomplete", autocomplete), ("placeholder", &example)]
    {
        dom::set_attribute(&field, name, value);
    }
}

/// What to say of something typed that is none of what the way asks for.
pub fn wrong(app: App, method: Method) -> String {
    match method {
        Method::CollectionLookup => app.texts().filled(
            text::FIELD_MISSING,
            &[("label", &dom::element(id::CARD_LABEL).text_content().unwrap_or_default())],
        ),
        Method::PhoneCode => app.text(text::ERROR_BAD_NUMBER),
        _ => app.text(text::ERROR_BAD_ADDRESS),
    }
}

/// The buttons for the other ways to sign in.
fn draw_ways(app: App, sheet: &Sheet, card: &Card) {
    let place = dom::element(id::CARD_WAYS);
    place.set_text_content(None);
    let shown = sheet.shown_way();
    for (number, way) in card::ways(card).into_iter().enumerate().filter(|(_, way)| shown != Some(*way)) {
        let label = card.lookup.as_ref().map(|field| field.label.as_str()).unwrap_or_default();
        let title = match way {
            Way::Form(number) => card.forms.get(number).map(|form| form.title.clone()).unwrap_or_default(),
            Way::Typed(Method::CollectionLookup) => app.texts().filled(text::WITH_LOOKUP, &[("label", label)]),
            Way::Typed(Method::PhoneCode) => app.text(text::WITH_PHONE_CODE),
            Way::Typed(_) => app.text(text::WITH_EMAIL_CODE),
        };
        let button = dom::add_button(&place, class::WAY, &title);
        dom::set_attribute(&button, "data-way", &number.to_string());
    }
    for (method, button) in [(Method::Google, id::CARD_GOOGLE), (Method::Passkey, id::CARD_PASSKEY)] {
        let button = dom::element(button);
        let offered = card.methods.contains(&method);
        button.set_hidden(!offered);
        // The way that the site owner wants first stands first, for the keyboard too.
        let first = card.methods.first() == Some(&method);
        dom::element(if first { id::CARD_FIRST } else { id::CARD_LAST }).append_child(&button).ok();
        if offered && method == Method::Google {
            drop(fetch::more("google"));
        }
    }
    if sheet.code_step().is_some_and(|step| step.channel == Channel::Sms) {
        drop(fetch::more("otp"));
    }
}

fn draw_code(app: App, sheet: &Sheet, step: &CodeStep) {
    let texts = app.texts();
    let digits = step.digits.to_string();
    let email = step.channel == Channel::Email;
    let sent = match (step.delivery, step.channel) {
        (_, Channel::OnRecord) => text::CODE_ON_RECORD,
        (Delivery::Sending, _) => text::CODE_SENDING,
        (_, Channel::Email) => text::CODE_SENT,
        (_, Channel::Sms) if step.instead_of.is_some() => text::CODE_SENT_SMS_INSTEAD,
        (_, Channel::Sms) => text::CODE_SENT_SMS,
        (_, Channel::Whatsapp) if step.instead_of.is_some() => text::CODE_SENT_WHATSAPP_INSTEAD,
        (_, Channel::Whatsapp) => text::CODE_SENT_WHATSAPP,
    };
    let line = dom::element(id::CARD_SENT);
    line.set_hidden(step.delivery == Delivery::Failed);
    texts.fill(&line, sent, &[("digits", &digits), ("address", &step.address)]);
    let reference = if email { text::REFERENCE } else { text::REFERENCE_MESSAGE };
    texts.fill(&dom::element(id::CARD_REFERENCE), reference, &[("word", &step.reference)]);
    let other = dom::element(id::CARD_CHANNEL);
    other.set_hidden(sheet.other_channel().is_none());
    let by_sms = sheet.other_channel() == Some(Channel::Sms);
    dom::set_text(&other, &texts.get(if by_sms { text::BY_SMS } else { text::BY_WHATSAPP }));
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
