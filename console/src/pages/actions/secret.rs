//! The secrets that an action uses: which are set, and a way to set one. What one is nobody sees again.

use std::collections::BTreeSet;

use leptos::task::spawn_local;
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;
use shared::admin::secret::{SecretValue, Secrets as Listed};

use crate::api;
use crate::editor::Editor;
use crate::parts::button::Button;
use crate::parts::field::{Kind, TextField};
use crate::parts::live::live;
use crate::parts::status::{Refusal, Status, Tone};
use crate::parts::toast::toasts;
use crate::prelude::*;

/// The secrets of these names.
#[component]
pub(super) fn Secrets(names: Memo<Vec<String>>) -> impl IntoView {
    let editor = Editor::here();
    let set = RwSignal::new(None::<BTreeSet<String>>);
    spawn_local(async move {
        if let Ok(listed) = api::get::<Listed>(&api::of(&editor.agent(), OfAgent::Secrets)).await {
            set.set(Some(listed.set.into_iter().map(|secret| secret.name).collect()));
        }
    });
    view! {
        <div class="rows" role="group" aria-label="Secrets">
            <ul><For each=move || names.get() key=String::clone children=move |name| view! { <One name set/> }/></ul>
        </div>
    }
}

#[component]
fn One(name: String, set: RwSignal<Option<BTreeSet<String>>>) -> impl IntoView {
    let editor = Editor::here();
    let toasts = toasts();
    let own = StoredValue::new(name);
    let (typed, busy) = (RwSignal::new(String::new()), RwSignal::new(false));
    let refused = RwSignal::new(None::<Problem>);
    let is_set = move || set.with(|set| set.as_ref().is_some_and(|set| set.contains(&own.get_value())));
    let known = move || set.with(Option::is_some);
    let tone = Signal::derive(move || if is_set() { Tone::Good } else { Tone::Warn });
    let seal = move || {
        let value = typed.get_untracked();
        if value.is_empty() {
            return;
        }
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let route = api::of(&editor.agent(), OfAgent::Secret(own.get_value()));
            let sealed = api::put::<()>(&route, &SecretValue { value, hosts: None }).await;
            busy.set(false);
            match sealed {
                Ok(()) => {
                    typed.set(String::new());
                    set.try_update(|set| set.get_or_insert_default().insert(own.get_value()));
                    toasts.say("The secret is sealed. Nobody can read it back.");
                }
                Err(problem) => refused.set(Some(problem)),
            }
        });
    };
    view! {
        <li>
            <form class="adding" on:submit=move |event| { event.prevent_default(); seal(); }>
                <TextField
                    label=format!("Secret {}", own.get_value())
                    kind=Kind::Secret
                    autocomplete="new-password"
                    placeholder="Paste it here"
                    mono=true
                    value=typed
                    on_input=move |text| typed.set(text)
                />
                <Button busy label=format!("Set secret {}", own.get_value())>"Set"</Button>
            </form>
            <Show when=known>
                <Status tone>{live(move || if is_set() { "Set" } else { "Not set yet" })}</Status>
            </Show>
            <Refusal problem=refused/>
        </li>
    }
}
