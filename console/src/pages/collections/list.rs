//! Every collection of the agent, and a new one.

use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use shared::admin::collections::{Collection, Field, Kind, NewCollection};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;

use super::address;
use super::fields::Fields;
use crate::api;
use crate::editor::Editor;
use crate::parts::button::{Button, Look};
use crate::parts::dialog::{Actions, Dialog};
use crate::parts::field::TextField;
use crate::parts::guard;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Refusal, Status, Tone, Waiting};
use crate::parts::table::{Empty, Table};
use crate::prelude::*;

/// The page.
#[component]
pub(super) fn List() -> impl IntoView {
    let route = api::of(&Editor::here().agent(), OfAgent::Collections);
    let read = RwSignal::new(None::<api::Asked<Vec<Collection>>>);
    spawn_local(async move {
        read.set(Some(api::get(&route).await));
    });
    let making = RwSignal::new(false);
    let is_empty = Memo::new(move || read.with(|read| matches!(read, Some(Ok(all)) if all.is_empty())));
    let row = |one: Collection| {
        let key = one.fields.iter().filter(|field| field.is_keyed()).map(Field::shown).collect::<Vec<_>>().join(", ");
        view! {
            <tr>
                <th scope="row"><A href=address(&one.name, "")>{one.title}</A><span class="mono hint">{one.name.clone()}</span></th>
                <td>{one.records}</td>
                <td>{if key.is_empty() { "nothing yet".to_owned() } else { key }}</td>
                <td>{if one.used_by.is_empty() {
                    view! { <Status>"Not used"</Status> }.into_any()
                } else {
                    view! { <Status tone=Tone::Good>"In use"</Status> }.into_any()
                }}</td>
            </tr>
        }
    };
    view! {
        <Page
            title="Collections"
            lead="Tables of records that look-ups, roles and auto-fetch read."
            actions=move || view! {
                <Show when=move || !is_empty.get()>
                    <Button look=Look::Main on_press=move |()| making.set(true)>"New collection"</Button>
                </Show>
            }
        >
            {live(move || match read.get() {
                None => view! { <Waiting what="Reading the collections"/> }.into_any(),
                Some(Err(problem)) => view! { <Refusal problem=Some(problem)/> }.into_any(),
                Some(Ok(all)) if all.is_empty() => view! {
                    <Empty title="Keep your first table here">
                        <p>"A collection is a table: staff with their employee numbers, customers, orders. The chat can look visitors up in it, take their roles from it, and read their own records once they have signed in."</p>
                        <p>"Name the table and its fields, then import a CSV file."</p>
                        <Button look=Look::Main on_press=move |()| making.set(true)>"New collection"</Button>
                    </Empty>
                }.into_any(),
                Some(Ok(all)) => view! {
                    <Table caption="Collections" head=vec!["Collection", "Records", "Found by", "Settings"]>
                        {all.into_iter().map(row).collect_view()}
                    </Table>
                }.into_any(),
            })}
            <Dialog open=making title="New collection" wide=true asks=true><NewOne/></Dialog>
        </Page>
    }
}

/// The form for a new one. It begins with what most tables have.
#[component]
fn NewOne() -> impl IntoView {
    let route = StoredValue::new(api::of(&Editor::here().agent(), OfAgent::Collections));
    let field = |name: &str, label: &str, kind| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        kind,
        key: false,
        required: false,
        unique: false,
    };
    let start = vec![
        Field { unique: true, required: true, ..field("number", "Number", Kind::Text) },
        field("email", "Email", Kind::Email),
        field("name", "Name", Kind::Text),
    ];
    let fields = RwSignal::new(start.clone());
    let name = RwSignal::new(String::new());
    guard::hold(Signal::derive(move || name.with(|name| !name.is_empty()) || fields.with(|fields| *fields != start)));
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let navigate = StoredValue::new(use_navigate());
    let home = StoredValue::new(address("", ""));
    let send = move || {
        busy.set(true);
        let name = name.get_untracked().trim().to_owned();
        let body = NewCollection { title: name.clone(), name: word(&name), fields: fields.get_untracked() };
        spawn_local(async move {
            let made = api::post::<Collection>(&route.get_value(), &body).await;
            busy.set(false);
            match made {
                Err(refused) => problem.set(Some(refused)),
                Ok(made) => {
                    let to = home.with_value(|home| format!("{home}/{}", made.name));
                    navigate.try_with_value(|navigate| navigate(&to, NavigateOptions::default()));
                }
            }
        });
    };
    let error = Signal::derive(move || {
        let errors = problem.get()?.errors;
        errors.into_iter().find(|error| error.pointer == "/name" || error.pointer == "/title").map(|error| error.detail)
    });
    view! {
        <form class="stack" on:submit=move |event| { event.prevent_default(); send(); }>
            <TextField label="Name" placeholder="Staff" hint="What the table holds." value=name error on_input=move |text| name.set(text)/>
            <Fields fields problem/>
            <Refusal problem/>
            <Actions><Button look=Look::Main busy>"Create"</Button></Actions>
        </form>
    }
}

/// A title as a name in addresses.
fn word(title: &str) -> String {
    let mut name = String::new();
    for c in title.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '-' => name.push(c),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name.trim_end_matches('_').chars().take(64).collect()
}
