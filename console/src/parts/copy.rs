//! A text to copy.

use wasm_bindgen_futures::JsFuture;

use super::button::Button;
use super::toast::toasts;
use crate::parts::live::live;
use crate::prelude::*;

/// Puts a text on the clipboard and says so.
pub fn copy(text: String) {
    let toasts = toasts();
    leptos::task::spawn_local(async move {
        let written = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
        match written {
            Ok(_) => toasts.say("Copied."),
            Err(_) => toasts.warn("The browser does not let this page copy. Select the text and copy it."),
        }
    });
}

/// A text in a box, with a button that copies it.
#[component]
pub fn Copyable(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What it is: "the snippet".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let label = format!("Copy {what}");
    view! {
        <div class="copyable">
            <pre tabindex="0" role="region" aria-label=what><code>{live(move || text.get())}</code></pre>
            <Button label=label on_press=move |()| copy(text.get_untracked())>"Copy"</Button>
        </div>
    }
}
