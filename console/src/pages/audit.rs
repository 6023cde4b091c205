//! The trail: filtered by the address, entries in words, and an export that can be verified offline.

use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};
use shared::admin::CONSOLE_AGENT;
use shared::admin::member::{ListedMember, Members};
use shared::admin::route::OfAgent;
use shared::admin::trail::{Trail, TrailEntry};
use shared::id::AgentId;

use super::agent::{Outside, room};
use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::button::Button;
use crate::parts::field::Select;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::table::{Empty, Table};
use crate::prelude::*;
use crate::words;

/// What is worth filtering by; the address takes any kind.
const KINDS: [&str; 16] = [
    "login_succeeded",
    "stepped_up",
    "login_requested",
    "code_sent",
    "code_refused",
    "login_refused",
    "login_cancelled",
    "signed_out",
    "data_read",
    "action_called",
    "action_denied",
    "rate_limited",
    "settings_changed",
    "member_joined",
    "token_made",
    "conversation_read",
];

/// The room.
#[component]
pub fn Audit() -> impl IntoView {
    let lead = "Who proved what and when, which data was read, and who changed a setting. Entries are chained by their hashes; nothing can be taken out unseen.";
    trail(&Editor::here().agent(), "Audit", lead)
}

/// `/console/audit`: what happened in the console itself, for owners of every agent.
#[component]
pub fn OfConsole() -> impl IntoView {
    let lead = "Who signed in to the console or tried to, and who became a member of every agent. What is done to an agent stands in its own audit.";
    let trail = AgentId::parse(CONSOLE_AGENT).map(|agent| trail(&agent, "Audit of the console", lead));
    view! { <Outside>{trail.ok()}</Outside> }
}

fn trail(agent: &AgentId, title: &'static str, lead: &'static str) -> AnyView {
    let query = use_query_map();
    let of = move |name: &str| query.with(|query| query.get(name).unwrap_or_default());
    let wanted = Memo::new(move || (of("kind"), of("conversation")));
    let trail = Load::<Trail>::default();
    let own = StoredValue::new(agent.clone());
    let people = people(agent);
    let place = if agent.as_str() == CONSOLE_AGENT { "/console/audit".to_owned() } else { room(agent, "audit") };
    effect(move || {
        let (kind, conversation) = wanted.get();
        trail.forget();
        trail.read(page(own.get_value(), kind, conversation, None));
    });
    let more = move |()| {
        let (kind, conversation) = wanted.get_untracked();
        let Some(next) = trail.now().and_then(|trail| trail.next) else { return };
        leptos::task::spawn_local(async move {
            if let Ok(older) = page(own.get_value(), kind, conversation, Some(next)).await {
                trail.update(|trail| {
                    // Of the list that is there, and once.
                    if trail.next == Some(next) {
                        trail.entries.extend(older.entries);
                        trail.next = older.next;
                    }
                });
            }
        });
    };
    let navigate = use_navigate();
    let choose = move |kind: String| {
        let conversation = wanted.get_untracked().1;
        let asked = [("kind", kind), ("conversation", conversation)].into_iter().filter(|(_, value)| !value.is_empty());
        let asked: Vec<_> = asked.map(|(name, value)| format!("{name}={value}")).collect();
        navigate(&format!("{place}?{}", asked.join("&")), NavigateOptions::default());
    };
    let kinds = move || {
        let chosen = wanted.get().0;
        let mut all = vec![(String::new(), "Everything".to_owned())];
        all.extend(KINDS.map(|kind| (kind.to_owned(), words::plain(kind))));
        if !chosen.is_empty() && !KINDS.contains(&chosen.as_str()) {
            all.push((chosen.clone(), words::plain(&chosen)));
        }
        all
    };
    let list = move || {
        trail.show("Reading the trail", move |Trail { entries, next }| {
            if entries.is_empty() {
                return view! {
                    <Empty title="Nothing of this kind was noted">
                        <p>"Every proof, every reading of somebody's data, every call of an action and every change of a setting stands here as soon as it happens."</p>
                    </Empty>
                }
                .into_any();
            }
            let rows = entries.into_iter().map(|entry| row(&own.get_value(), people, entry)).collect_view();
            view! {
                <Table caption="Audit" head=vec!["When", "What", "More", "Conversation"]>{rows}</Table>
                {next.map(|_| view! { <p><Button on_press=more>"Older entries"</Button></p> })}
            }
            .into_any()
        })
    };
    let export = api::of(agent, OfAgent::AuditExport).path();
    view! {
        <Page
            title=title
            lead=lead
            wide=true
            actions=move || view! { <a class="button" href=export.clone() download="">"Export"</a> }
        >
            <Select label="Show" value=Signal::derive(move || wanted.get().0) options=Signal::derive(kinds) on_choose=choose/>
            {live(list)}
        </Page>
    }
    .into_any()
}

async fn page(agent: AgentId, kind: String, conversation: String, before: Option<u64>) -> api::Asked<Trail> {
    let before = before.map(|seq| seq.to_string()).unwrap_or_default();
    let query = [("kind", kind), ("conversation", conversation), ("before", before)];
    api::get_with(&api::of(&agent, OfAgent::Audit), &query).await
}

/// The members with their addresses, which the trail itself has not: it names people by their ids, and stays.
type People = RwSignal<Vec<ListedMember>>;

fn people(agent: &AgentId) -> People {
    let people = RwSignal::new(Vec::new());
    if agent.as_str() != CONSOLE_AGENT {
        let route = api::of(agent, OfAgent::Members);
        leptos::task::spawn_local(async move {
            if let Ok(Members { members, .. }) = api::get(&route).await {
                people.set(members);
            }
        });
    }
    people
}

/// What a detail says; of a member their address.
fn said(people: People, value: &str) -> String {
    people.with(|people| people.iter().find(|one| one.person() == value).map_or(value, |one| &one.email).to_owned())
}

fn row(agent: &AgentId, people: People, entry: TrailEntry) -> impl IntoView + use<> {
    let detail = entry.detail;
    let more = move || {
        let more = detail.iter().map(|(name, value)| format!("{}: {}", words::plain(name), said(people, value)));
        more.collect::<Vec<_>>().join(" · ")
    };
    // Nobody but who signed in reads a conversation of the console's own.
    let link = entry.conversation.filter(|_| agent.as_str() != CONSOLE_AGENT).map(|id| {
        let to = format!("{}/{id}", room(agent, "conversations"));
        view! { <A href=to>"Open"</A> }
    });
    view! {
        <tr>
            <td>{words::time(&entry.at)}</td>
            <th scope="row">{words::plain(&entry.kind)}<span class="hint">{format!("No. {}", entry.seq)}</span></th>
            <td class="more">{live(more)}</td>
            <td>{link}</td>
        </tr>
    }
}
