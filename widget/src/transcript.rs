//! The conversation, as it stands on the page. The elements are the list: an entry is found by its id in the document.

use shared::block::Block;
use shared::card::{Card, CardStep};
use shared::error::ErrorCode;
use shared::frame::{Entry, Interruption, LoadedSource, Numbered, State};
use shared::id::{CardId, MessageId};
use shared::skeleton::{class, id, text};
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::client::fetch::Refusal;
use crate::outbox::Outgoing;
use crate::scroll::{self, follow};
use crate::state::{App, Shown, Turn};
use crate::{blocks, card, composer, confirm, dom};

/// Shows a stored frame. `fresh` is false for what is read back after a reload: nobody needs to be told of it.
pub fn apply(app: App, frame: Numbered, fresh: bool) {
    let known = app.change(|here| {
        let known = frame.seq <= here.seq;
        here.seq = here.seq.max(frame.seq);
        known
    });
    if known {
        return;
    }
    match frame.entry {
        Entry::Message { id, text } => message(app, &id, &text),
        Entry::Answer { answer: number, blocks, partial } => {
            answer(app, number, &blocks, partial);
            arrived(app, fresh);
        }
        Entry::Card { card } => {
            show_card(app, card);
            arrived(app, fresh);
        }
        Entry::Confirm { confirm } => {
            confirm::show(app, &confirm);
            arrived(app, fresh);
        }
        Entry::State { state } => changed(app, state),
        Entry::Loaded { sources } => {
            for source in &sources {
                loaded(app, source);
            }
        }
        Entry::Interrupted { reason } => interrupted(app, reason),
    }
    follow(app);
}

/// Shows a message before the edge has it.
pub fn optimistic(app: App, message: &Outgoing) {
    let element = mine(app, &message.id, &message.text);
    let words = if composer::is_live(app) { text::SENDING } else { text::QUEUED };
    dom::add_text(&element, "small", "", &app.text(words));
    app.change(|here| here.pinned = true);
    follow(app);
}

/// The edge has a message.
pub fn stored(app: App, id: &MessageId) {
    app.change(|here| here.outbox.settle(id));
    if let Some(text) = text_of(id) {
        mine(app, id, &text);
    }
}

/// The edge refuses a message, or a command when there is no id.
pub fn refused(app: App, id: Option<&MessageId>, refusal: &Refusal) {
    let words = app.refusal(refusal);
    let Some((id, text)) = id.and_then(|id| Some((id, text_of(id)?))) else {
        // Only an answer to a confirmation can find its card gone here.
        let gone = refusal.is(ErrorCode::CardGone);
        note(app, &if gone { app.text(text::CONFIRM_GONE) } else { words });
        return;
    };
    app.change(|here| here.outbox.settle(id));
    if refusal.is(ErrorCode::CodeInChat) && card::take_code_out(app, &text) {
        remove(id);
        return;
    }
    let element = mine(app, id, &text);
    let line = dom::add_text(&element, "small", "cs-refused", &format!("{} {words} ", app.text(text::NOT_SENT)));
    let again = dom::add_button(&line, class::AGAIN, &app.text(text::RETRY));
    dom::set_attribute(&again, "data-message", id.as_str());
    follow(app);
}

fn remove(id: &MessageId) {
    if let Some(message) = dom::maybe_element(&format!("m-{id}")) {
        message.remove();
    }
}

/// What a message on the page says.
pub fn text_of(id: &MessageId) -> Option<String> {
    dom::maybe_element(&format!("m-{id}"))?.query_selector("p").ok()??.text_content()
}

/// Shows part of an answer that is being written.
pub fn delta(app: App, number: u64, from: u32, blocks: &[Block]) {
    blocks::replace(&answer_element(app, number), from, blocks);
    if app.look(|Shown { turn, .. }| turn.answer != Some(number)) {
        app.show(|Shown { turn, .. }| turn.answer = Some(number));
        dom::set_attribute(&log(), "aria-busy", "true");
    }
    scroll::mark_below(app);
    follow(app);
}

/// Shows a line that nobody said.
pub fn note(app: App, words: &str) -> HtmlElement {
    let line = dom::add_text(&log(), "p", class::NOTE, words);
    follow(app);
    line
}

/// Shows a card as it stands now, in the place where it first appeared.
pub fn show_card(app: App, card: Card) {
    match card.step {
        CardStep::Done => end_card(app, &card.id, true),
        CardStep::Cancelled => end_card(app, &card.id, false),
        CardStep::Address | CardStep::Code(_) | CardStep::Form { .. } | CardStep::Match { .. } => {
            let slot = slot(&card.id);
            card::open(app, card, &slot);
        }
    }
}

/// A card is over: the visitor is signed in, or closed it.
pub fn end_card(app: App, id: &CardId, done: bool) {
    card::close(app, id);
    let slot = slot(id);
    slot.set_text_content(None);
    let (class, words) = if done { ("cs-note cs-done", text::CARD_DONE) } else { (class::NOTE, text::CARD_CANCELLED) };
    dom::add_text(&slot, "p", class, &app.text(words));
}

fn slot(id: &CardId) -> HtmlElement {
    placed(&format!("c-{id}"), class::SLOT)
}

/// The element of the transcript with this id, new at its end if there is none.
pub fn placed(place: &str, class: &str) -> HtmlElement {
    said();
    dom::maybe_element(place).unwrap_or_else(|| {
        let element = dom::add(&log(), "div", class);
        element.set_id(place);
        element
    })
}

/// Removes everything.
pub fn wipe(app: App) {
    card::park(app);
    log().set_text_content(None);
    dom::element(id::WELCOME).set_hidden(false);
    app.show(|shown| shown.below = false);
    app.change(|here| here.pinned = true);
}

fn log() -> HtmlElement {
    dom::element(id::LOG)
}

/// Something was said: the suggestions have done their work.
fn said() {
    dom::element(id::WELCOME).set_hidden(true);
}

fn message(app: App, id: &MessageId, text: &str) {
    app.change(|here| here.outbox.settle(id));
    mine(app, id, text);
}

/// A message of the visitor's, new or anew, without what was said about its sending.
fn mine(app: App, id: &MessageId, words: &str) -> HtmlElement {
    let element = placed(&format!("m-{id}"), class::MINE);
    element.set_text_content(None);
    dom::add_text(&element, "span", "cs-sr", &app.text(text::YOU));
    dom::set_attribute(&dom::add_text(&element, "p", "", words), "dir", "auto");
    element
}

/// The element with an answer's blocks.
fn answer_element(app: App, number: u64) -> HtmlElement {
    said();
    let place = format!("a-{number}");
    dom::maybe_element(&place).unwrap_or_else(|| {
        let answer = dom::add(&log(), "div", class::ANSWER);
        dom::add_text(&answer, "span", "cs-sr", &app.text(text::AGENT));
        let blocks = dom::add(&answer, "div", "cs-blocks");
        dom::set_attribute(&blocks, "dir", "auto");
        blocks.set_id(&place);
        blocks
    })
}

fn answer(app: App, number: u64, blocks: &[Block], partial: bool) {
    let element = answer_element(app, number);
    blocks::replace(&element, 0, blocks);
    if partial && let Some(answer) = element.parent_element() {
        dom::add_text(&wasm_bindgen::JsCast::unchecked_into(answer), "small", "", &app.text(text::PARTIAL));
    }
    rest(app);
}

/// The agent does nothing any more.
fn rest(app: App) {
    dom::set_attribute(&log(), "aria-busy", "false");
    app.show(|shown| shown.turn = Turn::default());
}

fn changed(app: App, state: State) {
    let before = app.look(|Shown { who, .. }| who.state);
    app.show(|Shown { who, .. }| who.state = state);
    if before != State::Authenticated && state == State::Authenticated && composer::is_live(app) {
        app.tell_host("login", None);
    }
}

fn loaded(app: App, source: &LoadedSource) {
    let (key, count) = match source.count {
        None => (text::NOT_LOADED, String::new()),
        Some(0) => (text::LOADED_NONE, String::new()),
        Some(1) => (text::LOADED_ONE, String::new()),
        Some(count) => (text::LOADED, count.to_string()),
    };
    let words = app.texts().filled(key, &[("count", &count), ("name", &source.name)]);
    let line = note(app, &words);
    line.set_class_name(if source.count.is_some() { "cs-note cs-loaded" } else { "cs-note cs-failed" });
}

fn interrupted(app: App, reason: Interruption) {
    // What was streamed and not stored would be gone after a reload; it goes now.
    if let Some(number) = app.look(|Shown { turn, .. }| turn.answer)
        && let Some(answer) = dom::maybe_element(&format!("a-{number}")).and_then(|blocks| blocks.parent_element())
    {
        answer.remove();
    }
    rest(app);
    let key = match reason {
        Interruption::Stopped => text::STOPPED,
        Interruption::Failed => text::FAILED,
        Interruption::Restarted => text::RESTARTED,
        Interruption::TooManyRounds => text::TOO_MANY_ROUNDS,
        Interruption::OutOfBudget => text::OUT_OF_BUDGET,
    };
    let line = note(app, &app.text(key));
    line.set_class_name("cs-note cs-interrupted");
    dom::append_text(&line, " ");
    dom::add_button(&line, class::RETRY, &app.text(text::RETRY));
}

/// Something came that the visitor may not see.
fn arrived(app: App, fresh: bool) {
    if !fresh {
        return;
    }
    scroll::mark_below(app);
    if let Some(unread) = app.change(|here| {
        here.unread += u32::from(!here.open);
        (!here.open).then_some(here.unread)
    }) {
        app.tell_host("unread", Some(("count", JsValue::from(unread))));
    }
}
