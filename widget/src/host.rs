//! The chat as a part of the host page: when it is open, and who may say so.

use shared::route::Route;
use shared::skeleton::id;
use wasm_bindgen::JsValue;

use crate::client::fetch;
use crate::client::post_message::{self, Ask};
use crate::state::App;
use crate::{card_form, card_view, dom, link};

/// Where fingers point, a focused field brings up a keyboard that hides the conversation.
const FINGERS: &str = "(pointer: coarse)";

/// Listens to the host page and says that this page is ready. A page of its own starts at once.
pub fn wire(app: App) {
    if post_message::parent().is_none() {
        link::start(app);
        return;
    }
    let inline = dom::window().location().hash().is_ok_and(|hash| hash == "#inline");
    dom::element(id::CLOSE).set_hidden(inline);
    post_message::listen(move |ask, origin| {
        app.change(|here| here.host = Some(origin));
        match ask {
            Ask::Hello => app.tell_host("ready", None),
            Ask::Open => opened(app),
            Ask::Close => closed(app),
            Ask::Identify(token) => {
                app.change(|here| here.token = Some(token));
                identify(app);
            }
        }
    });
    for origin in post_message::origins_to_greet() {
        post_message::say(&origin, "ready", None);
    }
}

/// Hands the host page's token to the edge, once there is a conversation that it can be for.
pub fn identify(app: App) {
    let Some((conversation, token)) = app.change(|here| {
        let conversation = here.conversation.clone().filter(|_| !here.changing)?;
        here.changing = here.token.is_some();
        Some((conversation, here.token.take()?))
    }) else {
        return;
    };
    let body = [("token", JsValue::from_str(&token))];
    fetch::send(&Route::LoginHost(conversation), &body, move |answer| match answer {
        Ok(_) => link::again(app),
        Err(refusal) => {
            app.change(|here| here.changing = false);
            link::wake(app);
            app.tell_host("error", Some(("code", JsValue::from_str(refusal.name()))));
        }
    });
}

/// The visitor uses the chat, whether or not the host page told that it is open.
pub fn touched(app: App) {
    link::start(app);
}

/// The visitor closes the chat.
pub fn close(app: App) {
    closed(app);
    app.tell_host("close", None);
}

/// Escape closes the account's menu or the dialog if one is open (the browser does that), else the chat.
pub fn escape(app: App) {
    let over = dom::document().query_selector("dialog[open], :popover-open");
    if over.is_ok_and(|over| over.is_none()) && !dom::element(id::CLOSE).hidden() {
        close(app);
    }
}

fn closed(app: App) {
    app.change(|here| here.open = false);
    card_form::forget_passwords(app);
}

fn opened(app: App) {
    link::start(app);
    let unread = app.change(|here| {
        here.open = true;
        core::mem::take(&mut here.unread)
    });
    if unread > 0 {
        app.tell_host("unread", Some(("count", JsValue::from(0))));
    }
    if !dom::window().match_media(FINGERS).ok().flatten().is_some_and(|media| media.matches()) {
        dom::focus(&app.look(|shown| card_view::current_field(&shown.sheet)));
    }
}
