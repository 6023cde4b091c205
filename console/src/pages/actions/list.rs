//! The list of actions.

use leptos_router::components::A;
use leptos_router::hooks::use_navigate;
use serde_json::Value;

use super::forms::{self, KINDS, kind_words};
use crate::editor::Editor;
use crate::pages::agent::room;
use crate::parts::button::{Button, Look};
use crate::parts::dialog::Dialog;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Status, Tone};
use crate::parts::table::{Empty, Table};
use crate::prelude::*;

/// The list.
#[component]
pub(super) fn List() -> impl IntoView {
    let editor = Editor::here();
    let making = RwSignal::new(false);
    let actions = Memo::new(move || editor.items("/actions"));
    let new = move || view! { <Button look=Look::Main on_press=move |()| making.set(true)>"New action"</Button> };
    let body = move || {
        if actions.with(Vec::is_empty) {
            view! { <Beginning making/> }.into_any()
        } else {
            let rows = move || {
                actions.get().into_iter().enumerate().map(|(at, action)| row(editor, at, &action)).collect_view()
            };
            view! {
                <Table caption="Actions" head=vec!["Action", "Kind", "Call", ""]>{live(rows)}</Table>
            }
            .into_any()
        }
    };
    view! {
        <Page title="Actions" lead="HTTP calls that the AI can make, and the ones that sign visitors in." wide=true actions=new>
            {live(body)}
            <Dialog open=making title="New action"><New making/></Dialog>
        </Page>
    }
}

#[component]
fn Beginning(making: RwSignal<bool>) -> impl IntoView {
    view! {
        <Empty title="The AI cannot do anything yet">
            <p>
                "An action is a call to your own API. The AI reads its description, decides when to make it, and answers from
                what comes back. A private action knows who is asking: the visitor signs in first, and the AI never chooses
                whose data it gets."
            </p>
            <p class="actions start"><Button look=Look::Main on_press=move |()| making.set(true)>"Make the first action"</Button></p>
        </Empty>
    }
}

/// Which kind a new action is of.
#[component]
fn New(making: RwSignal<bool>) -> impl IntoView {
    let editor = Editor::here();
    let navigate = use_navigate();
    let begin = move |kind: &'static str| {
        let taken = untrack(|| editor.items("/actions"));
        let action = forms::action(kind, &taken);
        let name = action.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        editor.push("/actions", action);
        making.set(false);
        navigate(&room(&editor.agent(), &format!("actions/{name}")), leptos_router::NavigateOptions::default());
    };
    let one = move |(kind, words, what): (&'static str, &'static str, &'static str)| {
        let begin = begin.clone();
        view! {
            <li>
                <button type="button" class="choice" on:click=move |_| begin(kind)>
                    <strong>{words}</strong>
                    <span>{what}</span>
                </button>
            </li>
        }
    };
    view! { <ul class="choices">{KINDS.map(one).into_iter().collect_view()}</ul> }
}

fn row(editor: Editor, at: usize, action: &Value) -> impl IntoView + use<> {
    let text = |name: &str| action.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (name, title, method, url) = (text("name"), text("title"), text("method"), text("url"));
    let kind = action.pointer("/kind/is").and_then(Value::as_str).unwrap_or_default().to_owned();
    let called = if title.is_empty() { name.clone() } else { title };
    let address = room(&editor.agent(), &format!("actions/{name}"));
    let remove = move || editor.remove("/actions", at, "The action was removed.");
    let copy = action.clone();
    let duplicate = move || {
        let taken = untrack(|| editor.items("/actions"));
        let mut copy = copy.clone();
        let base = copy.get("name").and_then(Value::as_str).unwrap_or("action").to_owned();
        if let Some(name) = copy.get_mut("name") {
            *name = forms::free(&base, &taken).into();
        }
        editor.push("/actions", copy);
    };
    let wrong = move || {
        let under = format!("/actions/{at}/");
        editor.errors.with(|errors| errors.iter().any(|error| error.pointer.starts_with(&under)))
    };
    let (duplicate_label, remove_label) = (format!("Duplicate {called}"), format!("Remove {called}"));
    view! {
        <tr>
            <th scope="row">
                <A href=address>{called}</A>
                <span class="hint mono">{name}</span>
            </th>
            <td>
                {kind_words(&kind)}
                <Show when=wrong>" "<Status tone=Tone::Bad>"To be mended"</Status></Show>
            </td>
            <td class="mono call">{method}" "{url}</td>
            <td class="buttons">
                <Button look=Look::Bare label=duplicate_label on_press=move |()| duplicate()>"Duplicate"</Button>
                <Button look=Look::Bare label=remove_label on_press=move |()| remove()>"Remove"</Button>
            </td>
        </tr>
    }
}

/// An address that names no action.
#[component]
pub(super) fn Gone() -> impl IntoView {
    let editor = Editor::here();
    view! {
        <Page title="There is no such action">
            <p>"It may have been renamed or removed. "<A href=room(&editor.agent(), "actions")>"All actions"</A></p>
        </Page>
    }
}
