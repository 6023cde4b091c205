//! A list of short texts at a pointer of the settings: questions, origins, fields.

use serde_json::Value;

use super::button::{Button, Look};
use super::field::TextField;
use super::fresh_id;
use crate::editor::Editor;
use crate::parts::live::live;
use crate::prelude::*;

/// The list, with a line that adds to it. What is taken out can be put back.
#[component]
pub fn ListAt(
    /// The pointer of the array.
    #[prop(into)]
    at: String,
    /// What the list is called.
    #[prop(into)]
    label: String,
    /// What one item is called: "question".
    #[prop(into)]
    item: String,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// An example, shown in the empty line.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether items are code.
    #[prop(optional)]
    mono: bool,
    /// Makes of what was typed what is kept, or says what is wrong with it.
    #[prop(optional, into)]
    read: Option<Callback<String, Result<String, String>>>,
) -> impl IntoView {
    let editor = Editor::here();
    let (pointer, item) = (StoredValue::new(at), StoredValue::new(item));
    let typed = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let heading = fresh_id("list");
    let may = move || editor.may(&pointer.get_value());
    let add = move || {
        let text = typed.get_untracked().trim().to_owned();
        if text.is_empty() {
            return;
        }
        match read.map_or_else(|| Ok(text.clone()), |read| read.run(text.clone())) {
            Err(words) => wrong.set(Some(words)),
            Ok(kept) => {
                let known = untrack(|| editor.items(&pointer.get_value())).contains(&Value::String(kept.clone()));
                if known {
                    wrong.set(Some("It is on the list already.".to_owned()));
                    return;
                }
                editor.push(&pointer.get_value(), kept);
                typed.set(String::new());
                wrong.set(None);
            }
        }
    };
    let remove = move |index: usize| editor.remove(&pointer.get_value(), index, "Removed.");
    let row = move |(index, value): (usize, Value)| {
        let text = value.as_str().unwrap_or_default().to_owned();
        let at = format!("{}/{index}", pointer.get_value());
        let called = format!("Remove {text}");
        view! {
            <li>
                <span class:mono=mono>{text}</span>
                {live(move || may().then(|| view! {
                    <Button look=Look::Bare label=called.clone() on_press=move |()| remove(index)>"Remove"</Button>
                }))}
                <span class="error">{live(move || editor.error(&at))}</span>
            </li>
        }
    };
    let labelled = heading.clone();
    view! {
        <section class="list" aria-labelledby=labelled>
            <h3 id=heading>{label}</h3>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            <ul>{live(move || editor.items(&pointer.get_value()).into_iter().enumerate().map(row).collect_view())}</ul>
            <p class="error">{live(move || editor.error(&pointer.get_value()))}</p>
            <Show when=may>
                <form class="adding" on:submit=move |event| { event.prevent_default(); add(); }>
                    <TextField
                        label=format!("New {}", item.get_value())
                        hidden_label=true
                        placeholder=placeholder.clone().unwrap_or_default()
                        mono
                        value=typed
                        error=wrong
                        on_input=move |text| { typed.set(text); wrong.set(None); }
                    />
                    <Button label=format!("Add {}", item.get_value())>"Add"</Button>
                </form>
            </Show>
        </section>
    }
}
