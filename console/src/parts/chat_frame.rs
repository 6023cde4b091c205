//! The real chat in a frame. It speaks the frame's own protocol (`widget/src/client/post_message.rs`): told to open when it is
//! ready, it says what happens in it in a word.

use leptos::ev;
use leptos::html;
use wasm_bindgen::JsValue;

use crate::prelude::*;

/// The chat at an address of this origin.
#[component]
pub fn ChatFrame(
    /// The address.
    #[prop(into)]
    src: String,
    /// What the frame is called.
    title: &'static str,
    /// The frame.
    frame: NodeRef<html::Iframe>,
    /// What it says: `ready`, `close`, `login`, ….
    #[prop(into)]
    on_word: Callback<String>,
) -> impl IntoView {
    let heard = window_event_listener(ev::message, move |event| {
        let Some(inside) = frame.get_untracked().and_then(|frame| frame.content_window()) else { return };
        let origin = window().location().origin().unwrap_or_default();
        let inside_value = JsValue::from(inside.clone());
        let is_it = event.source().is_some_and(|source| JsValue::from(source) == inside_value);
        let field = |name: &str| js_sys::Reflect::get(&event.data(), &JsValue::from_str(name)).ok();
        if event.origin() != origin || !is_it || field("countersign").and_then(|value| value.as_f64()) != Some(1.0) {
            return;
        }
        let Some(word) = field("type").and_then(|value| value.as_string()) else { return };
        if word == "ready" {
            let open = js_sys::Object::new();
            for (name, value) in [("countersign", JsValue::from(1)), ("type", JsValue::from_str("open"))] {
                js_sys::Reflect::set(&open, &JsValue::from_str(name), &value).ok();
            }
            inside.post_message(&open, &origin).ok();
        }
        on_word.run(word);
    });
    on_cleanup(move || heard.remove());
    view! {
        <iframe
            class="chat"
            node_ref=frame
            title=title
            src=src
            allow="otp-credentials; publickey-credentials-get; publickey-credentials-create; clipboard-write"
        ></iframe>
    }
}
