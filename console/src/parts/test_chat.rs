//! The test chat: the visitors' own widget beside the settings, with an agent that is as the fields say, saved or not. It is for
//! this member alone, and nothing that is proved in it counts elsewhere.

use leptos::html;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::button::{Button, Look};
use super::chat_frame::ChatFrame;
use super::status::{Note, Refusal, Tone, Waiting};
use crate::api;
use crate::editor::Editor;
use crate::prelude::*;

/// The id of the button that opens it.
const OPENER: &str = "test-chat-opener";

/// Whether the chat is shown, in context of everything of an agent.
#[derive(Clone, Copy)]
pub struct Testing {
    open: RwSignal<bool>,
    offered: Memo<bool>,
}

impl Testing {
    /// Gives it to the pages under the caller. `offered` says on which of them it can be opened.
    pub fn provide(offered: Memo<bool>) {
        provide_context(Self { open: RwSignal::new(false), offered });
    }
}

/// The button, on a page of an agent whose settings can be tried.
#[component]
pub fn OpenTestChat() -> impl IntoView {
    use_context::<Testing>().map(|testing| {
        let press = move |_| testing.open.update(|open| *open = !*open);
        view! {
            <Show when=move || testing.offered.get()>
                <button id=OPENER type="button" class="button" aria-expanded=move || testing.open.get().to_string() on:click=press>"Test chat"</button>
            </Show>
        }
    })
}

/// The panel.
#[component]
pub fn TestChat() -> impl IntoView {
    let editor = Editor::here();
    let Testing { open, .. } = expect_context();
    let (frame, heading) = (NodeRef::<html::Iframe>::new(), NodeRef::<html::H2>::new());
    let chat = RwSignal::new(None::<String>);
    let begun = RwSignal::new(Value::Null);
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<Problem>);
    let begin = move || {
        let (draft, patch) = untrack(|| (editor.draft(), editor.patch()));
        busy.set(true);
        refused.set(None);
        chat.set(None);
        // Where the keyboard waits for the chat, once it is shown.
        request_animation_frame(move || {
            if let Some(heading) = heading.try_get_untracked().flatten() {
                heading.focus().ok();
            }
        });
        spawn_local(async move {
            let made = api::post::<Value>(&api::of(&editor.agent(), OfAgent::TestChat), &patch).await;
            busy.set(false);
            match made {
                Ok(made) => {
                    begun.set(draft);
                    chat.set(made.get("chat").and_then(Value::as_str).map(str::to_owned));
                }
                Err(problem) => {
                    editor.errors.set(problem.errors.clone());
                    refused.set(Some(problem));
                }
            }
        });
    };
    Effect::new(move |was: Option<bool>| {
        let open = open.get();
        if open && was != Some(true) {
            if chat.with_untracked(Option::is_some) {
                focus(frame);
            } else if !busy.get_untracked() {
                begin();
            }
        }
        if !open && was == Some(true) {
            let opener = document().get_element_by_id(OPENER).or_else(|| document().get_element_by_id("main"));
            if let Some(opener) = opener.and_then(|opener| opener.dyn_into::<HtmlElement>().ok()) {
                opener.focus().ok();
            }
        }
        open
    });
    let word = move |word: String| match word.as_str() {
        // Whoever went on to a field meanwhile keeps the keyboard.
        "ready" if waits(heading) => focus(frame),
        "close" => open.set(false),
        _ => {}
    };
    let stale =
        Memo::new(move || open.get() && chat.with(Option::is_some) && begun.with(|begun| *begun != editor.draft()));
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            open.set(false);
        }
    };
    view! {
        <section class="test-chat" role="dialog" aria-labelledby="test-chat" hidden=move || !open.get() on:keydown=escape>
            <header>
                <h2 id="test-chat" tabindex="-1" node_ref=heading>"Test chat"</h2>
                <Button busy on_press=move |()| begin()>"Start over"</Button>
                <button type="button" class="close" aria-label="Close the test chat" on:click=move |_| open.set(false)>"×"</button>
            </header>
            <p class="hint">"The agent as it stands in the fields, saved or not, for you alone. Codes and actions are real."</p>
            <div role="status">
                <Show when=move || stale.get()>
                    <Note tone=Tone::Warn>
                        <p>"Settings changed since this chat began. Start over to talk to the new ones."</p>
                        <Button look=Look::Main on_press=move |()| begin()>"Start over with them"</Button>
                    </Note>
                </Show>
            </div>
            <Refusal problem=refused named=true/>
            <Show when=move || busy.get()><Waiting what="Beginning the chat"/></Show>
            {move || chat.get().map(|chat| view! {
                <ChatFrame src=format!("/frame/{chat}") title="Test chat" frame on_word=word/>
            })}
        </section>
    }
}

/// Whether the keyboard waits in the panel for the chat.
fn waits(heading: NodeRef<html::H2>) -> bool {
    heading.get_untracked().is_some_and(|heading| document().active_element().as_ref() == Some(heading.as_ref()))
}

fn focus(frame: NodeRef<html::Iframe>) {
    if let Some(frame) = frame.get_untracked() {
        frame.focus().ok();
    }
}
