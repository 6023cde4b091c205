//! What stands around everything of an agent: the rooms, the draft of its settings, the bar that saves it.

use leptos::ev;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared::admin::member::Role;
use shared::id::AgentId;

use super::actions::Actions;
use super::appearance::Appearance;
use super::audit::Audit;
use super::collections::Collections;
use super::conversations::Conversations;
use super::customer_auth::CustomerAuth;
use super::general::General;
use super::install::Install;
use super::later::{Dashboard, Integrations, Journeys};
use super::members::Members;
use super::missing::Missing;
use super::tokens::Tokens;
use crate::app::{Drafts, Known};
use crate::editor::{Editor, Progress};
use crate::parts::button::Button;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::save_bar::SaveBar;
use crate::parts::status::{Status, Tone, Waiting};
use crate::parts::test_chat::{TestChat, Testing};
use crate::prelude::*;
use crate::session::Session;

/// The rooms in the order in which they are listed: their address, name, the least role that they are for, and their group.
const ROOMS: [(&str, &str, Role, &str); 13] = [
    ("general", "General", Role::Editor, "Set up"),
    ("appearance", "Appearance", Role::Editor, "Set up"),
    ("customer-auth", "Customer auth", Role::Editor, "Set up"),
    ("actions", "Actions", Role::Owner, "Set up"),
    ("collections", "Collections", Role::Owner, "Set up"),
    ("integrations", "Integrations", Role::Owner, "Set up"),
    ("journeys", "Journeys", Role::Owner, "Set up"),
    ("install", "Install", Role::Owner, "Set up"),
    ("dashboard", "Dashboard", Role::Analyst, "Watch"),
    ("conversations", "Conversations", Role::Owner, "Watch"),
    ("audit", "Audit", Role::Owner, "Watch"),
    ("members", "Members", Role::Owner, "Access"),
    ("tokens", "API tokens", Role::Owner, "Access"),
];

/// The rest of the address after the room's name, in context of a room: `["staff", "import"]` of `…/collections/staff/import`.
#[derive(Clone, Copy)]
pub struct Rest(Memo<Vec<String>>);

impl Rest {
    /// The parts.
    pub fn here() -> Memo<Vec<String>> {
        expect_context::<Self>().0
    }
}

/// The path of a room of an agent.
pub fn room(agent: &AgentId, name: &str) -> String {
    format!("/console/agents/{agent}/{name}")
}

/// An agent. The address says which, and which room.
#[component]
pub fn Agent() -> impl IntoView {
    let params = use_params_map();
    let agent = Memo::new(move || params.with(|params| AgentId::parse(&params.get("agent").unwrap_or_default()).ok()));
    let parts = Memo::new(move || {
        let rest = params.with(|params| params.get("room").unwrap_or_default());
        rest.split('/').filter(|part| !part.is_empty()).map(decoded).collect::<Vec<_>>()
    });
    move || match agent.get() {
        Some(agent) => view! { <Rooms agent parts/> }.into_any(),
        None => view! { <Missing/> }.into_any(),
    }
}

fn decoded(part: &str) -> String {
    js_sys::decode_uri_component(part).map_or_else(|_| part.to_owned(), String::from)
}

#[component]
fn Rooms(agent: AgentId, parts: Memo<Vec<String>>) -> impl IntoView {
    let editor = expect_context::<Drafts>().of(&agent);
    provide_context(editor);
    provide_context(Rest(Memo::new(move || parts.with(|parts| parts.iter().skip(1).cloned().collect()))));
    // Settings are not an analyst's business.
    let only_watches = untrack(|| Session::here().role(&agent)) == Some(Role::Analyst);
    if !only_watches {
        editor.load();
    }
    let saving = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("s") {
            event.prevent_default();
            editor.save();
        }
    });
    on_cleanup(move || saving.remove());
    let name = Memo::new(move || parts.with(|parts| parts.first().cloned().unwrap_or_default()));
    Testing::provide(Memo::new(move || {
        let is_set_up =
            |(known, .., group): &(&str, &str, Role, &str)| *group == "Set up" && name.with(|name| name == known);
        editor.is_there() && !editor.archived.get() && ROOMS.iter().any(is_set_up)
    }));
    // The agent's own address goes on to its first room.
    let navigate = use_navigate();
    let home = room(&agent, if only_watches { "dashboard" } else { "general" });
    effect(move || {
        if name.with(String::is_empty) {
            navigate(&home, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    // A save that is refused later leaves the room as it is, with all that stands in its fields.
    let seen = Memo::new(move || {
        let there = only_watches || editor.is_there();
        (there, if there { None } else { refused(&editor.progress.get()) }, editor.role.get())
    });
    let room = move || match seen.get() {
        (false, Some(words), _) => view! { <NotThere words/> }.into_any(),
        (false, None, _) => view! { <Waiting what="Opening the agent"/> }.into_any(),
        (true, ..) if name.with(String::is_empty) => ().into_any(),
        (true, _, role) => opened(&name.get(), role),
    };
    view! {
        <Outside agent=agent.clone()>
            {live(room)}
            <SaveBar/>
            <TestChat/>
        </Outside>
    }
}

fn refused(progress: &Progress) -> Option<String> {
    if let Progress::Refused(problem) = progress { Some(problem.title.clone()) } else { None }
}

fn opened(name: &str, role: Role) -> AnyView {
    let known = ROOMS.iter().find(|(known, ..)| *known == name);
    match known {
        None => {
            return view! { <Page title="There is nothing here"><p>"This agent has no such room."</p></Page> }
                .into_any();
        }
        Some((_, title, least, _)) if role < *least => {
            let title = (*title).to_owned();
            return view! { <Page title><p>"Your role does not open this room. Ask an owner."</p></Page> }.into_any();
        }
        Some(_) => {}
    }
    match name {
        "appearance" => view! { <Appearance/> }.into_any(),
        "customer-auth" => view! { <CustomerAuth/> }.into_any(),
        "actions" => view! { <Actions/> }.into_any(),
        "collections" => view! { <Collections/> }.into_any(),
        "conversations" => view! { <Conversations/> }.into_any(),
        "audit" => view! { <Audit/> }.into_any(),
        "members" => view! { <Members/> }.into_any(),
        "tokens" => view! { <Tokens/> }.into_any(),
        "install" => view! { <Install/> }.into_any(),
        "integrations" => view! { <Integrations/> }.into_any(),
        "journeys" => view! { <Journeys/> }.into_any(),
        "dashboard" => view! { <Dashboard/> }.into_any(),
        _ => view! { <General/> }.into_any(),
    }
}

/// The agent cannot be opened.
#[component]
fn NotThere(words: String) -> impl IntoView {
    let editor = Editor::here();
    view! {
        <Page title="This agent did not open">
            <p role="alert">{words}</p>
            <p class="actions">
                <Button on_press=move |()| editor.load()>"Try again"</Button>
                <a class="button" href="/console">"All agents"</a>
            </p>
        </Page>
    }
}

/// The frame of every page of somebody who is signed in.
#[component]
pub fn Outside(
    /// The agent whose rooms are listed, if one is open.
    #[prop(optional, into)]
    agent: Option<AgentId>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let session = Session::here();
    let email = move || session.me().and_then(|me| me.email).unwrap_or_default();
    view! {
        <div class="frame">
            <nav class="side" aria-label="Console">
                <a class="brand" href="/console"><span class="mark" aria-hidden="true"></span>"Countersign"</a>
                {agent.map(|agent| view! { <RoomList agent/> })}
                <div class="who">
                    <p title=email>{live(email)}</p>
                    <Button on_press=move |()| session.leave()>"Sign out"</Button>
                </div>
            </nav>
            <main id="main" tabindex="-1">{children()}</main>
        </div>
    }
}

#[component]
fn RoomList(agent: AgentId) -> impl IntoView {
    let editor = Editor::here();
    let known = Known::here();
    let only_watches = untrack(|| Session::here().role(&agent)) == Some(Role::Analyst);
    if known.agents.with_untracked(Option::is_none) {
        known.load();
    }
    let id = agent.clone();
    let listed = move || {
        known.agents.with(|agents| {
            let agents = agents.as_ref()?.as_ref().ok()?;
            agents.iter().find(|agent| agent.id == id).map(|agent| agent.name.clone())
        })
    };
    let name = move || Some(editor.text("/name")).filter(|name| !name.is_empty()).or_else(&listed).unwrap_or_default();
    let agent = StoredValue::new(agent);
    let group = move |title: &'static str| {
        let links = move || {
            let role = editor.role.get();
            let mine = ROOMS.into_iter().filter(|(_, _, least, group)| *group == title && role >= *least);
            let link = |(address, name, ..): (&'static str, &'static str, Role, &'static str)| {
                view! { <li><A href=room(&agent.get_value(), address)>{name}</A></li> }
            };
            mine.map(link).collect_view()
        };
        let any = move || ROOMS.iter().any(|(_, _, least, group)| *group == title && editor.role.get() >= *least);
        view! {
            <Show when=any>
                <p class="group">{title}</p>
                <ul>{live(links)}</ul>
            </Show>
        }
    };
    view! {
        <a class="back" href="/console">"All agents"</a>
        <p class="agent">
            {live(name)}
            {live(move || editor.archived.get().then(|| view! { <Status tone=Tone::Warn>"Archived"</Status> }))}
        </p>
        <Show when=move || only_watches || editor.is_there()>
            {group("Set up")}
            {group("Watch")}
            {group("Access")}
        </Show>
    }
}
