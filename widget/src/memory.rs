//! What this chat remembers about the person, in a dialog, and making it forget.

use shared::route::Route;
use shared::skeleton::{id, text};
use web_sys::{HtmlDialogElement, HtmlElement};

use crate::client::fetch::{self, Answered};
use crate::client::wire;
use crate::dom;
use crate::state::App;

/// On the button that erases, once it was pressed.
const SURE: &str = "cs-quiet cs-sure";

/// Opens the dialog and asks the edge what it remembers.
pub fn open(app: App) {
    let Some(conversation) = app.read(|here| here.conversation.clone()) else { return };
    // Before the dialog opens: the keyboard goes back to the account's button, and from there it comes back to it.
    dom::element(id::ACCOUNT_MENU).hide_popover().ok();
    clear(app);
    dialog().show_modal().ok();
    ask(app, &Route::Remembered(conversation));
}

/// Closes the dialog.
pub fn close() {
    fields().set_text_content(None);
    dialog().close();
}

/// Asks whether the visitor is sure, and erases when they are.
pub fn erase(app: App) {
    let Some(conversation) = app.read(|here| here.conversation.clone()) else { return };
    let button = dom::element(id::MEMORY_ERASE);
    if button.class_name() == SURE {
        button.set_class_name("cs-quiet");
        dom::focus(&dom::element(id::MEMORY_CLOSE));
        ask(app, &Route::Erase(conversation));
        return;
    }
    button.set_class_name(SURE);
    dom::set_text(&button, &app.text(text::MEMORY_YES));
    dom::set_text(&dom::element(id::MEMORY_ERROR), &app.text(text::MEMORY_ASK));
}

fn ask(app: App, route: &Route) {
    let asked = app.read(|here| here.conversation.clone());
    fetch::ask(route, &[], move |answer| {
        // Somebody else may be at the screen by now.
        if app.read(|here| here.conversation == asked) && dialog().open() {
            draw(app, answer);
        }
    });
}

fn draw(app: App, answer: Answered) {
    let answer = match answer {
        Ok(answer) => answer,
        Err(refusal) => {
            unpressed(app, &app.refusal(&refusal));
            return;
        }
    };
    clear(app);
    // What was erased is answered with nothing.
    let remembered = wire::remembered(&answer).unwrap_or_default();
    if remembered.is_empty() {
        dom::add_text(&fields(), "p", "", &app.text(text::REMEMBERS_NOTHING));
        return;
    }
    let list = dom::add(&fields(), "dl", "");
    for field in remembered {
        let value = field.value.unwrap_or_else(|| app.text(text::REMEMBERED_SECRET));
        dom::add_pair(&list, &in_words(&field.name), &value);
    }
    dom::element(id::MEMORY_ERASE).set_hidden(false);
}

/// Nothing shown, nothing to erase.
fn clear(app: App) {
    fields().set_text_content(None);
    dom::element(id::MEMORY_ERASE).set_hidden(true);
    unpressed(app, "");
}

/// The button that erases as it was before it was pressed.
fn unpressed(app: App, problem: &str) {
    let button = dom::element(id::MEMORY_ERASE);
    button.set_class_name("cs-quiet");
    dom::set_text(&button, &app.text(text::MEMORY_ERASE));
    dom::set_text(&dom::element(id::MEMORY_ERROR), problem);
}

/// `company_id` as `Company id`.
fn in_words(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn fields() -> HtmlElement {
    dom::element(id::MEMORY_FIELDS)
}

fn dialog() -> HtmlDialogElement {
    dom::element_as(id::MEMORY)
}
