//! Which ways there are to sign in, and in which order they are offered: by drag, or by two buttons on each.

use serde_json::Value;

use crate::editor::Editor;
use crate::parts::button::{Button, Look};
use crate::parts::live::{live, of};
use crate::parts::page::Section;
use crate::prelude::*;

/// The setting.
const AT: &str = "/customer_auth/methods";

/// Every way: its name in the settings, what it is called, and what it is.
pub const ALL: [(&str, &str, &str); 7] = [
    ("email_code", "Email code", "A one-time code by mail."),
    ("phone_code", "Phone code", "A one-time code by text message or WhatsApp."),
    ("google", "Google", "The person's Google account, in a window of its own."),
    ("passkey", "Passkey", "Offered after a first login; then the fastest way back in."),
    ("login_action", "Your own login", "A form that is sent to your own API, by a login action."),
    (
        "collection_lookup",
        "Look-up",
        "A number that stands on a record of yours, with a code to the contact on record.",
    ),
    ("host_token", "Host token", "Your page already knows its user and says so, signed. It is on no card."),
];

/// The section.
#[component]
pub fn Methods() -> impl IntoView {
    let editor = Editor::here();
    let chosen = Memo::new(move || names(&editor.items(AT)));
    let dragged = RwSignal::new(None::<usize>);
    let said = RwSignal::new(String::new());
    let put = move |list: Vec<String>| editor.set(AT, list.into_iter().map(Value::String).collect::<Vec<_>>());
    let go = move |from: usize, to: usize| {
        let mut list = chosen.get_untracked();
        if from < list.len() && to < list.len() && from != to {
            let one = list.remove(from);
            said.set(format!("{} is now number {} of {}.", called(&one), to + 1, list.len() + 1));
            list.insert(to, one);
            put(list);
        }
    };
    let switch = move |name: &'static str, on: bool| {
        let mut list = chosen.get_untracked();
        list.retain(|one| one != name);
        if on {
            list.push(name.to_owned());
        }
        put(list);
    };
    let row = move |(index, name): (usize, String)| {
        let words = called(&name);
        let last = chosen.with_untracked(Vec::len).saturating_sub(1);
        view! {
            <li
                draggable="true"
                on:dragstart=move |_| dragged.set(Some(index))
                on:dragover=move |event| event.prevent_default()
                on:drop=move |event| {
                    event.prevent_default();
                    if let Some(from) = dragged.get_untracked() { go(from, index); }
                }
                on:dragend=move |_| dragged.set(None)
            >
                <span>{format!("{}. {words}", index + 1)}</span>
                <Button look=Look::Bare label=format!("Move {words} up") disabled=index == 0 on_press=move |()| go(index, index.saturating_sub(1))>"↑"</Button>
                <Button look=Look::Bare label=format!("Move {words} down") disabled=index == last on_press=move |()| go(index, index + 1)>"↓"</Button>
            </li>
        }
    };
    let choice = move |(name, words, what): (&'static str, &'static str, &'static str)| {
        let id = format!("method-{name}");
        let hint = format!("{id}-hint");
        let describes = hint.clone();
        view! {
            <div class="field switch">
                <input
                    id=id.clone()
                    type="checkbox"
                    role="switch"
                    prop:checked=of(move || chosen.with(|chosen| chosen.iter().any(|one| one == name)))
                    disabled=of(move || !editor.may(AT))
                    aria-describedby=describes
                    on:change=move |event| switch(name, event_target_checked(&event))
                />
                <div>
                    <label for=id>{words}</label>
                    <p class="hint" id=hint>{what}</p>
                </div>
            </div>
        }
    };
    view! {
        <Section title="Ways to sign in" id="methods" lead="The first one that can be used is shown first; people can choose another.">
            <div class="choices">{ALL.into_iter().map(choice).collect_view()}</div>
            <p class="error" role="alert">{live(move || editor.error(AT))}</p>
            <section class="list" aria-labelledby="order-of-methods">
                <h3 id="order-of-methods">"In this order"</h3>
                <p class="hint">"Drag them, or use the arrows."</p>
                <ol class="ordered">{live(move || chosen.get().into_iter().enumerate().map(row).collect_view())}</ol>
                <p class="unseen" role="status">{live(move || said.get())}</p>
            </section>
        </Section>
    }
}

fn names(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a way is called.
fn called(name: &str) -> String {
    ALL.iter().find(|(known, ..)| *known == name).map_or(name, |(_, words, _)| words).to_owned()
}
