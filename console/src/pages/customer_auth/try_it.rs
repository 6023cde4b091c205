//! "Send me a test": the message that a visitor would get, from what stands in the fields.

use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;
use shared::admin::trial::{TestMessage, TestSent};
use shared::card::Method;

use crate::api;
use crate::editor::Editor;
use crate::parts::button::Button;
use crate::parts::field::TextField;
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::parts::status::{Note, Tone};
use crate::prelude::*;

/// The section.
#[component]
pub fn TryIt() -> impl IntoView {
    let editor = Editor::here();
    let number = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let came = RwSignal::new(None::<Result<TestSent, Problem>>);
    let has = move |name: &str| editor.items("/customer_auth/methods").contains(&json!(name));
    let send = move |method: Method| {
        busy.set(true);
        let to = (method == Method::PhoneCode).then(|| number.get_untracked());
        let body = TestMessage::<Value> { method, settings: untrack(|| editor.draft()), to, channel: None };
        let route = api::of(&editor.agent(), OfAgent::TestMessage);
        spawn_local(async move {
            let answer = api::post::<TestSent>(&route, &body).await;
            busy.set(false);
            came.set(Some(answer));
        });
    };
    let became = move || {
        came.get().map(|came| match came {
            Ok(TestSent { taken, says, took_ms }) => {
                let tone = if taken { Tone::Good } else { Tone::Bad };
                view! { <Note tone><p>{says}" ("{took_ms}" ms)"</p></Note> }.into_any()
            }
            Err(problem) => {
                let lines = problem.errors.into_iter().map(|error| view! { <li>{error.detail}</li> }).collect_view();
                view! { <Note tone=Tone::Bad><p>{problem.title}</p><ul>{lines}</ul></Note> }.into_any()
            }
        })
    };
    view! {
        <Section title="Try it" id="try" lead="Sends what a visitor would get, from what stands here, saved or not. Its code opens nothing.">
            <p class="actions">
                <Button busy on_press=move |()| send(Method::EmailCode)>"Send me a test mail"</Button>
            </p>
            <Show when=move || has("phone_code")>
                <form class="adding" on:submit=move |event| { event.prevent_default(); send(Method::PhoneCode); }>
                    <TextField label="Your phone number" value=number on_input=move |text| number.set(text) placeholder="+1 202 555 0143"/>
                    <Button busy>"Send a test message"</Button>
                </form>
            </Show>
            <div role="status">{live(became)}</div>
        </Section>
    }
}
