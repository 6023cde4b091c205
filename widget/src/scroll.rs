//! The transcript follows its end while the end is in view, and leaves alone a visitor who reads further up.

use shared::skeleton::id;
use wasm_bindgen::prelude::*;

use crate::state::App;
use crate::{dom, effect};

/// So near to the end, in pixels, counts as at the end.
const NEAR_PX: i32 = 48;

/// Follows the visitor's scrolling and shows the button that leads to what is new.
pub fn wire(app: App) {
    dom::listen(&dom::element(id::SCROLL), "scroll", move |_| {
        let scroll = dom::element(id::SCROLL);
        let pinned = scroll.scroll_height() - scroll.scroll_top() - scroll.client_height() < NEAR_PX;
        app.change(|here| here.pinned = pinned);
        if pinned {
            mark_below(app);
        }
    });
    dom::listen(&dom::window(), "resize", move |_| follow(app));
    effect::draw(move || dom::element(id::NEWER).set_hidden(!app.watch(|shown| shown.below)));
}

/// Scrolls to the end in the browser's next frame, if the end was in view. Once a frame, however many deltas came: to
/// ask for the height after each would lay the page out each time.
pub fn follow(app: App) {
    let due = app.change(|here| here.pinned && !core::mem::replace(&mut here.scrolling, here.pinned));
    if due {
        let to_end: Box<dyn FnOnce()> = Box::new(move || {
            app.change(|here| here.scrolling = false);
            let scroll = dom::element(id::SCROLL);
            scroll.set_scroll_top(scroll.scroll_height());
        });
        let callback = Closure::once_into_js(to_end);
        dom::window().request_animation_frame(callback.unchecked_ref()).ok();
    }
}

/// Leads to the end.
pub fn to_end(app: App) {
    app.change(|here| here.pinned = true);
    mark_below(app);
    follow(app);
}

/// Something stands at the end: shows the button unless the end is in view.
pub fn mark_below(app: App) {
    let below = !app.read(|here| here.pinned);
    if app.look(|shown| shown.below) != below {
        app.show(|shown| shown.below = below);
    }
}
