//! Which sites have really loaded the chat, and which have tried to and are not on the list.

use serde_json::{Value, json};
use shared::admin::route::OfAgent;

use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::button::{Button, Look};
use crate::parts::live::live;
use crate::parts::status::{Note, Status, Tone};
use crate::parts::table::{Empty, Table};
use crate::parts::toast::toasts;
use crate::prelude::*;
use crate::words;

/// The list.
#[component]
pub(super) fn Loads() -> impl IntoView {
    let editor = Editor::here();
    let loads = Load::<Value>::default();
    let read = move || {
        let route = api::of(&editor.agent(), OfAgent::Install);
        loads.read(async move { api::get(&route).await });
    };
    read();
    view! {
        {live(move || loads.show("Reading where it was loaded", move |list| shown(list.as_array().map_or(&[], Vec::as_slice))))}
        <div><Button on_press=move |()| read()>"Look again"</Button></div>
    }
}

fn text<'a>(load: &'a Value, name: &str) -> &'a str {
    load.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is(load: &Value, name: &str) -> bool {
    load.get(name) == Some(&Value::Bool(true))
}

fn when(load: &Value) -> String {
    words::ago(load.get("at").and_then(Value::as_f64).unwrap_or_default())
}

fn shown(list: &[Value]) -> AnyView {
    if list.is_empty() {
        return view! {
            <Empty title="No page has loaded the chat yet">
                <p>"Open a page that holds the snippet and reach for the chat's button: its site shows here at once, and also when it is refused. A page that tells nobody where it is (Referrer-Policy: no-referrer) is not seen."</p>
            </Empty>
        }
        .into_any();
    }
    let last = list.iter().find(|load| is(load, "allowed_then"));
    let last = last.map(|load| format!("Last loaded {} on {}", when(load), text(load, "origin")));
    let refused = list.iter().any(|load| !is(load, "allowed_now"));
    let rows = list.iter().map(row).collect_view();
    view! {
        <p><strong>{last.unwrap_or_else(|| "No allowed site has loaded it yet.".to_owned())}</strong></p>
        {refused.then(|| view! {
            <Note tone=Tone::Warn><p>"Browsers do not show the chat on a site that is not on the list. Allow the sites that are yours, and no other: anybody can name one here."</p></Note>
        })}
        <Table caption="Sites that asked for the chat" head=vec!["Site", "State", "When", ""]>{rows}</Table>
        <p class="hint">"A site is noted at most once an hour. Nothing about visitors is."</p>
    }
    .into_any()
}

fn row(load: &Value) -> impl IntoView + use<> {
    let (editor, toasts) = (Editor::here(), toasts());
    let origin = StoredValue::new(text(load, "origin").to_owned());
    let (then, now) = (is(load, "allowed_then"), is(load, "allowed_now"));
    let listed = Memo::new(move || now || editor.items("/origins").contains(&json!(origin.get_value())));
    let state = move || match (then, listed.get()) {
        (true, true) => view! { <Status tone=Tone::Good>"Loaded"</Status> }.into_any(),
        (true, false) => view! { <Status tone=Tone::Warn>"Not on the list any more"</Status> }.into_any(),
        (false, true) => view! { <Status tone=Tone::Warn>"Refused, on the list since"</Status> }.into_any(),
        (false, false) => view! { <Status tone=Tone::Bad>"Refused: add to allowed origins"</Status> }.into_any(),
    };
    let allow = move |()| {
        editor.push("/origins", origin.get_value());
        toasts.say("It is on the list above. Save to let it in.");
    };
    view! {
        <tr>
            <th scope="row" class="mono">{origin.get_value()}</th>
            <td>{live(state)}</td>
            <td>{when(load)}</td>
            <td class="buttons">
                <Show when=move || !listed.get()>
                    <Button look=Look::Bare label=format!("Allow {}", origin.get_value()) on_press=allow>"Allow"</Button>
                </Show>
            </td>
        </tr>
    }
}
