//! The editor of one action.

use leptos_router::components::A;

use super::answer::{Answer, Sample};
use super::forms::{self, KINDS};
use super::list::Gone;
use super::parameters::Parameters;
use super::request::Request;
use super::rules::Rules;
use super::trial::TestRun;
use crate::editor::Editor;
use crate::pages::agent::room;
use crate::parts::bound::{AreaAt, TextAt};
use crate::parts::button::{Button, Look};
use crate::parts::field::Select;
use crate::parts::page::{Page, Section};
use crate::parts::status::{Note, Tone};
use crate::parts::toast::toasts;
use crate::prelude::*;

/// The editor. `at` is the action's place in the list.
#[component]
pub(super) fn Edit(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let there = Memo::new(move || editor.value(&format!("/actions/{at}")).is_some());
    move || if there.get() { view! { <Form at/> }.into_any() } else { view! { <Gone/> }.into_any() }
}

#[component]
fn Form(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let of = move |field: &str| format!("/actions/{at}/{field}");
    let kind = Memo::new(move || editor.text(&format!("/actions/{at}/kind/is")));
    let title = Signal::derive(move || {
        let [title, name] = ["title", "name"].map(|field| editor.text(&of(field)));
        Some(title).filter(|title| !title.trim().is_empty()).unwrap_or(name)
    });
    let sample = Sample::new();
    let kinds: Vec<(String, String)> =
        KINDS.iter().map(|(name, words, what)| ((*name).to_owned(), format!("{words}: {what}"))).collect();
    let choose = move |chosen: String| {
        let before = untrack(|| editor.value(&of("kind")));
        let mut kind = forms::kind(&chosen);
        // What a login or a refresh keeps is not lost by looking at the other.
        let kept = before.as_ref().and_then(|before| before.get("remembers")).cloned();
        if let (Some(kept), Some(place)) = (kept, kind.get_mut("remembers")) {
            *place = kept;
        }
        editor.set(&of("kind"), kind);
        if let Some(before) = before {
            toasts().offer("The kind was changed.", "Undo", move || editor.set(&of("kind"), before.clone()));
        }
    };
    let context_off = Memo::new(move || {
        matches!(kind.get().as_str(), "login" | "refresh") && !editor.flag("/customer_auth/persistent_context")
    });
    let switch_on = move |()| editor.set("/customer_auth/persistent_context", true);
    view! {
        <Page title wide=true actions=move || view! { <A href=room(&editor.agent(), "actions") attr:class="button">"All actions"</A> }>
            <Section title="What it is">
                <Select
                    label="Kind"
                    value=kind
                    options=Signal::from(kinds)
                    on_choose=choose
                    error=Signal::derive(move || editor.error(&of("kind")))
                />
                <Show when=move || context_off.get()>
                    <Note tone=Tone::Warn>
                        <p>"Logins and refreshes keep what your API answers, and this agent may not keep anything yet."</p>
                        <Button on_press=switch_on>"Let the agent remember"</Button>
                    </Note>
                </Show>
                <div class="two">
                    <TextAt at=of("title") label="Title" hint="As the visitor reads it." placeholder="Track an order"/>
                    <TextAt at=of("name") label="Name" hint="As the AI calls it: small letters, digits and _." placeholder="track_order" mono=true/>
                </div>
                <Show when=move || matches!(kind.get().as_str(), "public" | "private")>
                    <AreaAt
                        at=of("description")
                        label="Description"
                        hint="For the AI: what it does and when to call it. The better it says so, the better the AI chooses."
                        rows=3
                        placeholder="Says where an order is. Call it when somebody asks about a delivery."
                    />
                </Show>
            </Section>
            <Request at/>
            <Parameters at kind/>
            <Answer at kind sample/>
            <Rules at kind/>
            <TestRun at kind sample/>
            <p class="actions"><Remove at/></p>
        </Page>
    }
}

#[component]
fn Remove(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let navigate = leptos_router::hooks::use_navigate();
    let remove = move |()| {
        navigate(&room(&editor.agent(), "actions"), leptos_router::NavigateOptions::default());
        editor.remove("/actions", at, "The action was removed.");
    };
    view! { <Button look=Look::Danger on_press=remove>"Remove this action"</Button> }
}
