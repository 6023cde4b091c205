//! Why nothing is remembered, why a login action cannot be made, why the agent did not ask: each with its mend (D5).

use leptos_router::components::A;
use serde_json::{Value, json};

use crate::editor::Editor;
use crate::pages::agent::room;
use crate::parts::live::live;
use crate::parts::status::{Note, Tone};
use crate::prelude::*;

/// Something that keeps a setting from doing what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, in a sentence.
    says: &'static str,
    /// What to do, as the words of a link.
    mend: &'static str,
    /// The room where it is mended, or the section of this one.
    place: &'static str,
}

/// The list.
#[component]
pub fn Diagnosis() -> impl IntoView {
    let editor = Editor::here();
    let found = Memo::new(move || findings(&editor.draft()));
    let one = move |Finding { says, mend, place }: Finding| {
        let href = if place.starts_with('#') { place.to_owned() } else { room(&editor.agent(), place) };
        view! { <li>{says}" "<A href=href>{mend}</A></li> }
    };
    view! {
        <div role="status">
            {live(move || if found.with(Vec::is_empty) {
                view! { <Note tone=Tone::Good><p>"Logins, and what they bring, are set up."</p></Note> }.into_any()
            } else {
                view! { <Note tone=Tone::Warn><ul class="findings">{found.get().into_iter().map(one).collect_view()}</ul></Note> }.into_any()
            })}
        </div>
    }
}

/// What is found in settings.
fn findings(settings: &Value) -> Vec<Finding> {
    let flag = |pointer: &str| settings.pointer(pointer) == Some(&json!(true));
    let list = |pointer: &str| settings.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let has = |name: &str| list("/customer_auth/methods").contains(&json!(name));
    let actions = list("/actions");
    let of_kind = |kind: &str| actions.iter().filter(|action| action.pointer("/kind/is") == Some(&json!(kind))).count();
    let set = |pointer: &str| settings.pointer(pointer).is_some_and(|value| !value.is_null());
    let (enabled, remembers) = (flag("/customer_auth/enabled"), flag("/customer_auth/persistent_context"));
    let mut found = Vec::new();
    let mut add = |when: bool, says, mend, place| {
        if when {
            found.push(Finding { says, mend, place });
        }
    };
    add(!enabled, "The agent never asks: signing in is switched off.", "Switch it on at the top.", "#");
    add(
        enabled && of_kind("private") == 0 && list("/customer_auth/autofetch").is_empty(),
        "The agent has no reason to ask: no action needs a person, and nothing is fetched for one.",
        "Add what is fetched.",
        "#autofetch",
    );
    add(
        !remembers && (has("login_action") || of_kind("login") > 0),
        "Login actions are not on the card, and none can be made: what they bring could not be kept.",
        "Switch on “Remember people”.",
        "#known",
    );
    add(
        remembers && has("login_action") && of_kind("login") == 0,
        "“Your own login” is on, but there is no login action: the card cannot offer it.",
        "Make a login action.",
        "actions",
    );
    add(
        remembers && of_kind("login") > 0 && !has("login_action"),
        "There is a login action, but “Your own login” is off: nobody can use it.",
        "Switch it on.",
        "#methods",
    );
    add(
        remembers && of_kind("login") == 0,
        "Nothing is stored: only a login action brings something to remember.",
        "Make a login action.",
        "actions",
    );
    let gaps =
        [("phone_code", "phone"), ("google", "google"), ("collection_lookup", "lookup"), ("host_token", "host_token")];
    let gap = gaps.iter().any(|(method, field)| has(method) && !set(&format!("/customer_auth/{field}")));
    add(gap, "A way is on that has no settings yet: the card leaves it out.", "Look at the ways.", "#methods");
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(settings: &Value) -> Vec<&'static str> {
        findings(settings).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn each_fault_is_named_once_with_its_mend() {
        let private = json!({"kind": {"is": "private"}});
        let login = json!({"kind": {"is": "login"}});
        let auth = |changed: &Value| {
            let mut auth =
                json!({"enabled": true, "methods": ["email_code"], "persistent_context": false, "autofetch": []});
            if let (Some(auth), Some(changed)) = (auth.as_object_mut(), changed.as_object()) {
                auth.extend(changed.clone());
            }
            auth
        };
        assert_eq!(places(&json!({"actions": [private], "customer_auth": auth(&json!({}))})), Vec::<&str>::new());
        assert_eq!(places(&json!({"actions": [], "customer_auth": auth(&json!({"enabled": false}))})), ["#"]);
        assert_eq!(places(&json!({"actions": [], "customer_auth": auth(&json!({}))})), ["#autofetch"]);
        assert_eq!(places(&json!({"actions": [private, login], "customer_auth": auth(&json!({}))})), ["#known"]);
        let remembers = json!({"persistent_context": true});
        assert_eq!(places(&json!({"actions": [private, login], "customer_auth": auth(&remembers)})), ["#methods"]);
        assert_eq!(places(&json!({"actions": [private], "customer_auth": auth(&remembers)})), ["actions"]);
        let google = json!({"methods": ["google"]});
        assert_eq!(places(&json!({"actions": [private], "customer_auth": auth(&google)})), ["#methods"]);
    }
}
