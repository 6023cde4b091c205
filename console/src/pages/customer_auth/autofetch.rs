//! What is fetched right after a login, and what of it the AI may see.

use serde_json::json;

use crate::editor::Editor;
use crate::parts::bound::{AreaAt, TextAt};
use crate::parts::button::{Button, Look};
use crate::parts::field::Kind;
use crate::parts::list::ListAt;
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::prelude::*;

const AT: &str = "/customer_auth/autofetch";

/// The section.
#[component]
pub fn AutoFetch() -> impl IntoView {
    let editor = Editor::here();
    let count = Memo::new(move || editor.items(AT).len());
    let add = move |()| {
        editor.push(
            AT,
            json!({
                "name": "recent orders", "description": "", "limit": 5, "fields": [], "newest_by": null, "fresh_s": 300,
                "source": { "kind": "collection", "collection": "", "email_field": "email" },
            }),
        );
    };
    view! {
        <Section title="Fetched after a login" id="autofetch" lead="The visitor sees that it was loaded; the AI sees these fields and nothing else.">
            {live(move || (0..count.get()).map(|index| view! { <Rule index/> }).collect_view())}
            <p><Button on_press=add>"Add a rule"</Button></p>
        </Section>
    }
}

#[component]
fn Rule(index: usize) -> impl IntoView {
    let editor = Editor::here();
    let at = move |name: &str| format!("{AT}/{index}/{name}");
    let remove = move |()| editor.remove(AT, index, "Removed.");
    view! {
        <fieldset class="stack">
            <legend>{live(move || format!("Rule {}: {}", index + 1, editor.text(&at("name"))))}</legend>
            <TextAt at=at("name") label="Name" hint="As the visitor and the model read it: recent orders."/>
            <AreaAt at=at("description") label="What questions it answers" rows=2 hint="For the model."/>
            <div class="pair">
                <TextAt at=at("source/collection") label="Collection" mono=true/>
                <TextAt at=at("source/email_field") label="Field with the person's email" mono=true/>
                <TextAt at=at("newest_by") label="Newest by" mono=true or_none=true hint="A field; the newest come first."/>
                <TextAt at=at("limit") label="Records, at most" kind=Kind::Number/>
            </div>
            <ListAt at=at("fields") label="Fields that the AI may see" item="field" mono=true placeholder="status"/>
            <p><Button look=Look::Bare on_press=remove>{format!("Remove rule {}", index + 1)}</Button></p>
        </fieldset>
    }
}
