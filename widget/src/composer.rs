//! The text field and its two buttons.

use shared::frame::Doing;
use shared::id::MessageId;
use shared::skeleton::{id, text};
use wasm_bindgen::JsValue;
use web_sys::HtmlTextAreaElement;

use crate::client::wire;
use crate::outbox::Outgoing;
use crate::state::{App, Link, Shown};
use crate::{card, code, dom, effect, scroll, transcript};

/// Keeps the stop button and the progress line at what the agent is doing.
pub fn wire(app: App) {
    effect::draw(move || {
        let turn = app.watch(|shown| shown.turn.clone());
        let stop = dom::element(id::STOP);
        if !turn.is_busy() && dom::document().active_element().as_ref() == Some(&stop) {
            dom::focus(&dom::element(id::COMPOSER));
        }
        stop.set_hidden(!turn.is_busy());
        let words = match &turn.doing {
            Some(Doing::Thinking) if turn.answer.is_none() => app.text(text::THINKING),
            Some(Doing::Loading { names }) => listed(app, text::LOADING, names),
            Some(Doing::Acting { names }) => listed(app, text::ACTING, names),
            _ => String::new(),
        };
        dom::set_text(&dom::element(id::PROGRESS), &words);
        scroll::follow(app);
    });
}

fn listed(app: App, key: &str, names: &[String]) -> String {
    app.texts().filled(key, &[("names", &names.join(&app.text(text::AND)))])
}

/// The field's height follows its text, up to what the style allows.
pub fn grow() {
    let field = dom::element(id::COMPOSER);
    let style = field.style();
    style.set_property("height", "auto").ok();
    style.set_property("height", &format!("{}px", field.scroll_height())).ok();
}

/// Sends what is in the field.
pub fn submit(app: App) {
    let field: HtmlTextAreaElement = dom::element_as(id::COMPOSER);
    let words = field.value();
    let words = words.trim();
    if words.is_empty() {
        return;
    }
    // A code belongs in the card: it must never reach the transcript or the model (L8).
    let sent = match code::alone(words).filter(|_| app.look(|Shown { sheet, .. }| sheet.code_step().is_some())) {
        Some(code) => {
            card::take_code(app, &code);
            true
        }
        None => say(app, words),
    };
    if sent {
        empty();
    }
}

/// Empties the field.
pub fn empty() {
    dom::element_as::<HtmlTextAreaElement>(id::COMPOSER).set_value("");
    grow();
}

/// Sends a message, or keeps it until there is a connection. False when too many wait.
pub fn say(app: App, words: &str) -> bool {
    let Some(id) = new_id() else { return false };
    let message = Outgoing { id, text: words.to_owned() };
    if !app.change(|here| here.outbox.push(message.clone())) {
        transcript::note(app, &app.text(text::QUEUE_FULL));
        return false;
    }
    transcript::optimistic(app, &message);
    if is_live(app) {
        send_message(app, &message);
    }
    true
}

/// Sends a refused message again, under the same id.
pub fn again(app: App, id: &str) {
    if let Ok(id) = MessageId::parse(id)
        && let Some(text) = transcript::text_of(&id)
    {
        let message = Outgoing { id, text };
        app.change(|here| here.outbox.push(message.clone()));
        transcript::optimistic(app, &message);
        if is_live(app) {
            send_message(app, &message);
        }
    }
}

/// Puts text back into the field, unless the visitor writes something else by now.
pub fn give_back(words: &str) {
    let field: HtmlTextAreaElement = dom::element_as(id::COMPOSER);
    if field.value().is_empty() {
        field.set_value(words);
        grow();
    }
}

/// Sends what waits, in the order in which it was written.
pub fn send_waiting(app: App) {
    for message in app.read(|here| here.outbox.waiting().to_vec()) {
        transcript::optimistic(app, &message);
        send_message(app, &message);
    }
}

/// Sends a frame without fields: `stop` or `retry`.
pub fn command(app: App, name: &str) {
    send(app, &wire::encode(&[("type", JsValue::from_str(name))]));
}

fn send_message(app: App, message: &Outgoing) {
    send(
        app,
        &wire::encode(&[
            ("type", JsValue::from_str("message")),
            ("id", JsValue::from_str(message.id.as_str())),
            ("text", JsValue::from_str(&message.text)),
        ]),
    );
}

/// What cannot be sent now is either in the outbox or not worth keeping.
pub fn send(app: App, frame: &str) {
    if let Some(socket) = app.read(|here| here.socket.clone()) {
        socket.send_with_str(frame).ok();
    }
}

/// Whether a message goes out at once.
pub fn is_live(app: App) -> bool {
    app.look(|Shown { link, .. }| *link == Link::Live)
}

/// A new message's id: 122 random bits.
fn new_id() -> Option<MessageId> {
    MessageId::parse(&dom::window().crypto().ok()?.random_uuid()).ok()
}
