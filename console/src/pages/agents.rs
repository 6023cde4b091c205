//! `/console`: the agents that the member may know of, and a new one.

use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use serde_json::{Value, json};
use shared::admin::member::Role;
use shared::admin::problem::Problem;
use shared::admin::route::{AdminRoute, OfAgent};
use shared::admin::{AgentDocument, AgentSummary, NewAgent};
use shared::id::AgentId;

use super::agent::{Outside, room};
use crate::api;
use crate::app::Known;
use crate::parts::button::{Button, Look};
use crate::parts::dialog::{Actions, Dialog};
use crate::parts::field::TextField;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Refusal, Status, Tone, Waiting};
use crate::parts::table::{Empty, Table};
use crate::parts::toast::{Toasts, toasts};
use crate::prelude::*;
use crate::session::Session;

/// The page.
#[component]
pub fn Agents() -> impl IntoView {
    let (known, session) = (Known::here(), Session::here());
    known.load();
    let making = RwSignal::new(false);
    let copy_of = RwSignal::new(None::<AgentSummary>);
    let begin = move |from: Option<AgentSummary>| {
        copy_of.set(from);
        making.set(true);
    };
    let may = Memo::new(move || session.makes_agents());
    let list = move || match known.agents.get() {
        None => view! { <Waiting what="Reading the agents"/> }.into_any(),
        Some(Err(problem)) => view! { <Refusal problem=Some(problem)/> }.into_any(),
        Some(Ok(agents)) if agents.is_empty() => view! { <Nothing may/> }.into_any(),
        Some(Ok(agents)) => view! { <List agents begin=Callback::new(begin)/> }.into_any(),
    };
    let is_empty =
        Memo::new(move || known.agents.with(|agents| matches!(agents, Some(Ok(agents)) if agents.is_empty())));
    view! {
        <Outside>
            <Page
                title="Agents"
                actions=move || view! {
                    <Show when=move || may.get() && !is_empty.get()>
                        <A href="/console/audit">"Audit of the console"</A>
                        <Button look=Look::Main on_press=move |()| begin(None)>"New agent"</Button>
                    </Show>
                }
            >
                {live(list)}
            </Page>
            <Dialog open=making title=Signal::derive(move || match copy_of.get() {
                Some(from) => format!("Duplicate {}", from.name),
                None => "New agent".to_owned(),
            })>
                <NewOne copy_of/>
            </Dialog>
        </Outside>
    }
}

/// Nothing is there yet.
#[component]
fn Nothing(may: Memo<bool>) -> impl IntoView {
    let copy_of = RwSignal::new(None);
    view! {
        <Show
            when=move || may.get()
            fallback=|| view! {
                <Empty title="There is no agent that you may open">
                    <p>"Ask an owner to invite you to one. If you were sent a link, open it again."</p>
                </Empty>
            }
        >
            <Empty title="Make your first agent">
                <p>"An agent is one assistant: its chat stands on your pages, answers visitors, and signs them in when a question needs to know who is asking. It answers at once with a built-in stand-in that needs no key."</p>
                <NewOne copy_of/>
            </Empty>
        </Show>
    }
}

/// The form for a new agent.
#[component]
fn NewOne(copy_of: RwSignal<Option<AgentSummary>>) -> impl IntoView {
    let known = Known::here();
    let start = copy_of.with_untracked(|from| from.as_ref().map(|from| format!("{} copy", from.name)));
    let name = RwSignal::new(start.unwrap_or_default());
    let refused = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new(use_navigate());
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let body = NewAgent { name: name.get_untracked(), copy_of: copy_of.get_untracked().map(|from| from.id) };
        spawn_local(async move {
            let made = api::post::<AgentDocument<Value>>(&AdminRoute::Agents, &body).await;
            busy.set(false);
            match made {
                Err(problem) => refused.set(Some(problem)),
                Ok(document) => {
                    known.load();
                    let id = document.settings.get("id").and_then(Value::as_str).map(AgentId::parse);
                    if let Some(Ok(agent)) = id {
                        let to = room(&agent, "install");
                        navigate.try_with_value(|navigate| navigate(&to, NavigateOptions::default()));
                    }
                }
            }
        });
    };
    let error = Signal::derive(move || {
        let problem = refused.get()?;
        let field = problem.errors.into_iter().find(|error| error.pointer == "/name");
        Some(field.map_or(problem.title, |error| error.detail))
    });
    view! {
        <form class="stack" on:submit=move |event| { event.prevent_default(); send(); }>
            <TextField
                label="Name"
                hint="Visitors see it at the top of the chat."
                placeholder="Harbor Books"
                value=name
                error
                on_input=move |text| { name.set(text); refused.set(None); }
            />
            <Actions><Button look=Look::Main busy>"Create"</Button></Actions>
        </form>
    }
}

#[component]
fn List(agents: Vec<AgentSummary>, begin: Callback<Option<AgentSummary>>) -> impl IntoView {
    let (known, toasts) = (Known::here(), toasts());
    let (archived, open): (Vec<_>, Vec<_>) = agents.into_iter().partition(|agent| agent.archived);
    let rows = open.into_iter().chain(archived).map(move |agent| {
        let home = room(&agent.id, if agent.role == Role::Analyst { "dashboard" } else { "general" });
        let (own, copied) = (agent.clone(), agent.clone());
        let role = match agent.role {
            Role::Owner => "Owner",
            Role::Editor => "Editor",
            Role::Analyst => "Analyst",
        };
        let buttons = (agent.role == Role::Owner).then(move || {
            let (duplicate, archive, back) =
                (format!("Duplicate {}", own.name), format!("Archive {}", own.name), format!("Restore {}", own.name));
            let id = own.id.clone();
            view! {
                <Button look=Look::Bare label=duplicate on_press=move |()| begin.run(Some(copied.clone()))>"Duplicate"</Button>
                {if own.archived {
                    view! { <Button look=Look::Bare label=back on_press=move |()| file(known, toasts, id.clone(), false)>"Restore"</Button> }.into_any()
                } else {
                    view! { <Button look=Look::Bare label=archive on_press=move |()| file(known, toasts, id.clone(), true)>"Archive"</Button> }.into_any()
                }}
            }
        });
        view! {
            <tr>
                <th scope="row"><A href=home>{agent.name}</A><span class="mono hint">{agent.id.to_string()}</span></th>
                <td>{role}</td>
                <td>{if agent.archived {
                    view! { <Status tone=Tone::Warn>"Archived"</Status> }.into_any()
                } else {
                    view! { <Status tone=Tone::Good>"Answers"</Status> }.into_any()
                }}</td>
                <td class="buttons">{buttons}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! { <Table caption="Agents" head=vec!["Name", "Your role", "State", ""]>{rows}</Table> }
}

/// Archives an agent, or brings it back; either can be undone.
fn file(known: Known, toasts: Toasts, agent: AgentId, away: bool) {
    spawn_local(async move {
        let what = if away { OfAgent::Archive } else { OfAgent::Restore };
        if let Err(problem) = api::post::<Option<Value>>(&api::of(&agent, what), &json!({})).await {
            toasts.warn(&problem.title);
            return;
        }
        known.load();
        let words = if away { "Archived. It answers nobody any more." } else { "Restored. It answers again." };
        toasts.offer(words, "Undo", move || file(known, toasts, agent.clone(), !away));
    });
}
