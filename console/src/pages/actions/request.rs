//! The call: method, address, headers, body, and the secrets that they use.

use serde_json::{Value, json};

use super::forms;
use super::secret::Secrets;
use crate::editor::Editor;
use crate::parts::bound::{SelectAt, SwitchAt, TextAt};
use crate::parts::button::{Button, Look};
use crate::parts::field::{Kind, TextArea};
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::prelude::*;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The section.
#[component]
pub(super) fn Request(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let of = move |field: &str| format!("/actions/{at}/{field}");
    let methods: Vec<(String, String)> = METHODS.map(|name| (name.to_owned(), name.to_owned())).into();
    let secrets =
        Memo::new(move || editor.value(&format!("/actions/{at}")).map(|it| forms::secrets(&it)).unwrap_or_default());
    let changes = Memo::new(move || editor.text(&of("method")) != "GET");
    view! {
        <Section
            title="The call"
            lead="<name> stands for a parameter, {{context.user_id}} for what is known of the person, {{secret.name}} for a key. None of them can change where the call goes."
        >
            <div class="call-line">
                <SelectAt at=of("method") label="Method" options=Signal::from(methods)/>
                <TextAt at=of("url") label="Address" kind=Kind::Text placeholder="https://api.shop.com/orders/<order_number>" mono=true/>
            </div>
            <Headers at/>
            <Show when=move || changes.get()><Body at/></Show>
            <Show when=move || secrets.with(|names| !names.is_empty())><Secrets names=secrets/></Show>
            <div class="two">
                <TextAt at=of("timeout_ms") label="Longest wait, milliseconds" hint="From 100 to 10,000." kind=Kind::Number/>
                <Show when=move || changes.get()>
                    <SwitchAt at=of("idempotent") label="May be sent again" hint="Your API honours Idempotency-Key: nothing is done twice."/>
                </Show>
            </div>
        </Section>
    }
}

#[component]
fn Headers(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let list = StoredValue::new(format!("/actions/{at}/headers"));
    let count = Memo::new(move || editor.items(&list.get_value()).len());
    let remove = move |index: usize| editor.remove(&list.get_value(), index, "The header was removed.");
    let row = move |index: usize| {
        let field = |name: &str| format!("{}/{index}/{name}", list.get_value());
        view! {
            <li class="pair">
                <TextAt at=field("name") label=format!("Header {}", index + 1) placeholder="Authorization" mono=true/>
                <TextAt at=field("value") label=format!("Value {}", index + 1) placeholder="Bearer {{context.token}}" mono=true/>
                <Button look=Look::Bare label=format!("Remove header {}", index + 1) on_press=move |()| remove(index)>"Remove"</Button>
                <p class="error">{live(move || editor.error(&format!("{}/{index}", list.get_value())))}</p>
            </li>
        }
    };
    view! {
        <div class="rows" role="group" aria-label="Headers">
            <ul><For each=move || 0..count.get() key=usize::to_string children=row/></ul>
            <p class="error">{live(move || editor.error(&list.get_value()))}</p>
            <Button on_press=move |()| editor.push(&list.get_value(), json!({"name": "", "value": ""}))>"Add a header"</Button>
        </div>
    }
}

/// The body, a JSON document. What is no JSON stays in the field and is not kept.
#[component]
fn Body(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let pointer = StoredValue::new(format!("/actions/{at}/body"));
    let written = move || match editor.value(&pointer.get_value()) {
        None | Some(Value::Null) => String::new(),
        Some(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
    };
    let typed = RwSignal::new(untrack(written));
    let wrong = RwSignal::new(None::<String>);
    // Somebody else's change, or one that was taken back, comes in.
    effect(move || {
        let now = editor.value(&pointer.get_value()).unwrap_or_default();
        let own = read(&typed.get_untracked());
        if own.is_ok_and(|own| own != now) {
            typed.set(untrack(written));
        }
    });
    let on_input = move |text: String| match read(&text) {
        Ok(value) => {
            typed.set(text);
            wrong.set(None);
            editor.set(&pointer.get_value(), value);
        }
        Err(words) => {
            typed.set(text);
            wrong.set(Some(words));
        }
    };
    let error = Signal::derive(move || wrong.get().or_else(|| editor.error(&pointer.get_value())));
    view! {
        <TextArea
            label="Body"
            hint="JSON, placeholders within its texts. A text that is nothing but a placeholder becomes what it stands for; empty for no body."
            rows=6
            mono=true
            placeholder="{ \"order\": \"<order_number>\" }"
            value=typed
            error
            on_input
        />
    }
}

fn read(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|error| {
        format!("This is not JSON yet: line {}, column {}. It is kept when it is.", error.line(), error.column())
    })
}
