//! What the visitor sees: the chat and its login card, in an iframe.
//!
//! Leptos' reactive core without its view layer: the edge rendered the page (`shared::skeleton`), signals hold what is
//! known, effects keep the page at it. That is a third smaller than the same thing with `view!`, and the page is there
//! before this program is. Modules in reading order: what is known, what comes in, what is shown.

mod state;

mod client;
mod events;
mod host;
mod link;

mod account;
mod banner;
mod blocks;
mod card;
mod card_form;
mod card_view;
mod composer;
mod confirm;
mod scroll;
mod transcript;

mod backoff;
mod code;
mod dom;
mod effect;
mod outbox;
mod texts;

use reactive_graph::owner::Owner;
use shared::id::AgentId;
use shared::skeleton::attribute;
use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the widget on the frame page. Does nothing on a page that names no agent.
#[wasm_bindgen(start)]
pub fn start() {
    let agent = dom::document().body().and_then(|body| body.get_attribute(attribute::AGENT));
    let Some(agent) = agent.and_then(|agent| AgentId::parse(&agent).ok()) else { return };
    any_spawner::Executor::init_wasm_bindgen().unwrap_or_default();
    let root = Owner::new();
    root.with(|| wire(state::App::new(agent)));
    // The page is the widget's life; dropping the owner would end every signal.
    core::mem::forget(root);
}

fn wire(app: state::App) {
    account::wire(app);
    banner::wire(app);
    composer::wire(app);
    card_view::wire(app);
    scroll::wire(app);
    events::wire(app);
    link::wire(app);
    host::wire(app);
}
