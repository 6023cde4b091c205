//! `…/import`: a CSV file from the choice to the last record. The edge knows how far it came: after a reload the same file goes
//! on where it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::task::spawn_local;
use leptos_router::components::A;
use shared::admin::MAX_PART_BYTES;
use shared::admin::collections::{
    Collection, Commit, FAULTS, Field, Import, LineError, MAX_ERRORS, Mode, NewImport, Stage, suggested,
};
use shared::admin::problem::{Code, Problem};
use shared::admin::route::{AdminRoute, OfAgent, Verb};
use wasm_bindgen::JsValue;

use super::{address, file};
use crate::api;
use crate::editor::Editor;
use crate::parts::button::{Button, Look};
use crate::parts::field::Select;
use crate::parts::live::{live, of};
use crate::parts::page::Page;
use crate::parts::status::{Note, Refusal, Tone, Waiting};
use crate::parts::toast::toasts;
use crate::prelude::*;

/// How many errors are shown; the lines of all that are kept can be downloaded.
const SHOWN: usize = 50;

/// A file that was chosen.
#[derive(Clone)]
struct Chosen {
    name: String,
    raw: Arc<Vec<u8>>,
    encoding: String,
    delimiter: char,
    /// The same as UTF-8.
    text: Arc<Vec<u8>>,
    head: Vec<Vec<String>>,
}

impl Chosen {
    fn read(name: String, raw: Arc<Vec<u8>>, encoding: &str, delimiter: Option<char>) -> Option<Self> {
        let text = Arc::new(file::decoded(&raw, encoding)?);
        let delimiter = delimiter.unwrap_or_else(|| file::delimiter(&text));
        let head = file::head(&text, delimiter);
        Some(Self { name, raw, encoding: encoding.to_owned(), delimiter, text, head })
    }
}

/// What the page and its parts share.
#[derive(Clone, Copy)]
struct Here {
    name: StoredValue<String>,
    editor: Editor,
    chosen: RwSignal<Option<Chosen>>,
    import: RwSignal<Option<Import>>,
    /// One that was begun before, to go on with.
    open: RwSignal<Option<Import>>,
    found: RwSignal<Vec<LineError>>,
    problem: RwSignal<Option<Problem>>,
    sending: RwSignal<bool>,
    /// Rows in a second.
    rate: RwSignal<u64>,
}

impl Here {
    fn imports(self) -> AdminRoute {
        api::of(&self.editor.agent(), OfAgent::Imports(self.name.get_value()))
    }

    fn one(self, id: &str) -> AdminRoute {
        api::of(&self.editor.agent(), OfAgent::Import(self.name.get_value(), id.to_owned()))
    }

    /// The file of the lines that are not right; none where there is none.
    fn left_out(self) -> Option<AnyView> {
        let import = self.import.get().filter(|import| import.errors > 0)?;
        let route = OfAgent::ImportErrors(self.name.get_value(), import.id);
        let href = api::of(&self.editor.agent(), route).path();
        let more = import.errors > u64::from(MAX_ERRORS);
        Some(
            view! {
                <p><a class="button" href=href download rel="external">"Download these lines"</a></p>
                <p class="hint">
                    "They stand in the file as they are in yours, with what is wrong in a first column. Mend them there and import that file: the column is left out."
                    {more.then(|| format!(" Of {} errors the first {MAX_ERRORS} are kept: import again for the rest.", import.errors))}
                </p>
            }
            .into_any(),
        )
    }

    /// Drops an import, unless it is gone already. False when it could not be.
    async fn drop(self, id: &str) -> bool {
        match api::delete::<()>(&self.one(id)).await {
            Err(problem) if problem.code != Code::NotFound => {
                self.refuse(problem);
                false
            }
            _ => {
                self.open.set(None);
                self.problem.set(None);
                true
            }
        }
    }

    fn refuse(self, problem: Problem) {
        self.problem.set(Some(problem));
    }

    /// Sends the rest of the file, part by part.
    async fn send(self, text: Arc<Vec<u8>>) {
        self.sending.set(true);
        self.problem.set(None);
        let (began, mut rows_before) = (js_sys::Date::now(), None);
        loop {
            // The page may have gone.
            let Some(Some(import)) = self.import.try_get_untracked() else { return };
            let start = *rows_before.get_or_insert(import.rows);
            if import.stage != Stage::Open {
                break;
            }
            let from = usize::try_from(import.offset).unwrap_or(usize::MAX);
            let Some(rest) = text.get(from..) else { break };
            let part = rest.get(..MAX_PART_BYTES).unwrap_or(rest);
            let headers = [("content-type", "text/csv".to_owned()), ("upload-offset", import.offset.to_string())];
            let body: JsValue = js_sys::Uint8Array::from(part).into();
            let sent = api::send_raw::<Import>(Verb::Patch, &self.one(&import.id), &headers, body).await;
            // It may have been dropped meanwhile.
            if self.import.try_get_untracked().flatten().is_none_or(|now| now.id != import.id) {
                return;
            }
            match sent {
                Ok(mut next) => {
                    let stuck = next.offset == import.offset;
                    self.found.try_update(|found| found.append(&mut next.found));
                    let seconds = ((js_sys::Date::now() - began) / 1000.0).max(0.001);
                    self.rate.set(((next.rows - start) as f64 / seconds) as u64);
                    self.import.set(Some(next));
                    if stuck {
                        self.refuse(api::local(
                            "The file could not be read any further. Drop the import and look at the file.",
                        ));
                        break;
                    }
                }
                // Another tab sends the same file, or an answer was lost: the edge says where it is.
                Err(problem) if problem.code == Code::Conflict => match api::get::<Import>(&self.one(&import.id)).await
                {
                    Ok(mut now) if now.offset != import.offset => {
                        self.found.set(core::mem::take(&mut now.found));
                        self.import.set(Some(now));
                    }
                    _ => {
                        self.refuse(problem);
                        break;
                    }
                },
                Err(problem) => {
                    self.refuse(problem);
                    break;
                }
            }
        }
        self.sending.set(false);
    }
}

/// The page.
#[component]
pub(super) fn ImportPage(name: String) -> impl IntoView {
    let here = Here {
        name: StoredValue::new(name.clone()),
        editor: Editor::here(),
        chosen: RwSignal::new(None),
        import: RwSignal::new(None),
        open: RwSignal::new(None),
        found: RwSignal::new(Vec::new()),
        problem: RwSignal::new(None),
        sending: RwSignal::new(false),
        rate: RwSignal::new(0),
    };
    let collection = RwSignal::new(None::<api::Asked<Collection>>);
    let route = api::of(&here.editor.agent(), OfAgent::Collection(name.clone()));
    spawn_local(async move {
        let imports = api::get::<Vec<Import>>(&here.imports()).await.unwrap_or_default();
        here.open.set(imports.into_iter().next());
        collection.set(Some(api::get(&route).await));
    });
    let stage = Memo::new(move || {
        let begun = here.import.with(|import| import.as_ref().map(|import| import.stage));
        (begun, here.chosen.with(Option::is_some))
    });
    view! {
        <Page title=format!("Import into {name}") lead="Nothing is in place until the whole file was read and you say so." wide=true>
            <p><A href=address(&name, "")>"Back to the records"</A></p>
            {live(move || match (collection.get(), stage.get()) {
                (None, _) => view! { <Waiting what="Reading the fields"/> }.into_any(),
                (Some(Err(problem)), _) => view! { <Refusal problem=Some(problem)/> }.into_any(),
                (Some(Ok(_)), (Some(Stage::Done), _)) => view! { <Done here/> }.into_any(),
                (Some(Ok(_)), (Some(_), _)) => view! { <Progress here/> }.into_any(),
                (Some(Ok(collection)), (None, true)) => view! { <Plan here fields=collection.fields/> }.into_any(),
                (Some(Ok(_)), (None, false)) => view! { <Choose here/> }.into_any(),
            })}
            <Refusal problem=here.problem/>
        </Page>
    }
}

/// Choose a file, or the same one again.
#[component]
fn Choose(here: Here) -> impl IntoView {
    let over = RwSignal::new(false);
    // Another file than the one whose import is open.
    let other = RwSignal::new(None::<Chosen>);
    let take = move |files: Option<web_sys::FileList>| {
        let Some(chosen) = files.and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            let Some(raw) = file::bytes(&chosen).await else {
                here.refuse(api::local("The file could not be read. Choose it again."));
                return;
            };
            here.problem.set(None);
            other.set(None);
            let (name, raw) = (chosen.name(), Arc::new(raw));
            let Some(read) = Chosen::read(name.clone(), Arc::clone(&raw), file::encoding(&raw), None) else {
                here.refuse(api::local("The file could not be read in this encoding. Choose another one."));
                return;
            };
            let Some(import) = here.open.get_untracked() else {
                here.chosen.set(Some(read));
                return;
            };
            // As it was read then; only the same bytes go on.
            let asked = import.asked;
            let text = if asked.encoding == read.encoding { None } else { file::decoded(&raw, &asked.encoding) };
            let text = text.map_or_else(|| Arc::clone(&read.text), Arc::new);
            let is_same = match (asked.sha256, file::sha256(&text).await) {
                (Some(then), Some(now)) => then == now,
                _ => asked.name == name && asked.bytes == text.len() as u64,
            };
            if !is_same {
                other.set(Some(read));
                return;
            }
            match api::get::<Import>(&here.one(&import.id)).await {
                Err(problem) => here.refuse(problem),
                Ok(mut now) => {
                    here.found.set(core::mem::take(&mut now.found));
                    here.import.set(Some(now));
                    here.send(text).await;
                }
            }
        });
    };
    let anew = move |()| {
        let (Some(import), Some(chosen)) = (here.open.get_untracked(), other.get_untracked()) else { return };
        spawn_local(async move {
            if here.drop(&import.id).await {
                here.chosen.set(Some(chosen));
            }
        });
    };
    let drop_it = move |()| {
        let Some(import) = here.open.get_untracked() else { return };
        spawn_local(async move {
            here.drop(&import.id).await;
            other.set(None);
        });
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|data| data.files()));
    };
    view! {
        {live(move || here.open.get().map(|import| view! {
            <Note tone=Tone::Warn>
                <p>{format!("An import of {} is open: {} of {} bytes are read. Choose the same file to go on.", import.asked.name, import.offset, import.asked.bytes)}</p>
                <Button on_press=drop_it>"Drop this import"</Button>
            </Note>
        }))}
        <div role="alert">
            {live(move || other.with(Option::is_some).then(|| view! {
                <div class="note bad">
                    <p>"This is another file than the one that the import began with, or it was changed since. Choose that one to go on, or begin anew with this one."</p>
                    <Button on_press=anew>"Begin anew with this file"</Button>
                </div>
            }))}
        </div>
        <label
            class="drop"
            class:over=of(move || over.get())
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <strong>"Choose a CSV file, or drop it here"</strong>
            <span class="hint">"The first line names the columns. Up to 100 MiB."</span>
            <input type="file" accept=".csv,.tsv,.txt,text/csv" on:change=move |event| take(event_target::<web_sys::HtmlInputElement>(&event).files())/>
        </label>
    }
}

/// How the file is read, and which column fills which field.
#[component]
fn Plan(here: Here, fields: Vec<Field>) -> impl IntoView {
    let fields = StoredValue::new(fields);
    let mapping = RwSignal::new(BTreeMap::<String, String>::new());
    let mode = RwSignal::new("replace".to_owned());
    let busy = RwSignal::new(false);
    let header = Memo::new(move || {
        here.chosen.with(|chosen| chosen.as_ref().and_then(|chosen| chosen.head.first().cloned())).unwrap_or_default()
    });
    // Lines that an import left out belong beside the records, not in their place.
    let leftover = Memo::new(move || header.with(|header| header.iter().any(|name| name.trim() == FAULTS)));
    let unique = move || {
        fields.with_value(|fields| {
            let unique = fields.iter().filter(|field| field.unique);
            unique.map(|field| (field.name.clone(), format!("Merge by {}", field.shown()))).collect::<Vec<_>>()
        })
    };
    effect(move || {
        let mut taken = BTreeMap::new();
        for name in header.get() {
            let field = fields.with_value(|fields| suggested(&name, fields).map(|field| field.name.clone()));
            if let Some(field) = field
                && !taken.values().any(|other| *other == field)
            {
                taken.insert(name.trim().to_owned(), field);
            }
        }
        mapping.set(taken);
        if leftover.get_untracked() {
            mode.set(unique().into_iter().next().map_or_else(|| "replace".to_owned(), |(name, _)| name));
        }
    });
    let again = move |encoding: Option<String>, delimiter: Option<char>| {
        let Some(old) = here.chosen.get_untracked() else { return };
        let encoding = encoding.unwrap_or(old.encoding);
        match Chosen::read(old.name, old.raw, &encoding, delimiter) {
            Some(read) => here.chosen.set(Some(read)),
            None => here.refuse(api::local("The file cannot be read in this encoding.")),
        }
    };
    let encoding = Signal::derive(move || here.chosen.get().map(|chosen| chosen.encoding).unwrap_or_default());
    let delimiter =
        Signal::derive(move || here.chosen.get().map(|chosen| chosen.delimiter.to_string()).unwrap_or_default());
    let targets = Signal::derive(move || {
        let named = fields.with_value(|fields| {
            fields.iter().map(|field| (field.name.clone(), field.shown().to_owned())).collect::<Vec<_>>()
        });
        core::iter::once((String::new(), "Leave out".to_owned())).chain(named).collect::<Vec<_>>()
    });
    let modes = Signal::derive(move || {
        let replace = ("replace".to_owned(), "Replace every record".to_owned());
        core::iter::once(replace).chain(unique()).collect::<Vec<_>>()
    });
    let column = move |name: String| {
        let (own, name) = (StoredValue::new(name.trim().to_owned()), name);
        let value = Signal::derive(move || {
            mapping.with(|mapping| own.with_value(|own| mapping.get(own).cloned())).unwrap_or_default()
        });
        let choose = move |field: String| {
            mapping.update(|mapping| {
                mapping.retain(|_, other| *other != field);
                if field.is_empty() {
                    mapping.remove(&own.get_value());
                } else {
                    mapping.insert(own.get_value(), field);
                }
            });
        };
        view! { <th scope="col"><Select label=name value options=targets on_choose=choose/></th> }
    };
    let lines = move || {
        let head = here.chosen.with(|chosen| chosen.as_ref().map(|chosen| chosen.head.clone())).unwrap_or_default();
        let cells = |cells: Vec<String>| cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view();
        head.into_iter().skip(1).map(|line| view! { <tr>{cells(line)}</tr> }).collect_view()
    };
    let begin = move |()| {
        let Some(chosen) = here.chosen.get_untracked() else { return };
        busy.set(true);
        let mode = mode.get_untracked();
        let (mode, key) = if mode == "replace" { (Mode::Replace, None) } else { (Mode::Merge, Some(mode)) };
        let asked = NewImport {
            name: chosen.name,
            bytes: chosen.text.len() as u64,
            mode,
            key,
            mapping: mapping.get_untracked(),
            delimiter: chosen.delimiter,
            encoding: chosen.encoding,
            sha256: None,
        };
        spawn_local(async move {
            let asked = NewImport { sha256: file::sha256(&chosen.text).await, ..asked };
            let begun = api::post::<Import>(&here.imports(), &asked).await;
            busy.set(false);
            match begun {
                Err(problem) => here.refuse(problem),
                Ok(import) => {
                    here.found.set(Vec::new());
                    here.import.set(Some(import));
                    here.send(chosen.text).await;
                }
            }
        });
    };
    let named = |options: &[(&str, &str)]| {
        options.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>()
    };
    let delimiters: Vec<(String, String)> =
        file::DELIMITERS.iter().map(|(value, words)| (value.to_string(), (*words).to_owned())).collect();
    view! {
        <div class="pair">
            <Select label="Encoding" hint="Found by the bytes; choose another if letters look wrong." value=encoding options=named(&file::ENCODINGS) on_choose=move |name| again(Some(name), None)/>
            <Select label="Between cells" value=delimiter options=delimiters on_choose=move |one: String| again(None, one.chars().next())/>
            <Select label="The records that are here" value=mode options=modes on_choose=move |one| mode.set(one)/>
        </div>
        <Show when=move || leftover.get() && mode.with(|mode| mode == "replace")>
            <Note tone=Tone::Warn><p>"This file holds lines that an import left out. Replacing takes every record away that is here. To bring these in beside them, mark a field as unique and merge by it."</p></Note>
        </Show>
        <h2>"Which column fills which field"</h2>
        <div class="table" role="region" aria-label="The first lines" tabindex="0">
            <table>
                <caption class="unseen">"The first lines of the file"</caption>
                <thead><tr>{live(move || header.get().into_iter().map(column).collect_view())}</tr></thead>
                <tbody>{live(lines)}</tbody>
            </table>
        </div>
        <div class="actions">
            <Button on_press=move |()| here.chosen.set(None)>"Another file"</Button>
            <Button look=Look::Main busy on_press=begin>"Read the file"</Button>
        </div>
    }
}

/// How far it is, what is wrong, and what to do once all is read.
#[component]
fn Progress(here: Here) -> impl IntoView {
    let busy = RwSignal::new(false);
    let is = move |stage: Stage| here.import.with(|import| import.as_ref().is_some_and(|import| import.stage == stage));
    let count = move |what: fn(&Import) -> u64| here.import.with(|import| import.as_ref().map_or(0, what));
    let share =
        move || (count(|import| import.offset) * 100).checked_div(count(|import| import.asked.bytes)).unwrap_or(0);
    let commit = move |skip_errors: bool| {
        let Some(import) = here.import.get_untracked() else { return };
        busy.set(true);
        let route = api::of(&here.editor.agent(), OfAgent::ImportCommit(here.name.get_value(), import.id));
        spawn_local(async move {
            let done = api::post::<Import>(&route, &Commit { skip_errors }).await;
            busy.set(false);
            match done {
                Ok(done) => here.import.set(Some(done)),
                Err(problem) => here.refuse(problem),
            }
        });
    };
    let drop_it = move |()| {
        let Some(import) = here.import.get_untracked() else { return };
        spawn_local(async move {
            if here.drop(&import.id).await {
                toasts().say("Dropped. Nothing was changed.");
                here.import.set(None);
            }
        });
    };
    let error = |error: LineError| {
        view! { <tr><td>{error.line}</td><td>{error.column}</td><td>{error.detail}</td></tr> }
    };
    view! {
        <section class="stack" aria-labelledby="import-progress">
            <h2 id="import-progress">{live(move || if is(Stage::Complete) { "The file is read" } else { "Reading the file" })}</h2>
            <progress max="100" value=move || share().to_string() aria-labelledby="import-progress"></progress>
            <p role="status">{live(move || format!("{} % · {} rows · {} errors", share(), count(|import| import.rows), count(|import| import.errors)))}
                {live(move || here.sending.get().then(|| format!(" · {} rows a second", here.rate.get())))}
            </p>
            <Show when=move || !here.found.with(Vec::is_empty)>
                <h2>"Lines that are not right"</h2>
                <div class="table" role="region" aria-label="Lines that are not right" tabindex="0">
                    <table>
                        <thead><tr><th scope="col">"Line"</th><th scope="col">"Column"</th><th scope="col">"What is wrong"</th></tr></thead>
                        <tbody>{live(move || here.found.get().into_iter().take(SHOWN).map(error).collect_view())}</tbody>
                    </table>
                </div>
                {live(move || here.left_out())}
            </Show>
            <div class="actions">
                <Button look=Look::Danger on_press=drop_it>"Drop the import"</Button>
                <Show when=move || is(Stage::Complete) && count(|import| import.errors) == 0>
                    <Button look=Look::Main busy on_press=move |()| commit(false)>"Put the records in place"</Button>
                </Show>
                <Show when=move || is(Stage::Complete) && (count(|import| import.errors) > 0)>
                    <Button look=Look::Main busy on_press=move |()| commit(true)>"Leave these lines out and put the rest in place"</Button>
                </Show>
            </div>
        </section>
    }
}

/// Everything is in place.
#[component]
fn Done(here: Here) -> impl IntoView {
    let rows = here.import.with_untracked(|import| import.as_ref().map_or(0, |import| import.rows));
    view! {
        <Note tone=Tone::Good><p role="status">{format!("{rows} records are in place.")}</p></Note>
        {untrack(|| here.left_out())}
        <p><A href=address(&here.name.get_value(), "") attr:class="button main">"See the records"</A></p>
    }
}
