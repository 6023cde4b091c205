//! What the AI, or the form of the login card, gives.

use serde_json::{Value, json};

use super::forms;
use crate::editor::Editor;
use crate::parts::bound::{SelectAt, SwitchAt, TextAt};
use crate::parts::button::{Button, Look};
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::prelude::*;

const KINDS: [(&str, &str); 6] = [
    ("text", "Text"),
    ("email", "Email address"),
    ("tel", "Phone number"),
    ("number", "Number"),
    ("choice", "One of a list"),
    ("password", "Password, of logins alone"),
];

/// The section.
#[component]
pub(super) fn Parameters(at: usize, kind: Memo<String>) -> impl IntoView {
    let editor = Editor::here();
    let list = StoredValue::new(format!("/actions/{at}/parameters"));
    let count = Memo::new(move || editor.items(&list.get_value()).len());
    let remove = move |index: usize| editor.remove(&list.get_value(), index, "The parameter was removed.");
    let row = move |index: usize| {
        let item = format!("{}/{index}", list.get_value());
        view! { <Parameter item index kind on_remove=move |()| remove(index)/> }
    };
    let none = move || match (count.get(), kind.get().as_str()) {
        (0, "login") => Some("A login needs what the visitor types: a user name and a password, say."),
        (0, "refresh") => Some("A refresh asks nobody: it has no parameters."),
        (0, _) => Some("The call needs nothing from the conversation."),
        _ => None,
    };
    view! {
        <Section title="Parameters" lead="What the AI takes from the conversation, or the login form from the visitor. Who is asking is never one of them.">
            {live(move || none().map(|words| view! { <p class="hint">{words}</p> }))}
            <div class="rows" role="group" aria-label="Parameters">
                <ul><For each=move || 0..count.get() key=usize::to_string children=row/></ul>
                <p class="error">{live(move || editor.error(&list.get_value()))}</p>
                <Show when=move || kind.get() != "refresh">
                    <Button on_press=move |()| editor.push(&list.get_value(), forms::parameter())>"Add a parameter"</Button>
                </Show>
            </div>
        </Section>
    }
}

#[component]
fn Parameter(
    item: String,
    index: usize,
    kind: Memo<String>,
    on_remove: impl Fn(()) + Send + Sync + 'static,
) -> impl IntoView {
    let editor = Editor::here();
    let item = StoredValue::new(item);
    let of = move |field: &str| format!("{}/{field}", item.get_value());
    let kinds: Vec<(String, String)> = KINDS.map(|(name, words)| (name.to_owned(), words.to_owned())).into();
    let is_choice = Memo::new(move || editor.text(&of("kind")) == "choice");
    let number = index + 1;
    view! {
        <li class="parameter">
            <div class="three">
                <TextAt at=of("name") label=format!("Parameter {number}") placeholder="order_number" mono=true/>
                <TextAt at=of("label") label=format!("Label {number}") placeholder="Order number"/>
                <SelectAt at=of("kind") label=format!("Type {number}") options=Signal::from(kinds)/>
            </div>
            <p class="error">{live(move || editor.error(&item.get_value()))}</p>
            <Show when=move || kind.get() != "login">
                <TextAt at=of("description") label=format!("What it is, for the AI {number}") placeholder="The number in the confirmation mail, such as NW-1044"/>
            </Show>
            <Show when=move || kind.get() == "login">
                <TextAt at=of("autocomplete") label=format!("Autocomplete {number}") hint="What browsers fill in: username, current-password, one-time-code." placeholder="username" mono=true or_none=true/>
            </Show>
            <Show when=move || is_choice.get()><Choices item/></Show>
            <div class="split">
                <SwitchAt at=of("optional") label=format!("Parameter {number} may be left out")/>
                <Button look=Look::Bare label=format!("Remove parameter {number}") on_press=on_remove>"Remove"</Button>
            </div>
        </li>
    }
}

/// What may be chosen.
#[component]
fn Choices(item: StoredValue<String>) -> impl IntoView {
    let editor = Editor::here();
    let list = StoredValue::new(format!("{}/choices", item.get_value()));
    let count = Memo::new(move || editor.items(&list.get_value()).len());
    let row = move |index: usize| {
        let field = |name: &str| format!("{}/{index}/{name}", list.get_value());
        view! {
            <li class="pair">
                <TextAt at=field("value") label=format!("Choice {}", index + 1) placeholder="express" mono=true/>
                <TextAt at=field("label") label=format!("Shown as {}", index + 1) placeholder="Express delivery"/>
                <Button look=Look::Bare label=format!("Remove choice {}", index + 1) on_press=move |()| editor.remove(&list.get_value(), index, "The choice was removed.")>"Remove"</Button>
            </li>
        }
    };
    let add = move |()| {
        let choice: Value = json!({"value": "", "label": ""});
        editor.push(&list.get_value(), choice);
    };
    view! {
        <div class="rows" role="group" aria-label="Choices">
            <ul><For each=move || 0..count.get() key=usize::to_string children=row/></ul>
            <Button on_press=add>"Add a choice"</Button>
        </div>
    }
}
