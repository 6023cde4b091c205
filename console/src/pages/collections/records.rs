//! The records of a collection: search, pages, and a form for one. What is removed can be brought back.

use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use serde_json::{Map, Value};
use shared::admin::collections::{Collection, Field, Kind, NewRecord, Page as Found, Record, RecordChange};
use shared::admin::problem::Problem;
use shared::admin::route::{OfAgent, Verb};
use wasm_bindgen::JsValue;

use super::address;
use super::fields::called;
use crate::api;
use crate::editor::Editor;
use crate::parts::button::{Button, Look};
use crate::parts::dialog::{Actions, Dialog};
use crate::parts::field::{Kind as Takes, TextField};
use crate::parts::guard;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Refusal, RefusalOrNewest, Status, Waiting, loaded};
use crate::parts::table::Empty;
use crate::parts::toast::toasts;
use crate::prelude::*;

type Data = Map<String, Value>;

/// What the page and its parts share.
#[derive(Clone, Copy)]
struct Here {
    name: StoredValue<String>,
    editor: Editor,
    collection: RwSignal<Option<api::Asked<Collection>>>,
    found: RwSignal<Option<api::Asked<Found<Data>>>>,
    search: RwSignal<String>,
    /// Where the pages before this one began.
    trail: RwSignal<Vec<String>>,
    /// The record whose form is open: none for a new one.
    edited: RwSignal<Option<Record<Data>>>,
    editing: RwSignal<bool>,
    /// The newest question; an answer to an older one is dropped.
    asked: StoredValue<u32>,
}

impl Here {
    fn route(self, what: fn(String) -> OfAgent) -> shared::admin::route::AdminRoute {
        api::of(&self.editor.agent(), what(self.name.get_value()))
    }

    fn record(self, id: &str) -> shared::admin::route::AdminRoute {
        api::of(&self.editor.agent(), OfAgent::Record(self.name.get_value(), id.to_owned()))
    }

    fn load(self) {
        let after = self.trail.with_untracked(|trail| trail.last().cloned().unwrap_or_default());
        let query = [("search", self.search.get_untracked()), ("after", after)];
        let number = self.asked.get_value() + 1;
        self.asked.set_value(number);
        spawn_local(async move {
            let found = api::get_with(&self.route(OfAgent::Records), &query).await;
            if self.asked.try_get_value() == Some(number) {
                self.found.set(Some(found));
            }
        });
        spawn_local(async move {
            self.collection.set(Some(api::get(&self.route(OfAgent::Collection)).await));
        });
    }
}

/// `…/collections/{name}`.
#[component]
pub(super) fn Records(name: String) -> impl IntoView {
    let shown = name.clone();
    let (fields, import) = (StoredValue::new(address(&name, "fields")), StoredValue::new(address(&name, "import")));
    let here = Here {
        name: StoredValue::new(name),
        editor: Editor::here(),
        collection: RwSignal::new(None),
        found: RwSignal::new(None),
        search: RwSignal::new(String::new()),
        trail: RwSignal::new(Vec::new()),
        edited: RwSignal::new(None),
        editing: RwSignal::new(false),
        asked: StoredValue::new(0),
    };
    here.load();
    let title = Signal::derive(move || match here.collection.get() {
        Some(Ok(collection)) => collection.title,
        _ => shown.clone(),
    });
    let export = here.route(OfAgent::Export).path();
    let add = move |()| {
        here.edited.set(None);
        here.editing.set(true);
    };
    let buttons = move || {
        view! {
            <A href=fields.get_value() attr:class="button">"Fields"</A>
            <a class="button" href=export.clone() download rel="external">"Export"</a>
            <A href=import.get_value() attr:class="button">"Import"</A>
            <Button look=Look::Main on_press=add>"Add a record"</Button>
        }
    };
    view! {
        <Page title actions=buttons wide=true>
            <p><A href=address("", "")>"All collections"</A></p>
            <TextField label="Search" kind=Takes::Search hint="A word in any field, or how a number begins." value=here.search on_input=move |text| { here.search.set(text); here.trail.set(Vec::new()); here.load(); }/>
            {live(move || match (here.collection.get(), here.found.get()) {
                (Some(Err(problem)), _) | (_, Some(Err(problem))) => view! { <Refusal problem=Some(problem)/> }.into_any(),
                (Some(Ok(collection)), Some(Ok(found))) => view! { <Rows here collection found/> }.into_any(),
                _ => view! { <Waiting what="Reading the records"/> }.into_any(),
            })}
            <Dialog open=here.editing wide=true asks=true title=Signal::derive(move || here.edited.with(|one| if one.is_some() { "Change a record" } else { "A new record" }).to_owned())>
                <Form here/>
            </Dialog>
            <Remove here/>
        </Page>
    }
}

#[component]
fn Rows(here: Here, collection: Collection, found: Found<Data>) -> impl IntoView {
    if collection.records == 0 {
        return view! {
            <Empty title="No record yet">
                <p>"Import a CSV file, or add records one by one. Fields say what a record may hold."</p>
                <p><A href=address(&collection.name, "import") attr:class="button main">"Import a CSV file"</A></p>
            </Empty>
        }
        .into_any();
    }
    let fields = collection.fields;
    let head = fields.iter().map(|field| {
        let is_roles = field.kind == Kind::Texts;
        view! {
            <th scope="col">
                {field.shown().to_owned()}
                {is_roles.then(|| view! { " " <Status>"List"</Status> })}
                {field.is_keyed().then(|| view! { " " <Status>"Key"</Status> })}
            </th>
        }
    });
    let head = head.collect_view();
    let next = found.next.clone();
    let count = found.records.len();
    let rows = found.records.into_iter().map(|record| {
        let cells = fields.iter().map(|field| view! { <td>{text(record.data.get(&field.name))}</td> }).collect_view();
        let (change, gone) = (record.clone(), record.clone());
        let edit = move |()| {
            here.edited.set(Some(change.clone()));
            here.editing.set(true);
        };
        view! {
            <tr>
                {cells}
                <td class="buttons">
                    <Button look=Look::Bare label=format!("Change {}", record.id) on_press=edit>"Change"</Button>
                    <Button look=Look::Bare label=format!("Remove {}", record.id) on_press=move |()| remove(here, gone.clone())>"Remove"</Button>
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let back = move |()| {
        here.trail.update(|trail| drop(trail.pop()));
        here.load();
    };
    let on = next.clone();
    let forth = move |()| {
        here.trail.update(|trail| trail.extend(on.clone()));
        here.load();
    };
    view! {
        <p role="status">{format!("{count} of {} records on this page", collection.records)}</p>
        <div class="table" role="region" aria-label="Records" tabindex="0">
            <table><caption class="unseen">"Records"</caption><thead><tr>{head}<td></td></tr></thead><tbody>{rows}</tbody></table>
        </div>
        <div class="actions">
            <Button disabled=Signal::derive(move || here.trail.with(Vec::is_empty)) on_press=back>"Back"</Button>
            <Button disabled=next.is_none() on_press=forth>"Next"</Button>
        </div>
    }
    .into_any()
}

/// The header that names the state of a record.
fn seen(record: &Record<Data>) -> (&'static str, String) {
    ("if-match", format!("\"{}\"", record.tag))
}

/// Removes a record; the words that say so offer to bring it back.
fn remove(here: Here, record: Record<Data>) {
    let toasts = toasts();
    spawn_local(async move {
        // What is removed is what was seen: an undo brings that back.
        let removed: api::Asked<()> =
            api::send_raw(Verb::Delete, &here.record(&record.id), &[seen(&record)], JsValue::UNDEFINED).await;
        here.load();
        if let Err(problem) = removed {
            toasts.warn(&problem.title);
            return;
        }
        let routes = here.route(OfAgent::Records);
        toasts.offer("Removed.", "Undo", move || {
            let body =
                NewRecord { id: Some(record.id.clone()), tag: Some(record.tag.clone()), data: record.data.clone() };
            let routes = routes.clone();
            spawn_local(async move {
                match api::post::<Record<Data>>(&routes, &body).await {
                    Ok(_) => here.load(),
                    Err(problem) => toasts.warn(&problem.title),
                }
            });
        });
    });
}

/// A value as somebody would type it.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            let escape = |text: &str| text.replace('\\', "\\\\").replace(';', "\\;");
            items.iter().filter_map(Value::as_str).map(escape).collect::<Vec<_>>().join("; ")
        }
        Some(other) => other.to_string(),
    }
}

/// The form of a record. What nobody touched stays as it is.
#[component]
fn Form(here: Here) -> impl IntoView {
    let before = StoredValue::new(here.edited.get_untracked());
    let fields: Vec<Field> = match here.collection.get_untracked() {
        Some(Ok(collection)) => collection.fields,
        _ => Vec::new(),
    };
    let start: Data = before.with_value(|record| record.as_ref().map(|record| record.data.clone())).unwrap_or_default();
    let data = RwSignal::new(start);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let said = RwSignal::new(String::new());
    let dirty = move || {
        let was = |name: &str| before.with_value(|record| text(record.as_ref().and_then(|one| one.data.get(name))));
        data.with(|data| data.iter().any(|(name, value)| text(Some(value)) != was(name)))
    };
    guard::hold(Signal::derive(dirty));
    let input = |field: Field| {
        let (name, own, at) = (field.name.clone(), field.name.clone(), format!("/data/{}", field.name));
        let value = Signal::derive(move || data.with(|data| text(data.get(&name))));
        let error = Signal::derive(move || {
            let errors = problem.get()?.errors;
            errors.into_iter().find(|error| error.pointer == at).map(|error| error.detail)
        });
        let hint = match field.kind {
            Kind::Texts => "Several with ; between them. Roles stand here.",
            Kind::Phone => "With its country's code: +12025550123.",
            Kind::Date => "As 2026-05-31.",
            Kind::Boolean => "true or false.",
            _ => "",
        };
        let label = format!("{} ({})", field.shown(), called(field.kind).to_lowercase());
        let change = move |text: String| {
            data.update(|data| {
                data.insert(own.clone(), Value::String(text));
            });
        };
        view! { <TextField label hint=hint.to_owned() value error on_input=change/> }
    };
    let known = fields.clone();
    let inputs = fields.into_iter().map(input).collect_view();
    let save = move || {
        busy.set(true);
        said.set(String::new());
        let data = data.get_untracked();
        spawn_local(async move {
            let saved = match before.get_value() {
                None => {
                    let body = NewRecord { id: None, tag: None, data };
                    api::post::<Record<Data>>(&here.route(OfAgent::Records), &body).await
                }
                Some(record) => {
                    let body = serde_json::to_string(&RecordChange { data }).unwrap_or_default();
                    let headers = [("content-type", "application/json".to_owned()), seen(&record)];
                    api::send_raw(Verb::Put, &here.record(&record.id), &headers, body.into()).await
                }
            };
            busy.set(false);
            if let Err(refused) = saved {
                problem.set(Some(refused));
            } else {
                here.editing.set(false);
                here.load();
            }
        });
    };
    // What was not touched here is as it is there.
    let newest = move |()| {
        let Some(old) = before.get_value() else { return };
        let known = known.clone();
        spawn_local(async move {
            let record = match api::get::<Record<Data>>(&here.record(&old.id)).await {
                Err(refused) => return problem.set(Some(refused)),
                Ok(record) => record,
            };
            let mut both = Vec::new();
            data.update(|data| {
                let typed = core::mem::replace(data, record.data.clone());
                for field in known {
                    let [own, was, theirs] = [&typed, &old.data, &record.data].map(|data| text(data.get(&field.name)));
                    if own != was {
                        if theirs != was && theirs != own {
                            both.push(format!("{} (theirs: “{theirs}”)", field.shown()));
                        }
                        data.insert(field.name, Value::String(own));
                    }
                }
            });
            before.set_value(Some(record));
            problem.set(None);
            said.set(loaded(&both));
        });
    };
    view! {
        <form class="stack" on:submit=move |event| { event.prevent_default(); save(); }>
            {inputs}
            <RefusalOrNewest problem said newest/>
            <Actions><Button look=Look::Main busy>"Save"</Button></Actions>
        </form>
    }
}

/// Removes the whole collection, asked for twice.
#[component]
fn Remove(here: Here) -> impl IntoView {
    let sure = RwSignal::new(false);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let navigate = StoredValue::new(use_navigate());
    let home = StoredValue::new(address("", ""));
    let send = move |()| {
        busy.set(true);
        spawn_local(async move {
            let gone = api::delete::<()>(&here.route(OfAgent::Collection)).await;
            busy.set(false);
            if let Err(refused) = gone {
                problem.set(Some(refused));
            } else {
                let to = home.get_value();
                navigate.try_with_value(|navigate| navigate(&to, NavigateOptions::default()));
            }
        });
    };
    view! {
        <div class="actions"><Button look=Look::Danger on_press=move |()| { problem.set(None); sure.set(true); }>"Remove this collection"</Button></div>
        <Dialog open=sure title="Remove this collection?">
            <p>"Every record in it is removed too, and cannot be brought back. Export it first if you may need it."</p>
            <Refusal problem/>
            <Actions><Button look=Look::Danger busy on_press=send>"Remove it and its records"</Button></Actions>
        </Dialog>
    }
}
