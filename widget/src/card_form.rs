//! The form of a login action on the login card, drawn from the action's parameters. What is typed into it goes to the
//! edge once; a password is not even kept in its field.

use shared::card::{Field, FieldKind, Form};
use shared::route::Route;
use shared::skeleton::{class, id, text};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlInputElement};

use crate::client::{fetch, wire};
use crate::state::{App, Shown};
use crate::{card, dom};

/// The id of a field's element.
pub fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// Draws the fields, empty.
pub fn draw(app: App, form: Option<&Form>) {
    let place = dom::element(id::CARD_FIELDS);
    place.set_text_content(None);
    for field in form.iter().flat_map(|form| &form.fields) {
        draw_field(app, &place, field);
    }
}

fn draw_field(app: App, place: &HtmlElement, field: &Field) {
    let id = field_id(&field.name);
    let label = dom::add_text(place, "label", "", &field.label);
    let label_id = format!("label-{}", field.name);
    label.set_id(&label_id);
    dom::set_attribute(&label, "for", &id);
    if field.optional {
        dom::set_text(&label, &app.texts().filled(text::FIELD_OPTIONAL, &[("label", &field.label)]));
    }
    let row = dom::add(place, "div", "cs-row");
    let input = dom::add(&row, if field.kind == FieldKind::Choice { "select" } else { "input" }, "");
    let set = |name: &str, value: &str| dom::set_attribute(&input, name, value);
    set("id", &id);
    set("name", &field.name);
    set("aria-describedby", id::CARD_ERROR);
    if !field.optional {
        set("required", "");
    }
    if let Some(token) = &field.autocomplete {
        set("autocomplete", token);
    }
    let kind = match field.kind {
        FieldKind::Text => "text",
        FieldKind::Password => "password",
        FieldKind::Email => "email",
        FieldKind::Tel => "tel",
        // Not the input type: its arrows and its rounding are for amounts, and a number here is a customer's.
        FieldKind::Number => {
            set("inputmode", "decimal");
            "text"
        }
        FieldKind::Choice => {
            dom::add(&input, "option", "").set_attribute("value", "").ok();
            for choice in &field.choices {
                let option = dom::add_text(&input, "option", "", &choice.label);
                dom::set_attribute(&option, "value", &choice.value);
            }
            return;
        }
    };
    set("type", kind);
    // A name to sign in with is written as it is, whatever a phone thinks of it.
    set("autocapitalize", "none");
    set("spellcheck", "false");
    if field.kind == FieldKind::Password {
        let peek = dom::add_button(&row, class::PEEK, &app.text(text::SHOW));
        peek.set_id(&peek_id(&field.name));
        dom::set_attribute(&peek, "aria-describedby", &label_id);
        dom::set_attribute(&peek, "aria-controls", &id);
    }
}

/// Shows or hides the password before a button.
pub fn peek(app: App, button: &HtmlElement) {
    if let Some(field) = button.get_attribute("aria-controls").as_deref().and_then(input) {
        let hidden = field.type_() == "password";
        field.set_type(if hidden { "text" } else { "password" });
        dom::set_text(button, &app.text(if hidden { text::HIDE } else { text::SHOW }));
    }
}

/// Sends what was typed.
pub fn submit(app: App) {
    let Some(form) = app.look(|Shown { sheet, .. }| sheet.form().cloned()) else { return };
    let mut missing = None;
    let mut values = Vec::new();
    for field in &form.fields {
        let Some(input) = input(&field_id(&field.name)) else { return };
        let value = input.value();
        let empty = value.trim().is_empty();
        let wrong = if empty { !field.optional } else { !input.check_validity() };
        dom::set_flag(&input, "aria-invalid", wrong);
        if wrong && missing.is_none() {
            missing = Some((input, field.label.as_str(), empty));
        }
        if !empty {
            values.push((field.name.as_str(), JsValue::from_str(&value)));
        }
    }
    if let Some((input, label, empty)) = missing {
        let key = if empty { text::FIELD_MISSING } else { text::ERROR_BAD_ADDRESS };
        let words = app.texts().filled(key, &[("label", label)]);
        app.show(|Shown { sheet, .. }| sheet.problem = words);
        dom::focus(&input);
        return;
    }
    card::prove(app, &|conversation, card| {
        let action = JsValue::from_str(&form.action);
        let body = [("card", card), ("action", action), ("values", wire::object(&values))];
        forget_passwords(app);
        fetch::request(&Route::LoginAction(conversation), &body)
    });
}

/// Empties the fields of passwords, and hides what will be typed into them next.
pub fn forget_passwords(app: App) {
    let Some(form) = app.look(|Shown { sheet, .. }| sheet.form().cloned()) else { return };
    for field in form.fields.iter().filter(|field| field.kind == FieldKind::Password) {
        if let Some(input) = input(&field_id(&field.name)) {
            input.set_value("");
            input.set_type("password");
            dom::set_text(&dom::element(&peek_id(&field.name)), &app.text(text::SHOW));
        }
    }
}

/// After a refusal: the password, which was emptied, or else the first field.
pub fn focus_again(app: App) {
    let Some(form) = app.look(|Shown { sheet, .. }| sheet.form().cloned()) else { return };
    let emptied = form.fields.iter().find(|field| field.kind == FieldKind::Password);
    if let Some(input) = emptied.or(form.fields.first()).and_then(|field| input(&field_id(&field.name))) {
        dom::focus(&input);
    }
}

fn input(id: &str) -> Option<HtmlInputElement> {
    dom::maybe_element(id).map(JsCast::unchecked_into)
}

fn peek_id(name: &str) -> String {
    format!("peek-{name}")
}
