//! A dialog: the browser's own, so that focus stays inside, Escape closes it, and focus comes back.

use leptos::html;

use super::fresh_id;
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
    /// What is in it; made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let id = fresh_id("dialog");
    let labelled = id.clone();
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), open.get()) else { return };
        if open && !dialog.open() {
            dialog.show_modal().ok();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let cancel = move |event: web_sys::Event| {
        if !closes {
            event.prevent_default();
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class=if wide { "wide" } else { "" }
            aria-labelledby=labelled
            on:cancel=cancel
            on:close=move |_| open.set(false)
        >
            <header>
                <h2 id=id>{live(move || title.get())}</h2>
                {closes.then(|| view! {
                    <button type="button" class="close" aria-label="Close" on:click=move |_| open.set(false)>"×"</button>
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
