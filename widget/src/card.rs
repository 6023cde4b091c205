//! The login card: the form in the conversation. Addresses and codes go from here to the edge's own endpoints and never
//! over the chat (L8).

use std::sync::Arc;

use js_sys::Promise;
use shared::card::{Card, CardStep, Channel, CodeStep, Delivery, Method};
use shared::error::ErrorCode;
use shared::id::{CardId, ConversationId};
use shared::route::Route;
use shared::skeleton::{id, text};
use wasm_bindgen::JsValue;
use web_sys::{HtmlElement, HtmlInputElement};

use crate::client::fetch::{self, Refusal};
use crate::client::wire;
use crate::state::{App, Sheet, Shown, Way};
use crate::{card_form, card_view, code, composer, dom, link, transcript};

/// The ways to sign in that the card asks something for, in the card's order.
pub fn ways(card: &Card) -> Vec<Way> {
    let mut ways = Vec::new();
    for method in &card.methods {
        match method {
            Method::LoginAction => ways.extend((0..card.forms.len()).map(Way::Form)),
            Method::EmailCode | Method::PhoneCode | Method::CollectionLookup => ways.push(Way::Typed(*method)),
            Method::Google | Method::HostToken | Method::Passkey => {}
        }
    }
    ways
}

/// Opens a card, or shows what changed of the open one.
pub fn open(app: App, card: Card, slot: &HtmlElement) {
    let element = dom::element(id::CARD);
    if element.parent_element().as_ref() != Some(slot) {
        slot.append_child(&element).ok();
    }
    app.show(|Shown { sheet, .. }| {
        if let Some(shown) = sheet.card.as_ref().filter(|shown| shown.id == card.id) {
            sheet.correcting &= place(shown) == place(&card);
        } else {
            *sheet = Sheet { way: ways(&card).first().copied(), ..Sheet::default() };
        }
        sheet.card = Some(Arc::new(card));
    });
}

/// Closes a card, if it is the open one.
pub fn close(app: App, card: &CardId) {
    if app.look(|Shown { sheet, .. }| sheet.card.as_ref().is_some_and(|open| open.id == *card)) {
        park(app);
    }
}

/// Takes the card's form out of the transcript and forgets what was typed into it.
pub fn park(app: App) {
    let element = dom::element(id::CARD);
    let had_focus = dom::has_focus(&element);
    element.set_hidden(true);
    if let Some(body) = dom::document().body() {
        body.append_child(&element).ok();
    }
    field(id::CARD_EMAIL).set_value("");
    field(id::CARD_CODE).set_value("");
    for line in [id::CARD_TO, id::CARD_SENT, id::CARD_ERROR] {
        dom::element(line).set_text_content(None);
    }
    card_form::draw(app, None);
    app.show(|shown| shown.sheet = Sheet::default());
    if had_focus {
        dom::focus(&dom::element(id::COMPOSER));
    }
}

/// Asks for a code to what is in the field.
pub fn submit_address(app: App) {
    let Some(method) = app.look(|Shown { sheet, .. }| sheet.typed()) else { return };
    if let Some(address) = app.look(|Shown { sheet, .. }| sheet.fixed().map(str::to_owned)) {
        start(app, method, &address, None);
        return;
    }
    let field = field(id::CARD_EMAIL);
    let address = field.value();
    if address.trim().is_empty() || !field.check_validity() {
        let words = card_view::wrong(app, method);
        app.show(|Shown { sheet, .. }| sheet.problem = words);
        dom::focus(&field);
        return;
    }
    start(app, method, address.trim(), None);
}

/// Asks for another code to the same address; by the other channel, if that is wished.
pub fn resend(app: App, elsewhere: bool) {
    let Some((method, address, channel, early)) = app.look(|Shown { sheet, .. }| {
        let step = sheet.code_step()?;
        let channel = if elsewhere { sheet.other_channel() } else { Some(step.channel) };
        Some((sheet.typed()?, step.address.clone(), channel, card_view::resend_in_s(app, step) > 0))
    }) else {
        return;
    };
    if elsewhere || !early {
        let field = field(id::CARD_CODE);
        field.set_value("");
        start(app, method, &address, channel.filter(|_| method == Method::PhoneCode));
        dom::focus(&field);
    }
}

/// Goes back to the address, which stays in its field.
pub fn correct(app: App) {
    app.show(|Shown { sheet, .. }| {
        if let Some(step) = sheet.code_step() {
            field(id::CARD_EMAIL).set_value(&step.address);
        }
        sheet.way = sheet.shown_way();
        sheet.correcting = true;
        sheet.problem.clear();
    });
}

/// Begins anew, another way.
pub fn go_another_way(app: App, way: Option<usize>) {
    field(id::CARD_EMAIL).set_value("");
    app.show(|Shown { sheet, .. }| {
        if let Some(card) = sheet.card.as_ref().filter(|_| !sheet.working)
            && let Some(way) = way.and_then(|way| ways(card).get(way).copied())
        {
            sheet.way = Some(way);
            sheet.correcting = true;
            sheet.problem.clear();
        }
    });
}

/// Reads the field after every stroke and checks the code when it is whole.
pub fn typed_code(app: App) {
    let field = field(id::CARD_CODE);
    let Some(most) = digits_wanted(app) else { return };
    let typed = field.value();
    let digits = code::digits(&typed, most);
    if digits != typed {
        field.set_value(&digits);
    }
    if digits.len() == most {
        submit_code(app);
    } else {
        app.show(|Shown { sheet, .. }| sheet.problem.clear());
    }
}

/// Takes a code that was typed into the chat.
pub fn take_code(app: App, code: &str) {
    field(id::CARD_CODE).set_value(code);
    submit_code(app);
}

/// Takes the code out of a message that the edge refused for it; what else it said goes back to the text field.
pub fn take_code_out(app: App, message: &str) -> bool {
    let taken = digits_wanted(app).and_then(|length| code::taken_out(message, length));
    if let Some((code, rest)) = &taken {
        composer::give_back(rest);
        take_code(app, code);
    }
    taken.is_some()
}

/// Checks the code in the field.
pub fn submit_code(app: App) {
    let Some(most) = digits_wanted(app) else { return };
    let code = field(id::CARD_CODE).value();
    if code.len() < most {
        let words = app.texts().filled(text::CODE_INCOMPLETE, &[("digits", &most.to_string())]);
        app.show(|Shown { sheet, .. }| sheet.problem = words);
        dom::focus(&field(id::CARD_CODE));
        return;
    }
    let at_code = app.look(|Shown { sheet, .. }| sheet.code_step().is_some());
    prove(app, &|conversation, card| {
        let route = if at_code { Route::LoginVerify(conversation) } else { Route::LoginMatch(conversation) };
        fetch::request(&route, &[("card", card), ("code", JsValue::from_str(&code))])
    });
}

/// Signs in with a passkey. The module of rare things speaks to the browser and to the edge.
pub fn passkey(app: App) {
    prove(app, &|_, _| fetch::more("passkey"));
}

/// Sends a proof, unless a request is in flight.
pub fn prove(app: App, request: &dyn Fn(ConversationId, JsValue) -> Promise) {
    let Some((conversation, card)) = begin(app) else { return };
    // From here until the answer the cookie may change under a visit's feet.
    app.change(|here| here.changing = true);
    let request = request(conversation, JsValue::from_str(card.as_str()));
    fetch::hand_on(request, move |answer| match answer {
        Ok(answer) => proved(app, wire::card(&answer)),
        Err(refusal) => unproved(app, &refusal),
    });
}

/// The edge took a proof: the visitor is signed in, or at the card's next step.
fn proved(app: App, card: Option<Card>) {
    match card {
        Some(card) if card.step == CardStep::Done => {
            transcript::show_card(app, card);
            link::again(app);
        }
        card => {
            app.change(|here| here.changing = false);
            started(app, card);
            link::wake(app);
        }
    }
}

/// The edge did not take a proof; the cookie is as it was.
fn unproved(app: App, refusal: &Refusal) {
    app.change(|here| here.changing = false);
    failed(app, refusal);
    link::wake(app);
    if digits_wanted(app).is_some() {
        let field = field(id::CARD_CODE);
        dom::focus(&field);
        field.select();
    } else {
        card_form::focus_again(app);
    }
}

/// Closes the card at the visitor's wish.
pub fn cancel(app: App) {
    let Some((conversation, id)) = begin(app) else { return };
    let body = [("card", JsValue::from_str(id.as_str()))];
    fetch::send(&Route::LoginCancel(conversation), &body, move |answer| match answer {
        Ok(_) => transcript::end_card(app, &id, false),
        Err(refusal) => failed(app, &refusal),
    });
}

/// A look-up may be a proof by itself.
fn start(app: App, method: Method, address: &str, channel: Option<Channel>) {
    prove(app, &|conversation, card| {
        let mut body = vec![
            ("card", card),
            ("method", wire::name_of(&wire::METHODS, method)),
            ("address", JsValue::from_str(address)),
        ];
        body.extend(channel.map(|channel| ("channel", wire::name_of(&wire::CHANNELS, channel))));
        fetch::request(&Route::LoginStart(conversation), &body)
    });
}

/// The socket may have told of the mail's delivery before this answer came; what it said is newer.
fn started(app: App, card: Option<Card>) {
    app.show(|Shown { sheet, .. }| {
        sheet.working = false;
        sheet.correcting = false;
        if let Some(card) = card
            && sheet.card.as_ref().is_some_and(|shown| shown.id == card.id)
            && !sheet.code_step().is_some_and(|shown| is_later(shown, &card))
        {
            sheet.card = Some(Arc::new(card));
        }
    });
}

fn is_later(shown: &CodeStep, answer: &Card) -> bool {
    matches!(&answer.step, CardStep::Code(step) if step.resend_at == shown.resend_at && shown.delivery != Delivery::Sending)
}

/// Begins a request of the card, unless one is in flight.
fn begin(app: App) -> Option<(ConversationId, CardId)> {
    let conversation = app.read(|here| here.conversation.clone())?;
    app.show(|Shown { sheet, .. }| {
        if sheet.working {
            return None;
        }
        sheet.problem = String::new();
        sheet.working = true;
        sheet.card.as_ref().map(|card| (conversation, card.id.clone()))
    })
}

fn failed(app: App, refusal: &Refusal) {
    app.show(|Shown { sheet, .. }| {
        sheet.working = false;
        sheet.problem = app.refusal(refusal);
    });
    if refusal.is(ErrorCode::SignedOut) {
        link::again(app);
    }
}

fn digits_wanted(app: App) -> Option<usize> {
    app.look(|Shown { sheet, .. }| sheet.digits())
}

/// What tells one step of a card from another of its steps.
fn place(card: &Card) -> Option<&str> {
    match &card.step {
        CardStep::Code(step) => Some(&step.address),
        CardStep::Form { form } => Some(&form.action),
        CardStep::Match { .. } => Some(""),
        _ => None,
    }
}

fn field(id: &str) -> HtmlInputElement {
    dom::element_as(id)
}
