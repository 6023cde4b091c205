//! The fields of a collection: an editor for a new one and for one that is there.

use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::admin::collections::{Collection, CollectionChange, Field, Kind};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;

use super::address;
use crate::api;
use crate::editor::Editor;
use crate::parts::button::{Button, Look};
use crate::parts::field::{Select, Switch, TextField};
use crate::parts::guard;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Refusal, RefusalOrNewest, Waiting, loaded};
use crate::parts::toast::toasts;
use crate::prelude::*;

/// What there is, and what it is called.
const KINDS: [(Kind, &str, &str); 7] = [
    (Kind::Text, "text", "Text"),
    (Kind::Email, "email", "Email address"),
    (Kind::Phone, "phone", "Phone number"),
    (Kind::Number, "number", "Number"),
    (Kind::Boolean, "boolean", "Yes or no"),
    (Kind::Date, "date", "Date"),
    (Kind::Texts, "texts", "List (roles)"),
];

/// What a kind is called.
pub(super) fn called(kind: Kind) -> &'static str {
    KINDS.iter().find(|(one, ..)| *one == kind).map_or("", |(_, _, words)| words)
}

/// An empty field.
pub(super) fn empty() -> Field {
    Field { name: String::new(), label: String::new(), kind: Kind::Text, key: false, required: false, unique: false }
}

/// The editor. A field is taken out and put in; what is wrong with one stands beside it.
#[component]
pub(super) fn Fields(fields: RwSignal<Vec<Field>>, #[prop(into)] problem: Signal<Option<Problem>>) -> impl IntoView {
    // Rows are made anew when one comes or goes, not while somebody types in one.
    let count = Memo::new(move || fields.with(Vec::len));
    let row = move |at: usize| {
        let change = move |change: fn(&mut Field, String), value: String| {
            fields.update(|fields| {
                if let Some(field) = fields.get_mut(at) {
                    change(field, value);
                }
            });
        };
        let read = move |read: fn(&Field) -> String| {
            Signal::derive(move || fields.with(|fields| fields.get(at).map(read).unwrap_or_default()))
        };
        let is =
            move |is: fn(&Field) -> bool| Signal::derive(move || fields.with(|fields| fields.get(at).is_some_and(is)));
        let flag = move |set: fn(&mut Field, bool), value: bool| {
            fields.update(|fields| {
                if let Some(field) = fields.get_mut(at) {
                    set(field, value);
                }
            });
        };
        let wrong = move |name: &'static str| {
            Signal::derive(move || {
                let pointer = format!("/fields/{at}/{name}");
                problem.with(|problem| {
                    let errors = &problem.as_ref()?.errors;
                    errors.iter().find(|error| error.pointer == pointer).map(|error| error.detail.clone())
                })
            })
        };
        let kind = Signal::derive(move || {
            let kind = fields.with(|fields| fields.get(at).map_or(Kind::Text, |field| field.kind));
            KINDS.iter().find(|(one, ..)| *one == kind).map_or("text", |(_, value, _)| value).to_owned()
        });
        let no_key = is(|field| matches!(field.kind, Kind::Boolean | Kind::Texts));
        let always = is(|field| matches!(field.kind, Kind::Boolean | Kind::Texts | Kind::Email));
        let options: Vec<(String, String)> =
            KINDS.iter().map(|(_, value, words)| ((*value).to_owned(), (*words).to_owned())).collect();
        let choose = move |value: String| {
            fields.update(|fields| {
                let chosen = KINDS.iter().find(|(_, own, _)| *own == value);
                if let (Some(field), Some((kind, ..))) = (fields.get_mut(at), chosen) {
                    field.kind = *kind;
                    if matches!(kind, Kind::Boolean | Kind::Texts) {
                        (field.key, field.unique) = (false, false);
                    }
                }
            });
        };
        let remove = move |()| {
            fields.update(|fields| {
                if at < fields.len() {
                    fields.remove(at);
                }
            });
        };
        view! {
            <fieldset class="one-field">
                <legend>{format!("Field {}", at + 1)}</legend>
                <TextField label="Name" mono=true placeholder="employee_number" value=read(|field| field.name.clone()) error=wrong("name") on_input=move |text| change(|field, text| field.name = text, text)/>
                <TextField label="Shown as" placeholder="Employee number" value=read(|field| field.label.clone()) error=wrong("label") on_input=move |text| change(|field, text| field.label = text, text)/>
                <Select label="Type" value=kind options=options on_choose=choose/>
                <Switch label="Records are found by it" value=is(Field::is_keyed) disabled=always on_switch=move |on| flag(|field, on| field.key = on, on)/>
                <Switch label="No two alike" value=is(|field| field.unique) disabled=no_key on_switch=move |on| flag(|field, on| field.unique = on, on)/>
                <Switch label="Every record has it" value=is(|field| field.required) on_switch=move |on| flag(|field, on| field.required = on, on)/>
                <p class="error">{live(move || wrong("key").get().or_else(|| wrong("unique").get()))}</p>
                <Button look=Look::Bare label=format!("Remove field {}", at + 1) on_press=remove>"Remove"</Button>
            </fieldset>
        }
    };
    view! {
        <div class="fields">
            <For each=move || 0..count.get() key=move |at| format!("{at} {}", count.get()) children=row/>
            <Button on_press=move |()| fields.update(|fields| fields.push(empty()))>"Add a field"</Button>
        </div>
    }
}

/// `…/fields`.
#[component]
pub(super) fn FieldsPage(name: String) -> impl IntoView {
    let (back, heading) = (address(&name, ""), format!("Fields of {name}"));
    let route = StoredValue::new(api::of(&Editor::here().agent(), OfAgent::Collection(name)));
    let read = RwSignal::new(None::<api::Asked<Collection>>);
    let load = move || {
        spawn_local(async move {
            read.set(Some(api::get(&route.get_value()).await));
        });
    };
    load();
    view! {
        <Page title=heading lead="What a record may hold. Records keep what a field held that you take out.">
            <p><A href=back>"Back to the records"</A></p>
            {live(move || match read.get() {
                None => view! { <Waiting what="Reading the fields"/> }.into_any(),
                Some(Err(problem)) => view! { <Refusal problem=Some(problem)/> }.into_any(),
                Some(Ok(collection)) => view! { <Form collection load=Callback::new(move |()| load())/> }.into_any(),
            })}
        </Page>
    }
}

#[component]
fn Form(collection: Collection, load: Callback<()>) -> impl IntoView {
    let route = StoredValue::new(api::of(&Editor::here().agent(), OfAgent::Collection(collection.name.clone())));
    let toasts = toasts();
    let title = RwSignal::new(collection.title.clone());
    let fields = RwSignal::new(collection.fields.clone());
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let version = StoredValue::new(collection.version);
    let said = RwSignal::new(String::new());
    let before = StoredValue::new((collection.title, collection.fields));
    let dirty = Signal::derive(move || before.with_value(|(was, were)| title.get() != *was || fields.get() != *were));
    guard::hold(dirty);
    let save = move || {
        busy.set(true);
        said.set(String::new());
        let change = CollectionChange { title: Some(title.get_untracked()), fields: Some(fields.get_untracked()) };
        spawn_local(async move {
            let saved = api::patch_version::<Collection>(&route.get_value(), version.get_value(), &change).await;
            busy.set(false);
            if let Err(refused) = saved {
                problem.set(Some(refused));
            } else {
                toasts.say("Saved.");
                load.run(());
            }
        });
    };
    let newest = move |()| {
        spawn_local(async move {
            let now = api::get::<Collection>(&route.get_value()).await;
            let Some((was, were)) = before.try_get_value() else { return };
            match now {
                Err(refused) => problem.set(Some(refused)),
                Ok(now) => {
                    before.set_value((now.title.clone(), now.fields.clone()));
                    version.set_value(now.version);
                    let mut both = Vec::new();
                    if title.get_untracked() == was {
                        title.set(now.title);
                    } else if now.title != was {
                        both.push(format!("the title (theirs: “{}”)", now.title));
                    }
                    fields.update(|fields| *fields = merged(&were, fields, now.fields, &mut both));
                    problem.set(None);
                    said.set(loaded(&both));
                }
            }
        });
    };
    view! {
        <form class="stack" on:submit=move |event| { event.prevent_default(); save(); }>
            <TextField label="Title" value=title on_input=move |text| title.set(text)/>
            <Fields fields problem/>
            <RefusalOrNewest problem said newest/>
            <div class="actions"><Button look=Look::Main busy disabled=Signal::derive(move || !dirty.get())>"Save the fields"</Button></div>
        </form>
    }
}

/// Own fields on top of the newest: what was not touched here is as it is there.
fn merged(were: &[Field], mine: &[Field], theirs: Vec<Field>, both: &mut Vec<String>) -> Vec<Field> {
    let named = |fields: &[Field], name: &str| fields.iter().position(|field| field.name == name);
    let mut fields = Vec::new();
    for own in mine {
        let there = named(&theirs, &own.name).and_then(|at| theirs.get(at));
        if were.contains(own) {
            fields.extend(there.cloned());
            continue;
        }
        if there.map_or(named(were, &own.name).is_some(), |there| there != own && !were.contains(there)) {
            both.push(own.shown().to_owned());
        }
        fields.push(own.clone());
    }
    // Taken out here, and changed there.
    let lost = theirs.iter().filter(|there| {
        named(were, &there.name).is_some() && named(mine, &there.name).is_none() && !were.contains(there)
    });
    both.extend(lost.map(|there| there.shown().to_owned()));
    let is_new = |field: &Field| named(were, &field.name).is_none() && named(mine, &field.name).is_none();
    fields.extend(theirs.into_iter().filter(is_new));
    fields
}
