//! Who may cause the action, and what a login proves.

use serde_json::Value;

use crate::editor::Editor;
use crate::parts::bound::{SelectAt, SwitchAt, TextAt};
use crate::parts::field::{Kind, Select};
use crate::parts::list::ListAt;
use crate::parts::page::Section;
use crate::prelude::*;

/// How strong a proof can be, the weakest first.
const ASSURANCES: [(&str, &str); 6] = [
    ("claimed", "Any proof"),
    ("looked_up", "Found in a collection"),
    ("email_code", "A code by email, or as strong"),
    ("phone_code", "A code to a phone"),
    ("google", "Google"),
    ("passkey", "A passkey"),
];

fn assurances() -> Signal<Vec<(String, String)>> {
    Vec::from(ASSURANCES.map(|(name, words)| (name.to_owned(), words.to_owned()))).into()
}

/// The section; a refresh has none.
#[component]
pub(super) fn Rules(at: usize, kind: Memo<String>) -> impl IntoView {
    let of = move |field: &str| format!("/actions/{at}/kind/{field}");
    let confirm = move || {
        view! { <SwitchAt at=of("confirm") label="The visitor says yes first" hint="For what changes something: the chat shows what will be done and waits."/> }
    };
    move || {
        match kind.get().as_str() {
        "public" => Some(view! { <Section title="Rules">{confirm()}</Section> }.into_any()),
        "private" => Some(
            view! {
                <Section title="Rules" lead="The visitor signs in first. What is missing is asked for, nothing else.">
                    <div class="two">
                        <SelectAt at=of("assurance") label="Proof that it takes" options=assurances()/>
                        <TextAt at=of("max_age_s") label="Proof at most this old, seconds" hint="Empty for any age." kind=Kind::Number or_none=true placeholder="900"/>
                    </div>
                    <ListAt at=of("roles") label="Roles" item="role" hint="One of these; anybody when there is none." placeholder="staff" mono=true/>
                    {confirm()}
                </Section>
            }
            .into_any(),
        ),
        "login" => Some(view! { <Login at/> }.into_any()),
        _ => None,
    }
    }
}

#[component]
fn Login(at: usize) -> impl IntoView {
    let editor = Editor::here();
    let of = move |field: &str| format!("/actions/{at}/kind/{field}");
    let next = Signal::derive(move || editor.text(&of("next")));
    let options = Signal::derive(move || {
        let others = editor.items("/actions").into_iter().enumerate().filter(|(other, action)| {
            *other != at && action.pointer("/kind/is").and_then(Value::as_str) == Some("login")
        });
        let option = |(_, action): (usize, Value)| {
            let text = |name: &str| action.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("name"), if text("title").is_empty() { text("name") } else { text("title") })
        };
        let mut options = vec![(String::new(), "None: this is the last step".to_owned())];
        options.extend(others.map(option));
        options
    });
    let choose = move |chosen: String| {
        editor.set(&of("next"), if chosen.is_empty() { Value::Null } else { chosen.into() });
    };
    view! {
        <Section title="Rules" lead="What it proves when your API accepts somebody.">
            <div class="two">
                <SelectAt at=of("proves") label="It counts as" options=assurances()/>
                <Select
                    label="Step after this one"
                    hint="Its form follows, and it may use {{step.name}} of what this one gives."
                    value=next
                    options
                    on_choose=choose
                    error=Signal::derive(move || editor.error(&of("next")))
                />
            </div>
            <SwitchAt
                at=of("vouches_email")
                label="Your API makes sure that the email is the account's own"
                hint="Off unless it verifies addresses: one that anybody may register opens somebody else's records."
            />
        </Section>
    }
}
