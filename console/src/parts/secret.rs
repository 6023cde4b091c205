//! A key of another service: written, never shown. What is shown is since when it is set, and where it may go.

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

/// The agent's keys by name, with the time when each was set; read once for all fields of a page. None until they are read,
/// or could not be.
#[derive(Clone, Copy)]
pub struct Secrets(StoredValue<AgentId>, RwSignal<Option<api::Asked<Listed>>>);

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
            self.1.set(Some(api::get(&api::of(&agent, OfAgent::Secrets)).await));
        });
    }

    /// The day when the key of this name was set, and the hosts that it may be sent to.
    fn of(self, name: &str) -> Option<(String, String)> {
        self.1.with(|list| {
            let one = list.as_ref()?.as_ref().ok()?.set.iter().find(|one| one.name == name)?;
            Some((words::day(one.at), one.hosts.join(", ")))
        })
    }
}

/// The field.
#[component]
pub fn SecretField(
    /// The key's name among the agent's secrets.
    #[prop(into)]
    name: String,
    /// What it is called where it comes from.
    #[prop(into)]
    label: String,
    /// Whether it goes where the settings say, so that it is worth saying where it may go.
    #[prop(optional)]
    travels: bool,
) -> impl IntoView {
    let secrets: Secrets = expect_context();
    let agent = Editor::here().agent();
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let hosts = RwSignal::new(None::<String>);
    let wrong = RwSignal::new(None::<(bool, String)>);
    let own = name.clone();
    let is = Memo::new(move || secrets.of(&own));
    let says = move || match is.get() {
        Some((day, _)) => format!("Set on {day}. It is not shown again; type a new one to replace it."),
        None => secrets
            .1
            .with(|list| match list {
                None => "",
                Some(Err(_)) => "It could not be read whether this is set. Load the page again.",
                Some(Ok(_)) => "Not set yet.",
            })
            .to_owned(),
    };
    let toasts = toasts();
    let put = move || {
        let value = typed.get_untracked();
        if value.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let route = api::of(&agent, OfAgent::Secret(name.clone()));
        let named = |text: String| {
            let names = text.split([',', ' ', '\n']).filter(|name| !name.is_empty());
            names.map(str::to_lowercase).collect::<Value>()
        };
        // What nobody touched stays.
        let body = json!({ "value": value, "hosts": hosts.get_untracked().map_or(Value::Null, named) });
        spawn_local(async move {
            let done = api::put::<Value>(&route, &body).await;
            busy.set(false);
            match done {
                Ok(_) => {
                    typed.set(String::new());
                    hosts.set(None);
                    wrong.set(None);
                    toasts.say("The secret is sealed. Nobody can read it back.");
                    secrets.read();
                }
                Err(problem) => {
                    let of_hosts = problem.errors.iter().any(|error| error.pointer.starts_with("/hosts"));
                    let words = problem.errors.first().map_or(problem.title, |error| error.detail.clone());
                    wrong.set(Some((of_hosts, words)));
                }
            }
        });
    };
    let error = move |of_hosts: bool| {
        Signal::derive(move || wrong.get().filter(|(is, _)| *is == of_hosts).map(|(_, words)| words))
    };
    let may_go = travels.then(|| {
        let value = Signal::derive(move || hosts.get().or_else(|| Some(is.get()?.1)).unwrap_or_default());
        let hint = "Names of hosts with commas between them; none is any host. To change them, give the secret again.";
        view! { <TextField label=format!("{label} may be sent to") hint mono=true placeholder="api.example.com" value error=error(true) on_input=move |text| hosts.set(Some(text))/> }
    });
    view! {
        <form class="adding" autocomplete="off" on:submit=move |event| { event.prevent_default(); put(); }>
            <TextField label=label.clone() kind=Kind::Secret autocomplete="new-password" value=typed error=error(false) on_input=move |text| typed.set(text)/>
            <Button busy disabled=Signal::derive(move || typed.with(String::is_empty))>{live(move || if is.get().is_some() { "Replace" } else { "Set" })}<span class="unseen">" "{label}</span></Button>
            <p class="hint">{live(says)}</p>
            {may_go}
        </form>
    }
}
