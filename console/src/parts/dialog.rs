//! A dialog: the browser's own, so that focus stays inside, Escape closes it, and focus comes back.

use leptos::html;

use super::{fresh_id, guard};
use crate::parts::live::live;
use crate::prelude::*;

/// A dialog that is shown while `open` is set.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Its title.
    #[prop(into)]
    title: Signal<String>,
    /// Wider than usual.
    #[prop(optional)]
    wide: bool,
    /// Whether Escape and the button close it; a dialog that has to be answered says no.
    #[prop(default = true)]
    closes: bool,
    /// Whether it has a form that is held: closing it asks first where something is not saved.
    #[prop(optional)]
    asks: bool,
    /// What is in it; made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let id = fresh_id("dialog");
    let labelled = id.clone();
    effect(move || {
        let (Some(dialog), open) = (dialog.get(), open.get()) else { return };
        if open && !dialog.open() {
            dialog.show_modal().ok();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let ask = asks.then(|| guard::closing(open));
    let shut = move || match ask {
        Some(ask) => ask(),
        None if closes => open.set(false),
        None => {}
    };
    let cancel = move |event: web_sys::Event| {
        event.prevent_default();
        shut();
    };
    // Not left to the browser: a second Escape closes a dialog there without a word to us, and every other one with it. While
    // letters are composed it ends that alone.
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            shut();
        }
    };
    // Where a browser closed it all the same, such as by the way back of a phone, it is shown again if it shall stay.
    let closed = move |_| {
        if open.get_untracked() {
            shut();
        }
        if let (true, Some(dialog)) = (open.get_untracked(), dialog.get_untracked()) {
            dialog.show_modal().ok();
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class=if wide { "wide" } else { "" }
            aria-labelledby=labelled
            on:keydown=escape
            on:cancel=cancel
            on:close=closed
        >
            <header>
                <h2 id=id>{live(move || title.get())}</h2>
                {closes.then(|| view! {
                    <button type="button" class="close" aria-label="Close" on:click=move |_| shut()>"×"</button>
                })}
            </header>
            {live(move || open.get().then(|| children()))}
        </dialog>
    }
}

/// The line of buttons at the end of a dialog or form.
#[component]
pub fn Actions(
    /// The buttons, the one that goes on last.
    children: Children,
) -> impl IntoView {
    view! { <div class="actions">{children()}</div> }
}
