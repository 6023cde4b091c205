//! A key of another service: written, never shown. What is shown is since when it is set.

use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::admin::route::OfAgent;
use shared::admin::secret::Secrets as Listed;
use shared::id::AgentId;

use super::button::Button;
use super::field::{Kind, TextField};
use super::toast::toasts;
use crate::api;
use crate::editor::Editor;
use crate::parts::live::live;
use crate::prelude::*;
use crate::words;

/// The agent's keys by name, with the time when each was set; read once for all fields of a page.
#[derive(Clone, Copy)]
pub struct Secrets(StoredValue<AgentId>, RwSignal<Option<Listed>>);

impl Secrets {
    /// Reads them, and gives them to the fields under the caller.
    pub fn provide() {
        let secrets = Self(StoredValue::new(Editor::here().agent()), RwSignal::new(None));
        secrets.read();
        provide_context(secrets);
    }

    fn read(self) {
        let Some(agent) = self.0.try_get_value() else { return };
        spawn_local(async move {
            self.1.set(api::get::<Listed>(&api::of(&agent, OfAgent::Secrets)).await.ok());
        });
    }

    /// The day when the key of this name was set.
    fn since(self, name: &str) -> Option<String> {
        let at = self.1.with(|list| Some(list.as_ref()?.set.iter().find(|one| one.name == name)?.at))?;
        Some(words::day(at))
    }
}

/// The field.
#[component]
pub fn SecretField(
    /// The key's name among the agent's secrets.
    name: &'static str,
    /// What it is called where it comes from.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let secrets: Secrets = expect_context();
    let agent = Editor::here().agent();
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let since = Memo::new(move || secrets.since(name));
    let says = move || match since.get() {
        Some(day) => format!("Set on {day}. It is not shown again; type a new one to replace it."),
        None => "Not set.".to_owned(),
    };
    let toasts = toasts();
    let put = move || {
        let value = typed.get_untracked();
        if value.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let route = api::of(&agent, OfAgent::Secret(name.to_owned()));
        spawn_local(async move {
            let done = api::put::<Value>(&route, &json!({ "value": value })).await;
            busy.set(false);
            match done {
                Ok(_) => {
                    typed.set(String::new());
                    wrong.set(None);
                    toasts.say("The key is sealed and in use.");
                    secrets.read();
                }
                Err(problem) => {
                    wrong.set(Some(problem.errors.first().map_or(problem.title, |error| error.detail.clone())));
                }
            }
        });
    };
    view! {
        <form class="adding" autocomplete="off" on:submit=move |event| { event.prevent_default(); put(); }>
            <TextField label kind=Kind::Secret autocomplete="new-password" value=typed error=wrong on_input=move |text| typed.set(text)/>
            <Button busy disabled=Signal::derive(move || typed.with(String::is_empty))>{live(move || if since.get().is_some() { "Replace" } else { "Set" })}</Button>
            <p class="hint">{says}</p>
        </form>
    }
}
