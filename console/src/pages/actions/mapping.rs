//! What is taken out of an answer: a row for each field, with what it gives of the sample.

use serde_json::{Value, json};
use shared::admin::action::Found;

use super::tree::Picked;
use crate::editor::{Editor, shown};
use crate::parts::bound::TextAt;
use crate::parts::button::{Button, Look};
use crate::parts::live::live;
use crate::prelude::*;

/// Fields that other parts of the agent know by name, each with what APIs call it.
pub(super) const SUGGESTED: [(&str, &[&str]); 8] = [
    ("user_id", &["user_id", "userid", "uid", "customer_id", "customerid", "account_id", "id"]),
    ("name", &["name", "full_name", "fullname", "display_name", "displayname"]),
    ("email", &["email", "mail", "email_address", "emailaddress"]),
    ("phone", &["phone", "mobile", "tel", "phone_number", "phonenumber"]),
    ("token", &["token", "access_token", "accesstoken", "jwt"]),
    ("company_id", &["company_id", "companyid", "tenant_id", "org_id"]),
    ("refresh_token", &["refresh_token", "refreshtoken"]),
    ("expired_at", &["expired_at", "expires_at", "expiresat", "expires", "exp"]),
];

/// What a field that was chosen could be called.
pub(super) fn called(key: &str, remembers: bool, taken: &[Value]) -> String {
    let lower = key.to_lowercase();
    let known = SUGGESTED.iter().find(|(_, words)| remembers && words.contains(&lower.replace('-', "_").as_str()));
    let base = known.map_or_else(|| snake(key), |(name, _)| (*name).to_owned());
    super::forms::free(&base, taken)
}

/// `firstName` and `First-Name` as `first_name`.
fn snake(key: &str) -> String {
    let mut name = String::new();
    for c in key.chars() {
        match c {
            _ if c.is_ascii_uppercase() => {
                if !name.is_empty() && !name.ends_with('_') {
                    name.push('_');
                }
                name.push(c.to_ascii_lowercase());
            }
            _ if c.is_ascii_alphanumeric() => name.push(c),
            _ if !name.ends_with('_') && !name.is_empty() => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_matches('_');
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.chars().take(64).collect()
    } else {
        "field".to_owned()
    }
}

/// Takes what was chosen in the sample: into the first field that has no expression yet, or as a new one.
pub(super) fn take(editor: Editor, list: &str, picked: &Picked, remembers: bool) {
    let fields = untrack(|| editor.items(list));
    let waits = |field: &Value| field.get("from").and_then(Value::as_str).is_none_or(|from| from.trim().is_empty());
    if let Some(at) = fields.iter().position(waits) {
        let nameless = fields.get(at).and_then(|field| field.get("name")?.as_str()).is_none_or(str::is_empty);
        if nameless {
            editor.set(&format!("{list}/{at}/name"), called(&picked.key, remembers, &fields));
        }
        editor.set(&format!("{list}/{at}/from"), picked.path.clone());
    } else {
        editor.push(list, json!({"name": called(&picked.key, remembers, &fields), "from": picked.path}));
    }
}

/// The fields of the list at a pointer.
#[component]
pub(super) fn Mapping(
    /// The pointer of the list.
    list: Memo<String>,
    /// What each gives of the sample, in the same order.
    found: Signal<Vec<Found<Value>>>,
    /// Whether they are kept in the persistent context.
    remembers: Memo<bool>,
) -> impl IntoView {
    let editor = Editor::here();
    let count = Memo::new(move || editor.items(&list.get()).len());
    let remove = move |index: usize| editor.remove(&list.get_untracked(), index, "The field was removed.");
    let row = move |index: usize| {
        let list = list.get_untracked();
        let number = index + 1;
        let item = format!("{list}/{index}");
        let error = move || editor.error(&item);
        let gives = move || found.with(|found| found.get(index).cloned());
        view! {
            <li class="pair">
                <TextAt at=format!("{list}/{index}/name") label=format!("Field {number}") placeholder="status" mono=true/>
                <TextAt at=format!("{list}/{index}/from") label=format!("Taken from {number}") placeholder="data.status" mono=true/>
                <Button look=Look::Bare label=format!("Remove field {number}") on_press=move |()| remove(index)>"Remove"</Button>
                <p class="error">{live(error)}</p>
                {live(move || gives().map(outcome))}
            </li>
        }
    };
    let missing = move |name: &str| {
        let fields = editor.items(&list.get());
        !fields.iter().any(|field| field.get("name").and_then(Value::as_str) == Some(name))
    };
    let suggest = move |name: &'static str| {
        view! {
            <Show when=move || missing(name)>
                <Button look=Look::Bare label=format!("Take {name}") on_press=move |()| editor.push(&list.get_untracked(), json!({"name": name, "from": ""}))>
                    {format!("+ {name}")}
                </Button>
            </Show>
        }
    };
    // The list at another pointer is another list.
    let rows = move || {
        let _ = list.get();
        view! { <ul><For each=move || 0..count.get() key=usize::to_string children=row/></ul> }
    };
    view! {
        <div class="rows" role="group" aria-label="Fields">
            {live(rows)}
            <p class="error">{live(move || editor.error(&list.get()))}</p>
            <div class="chips">
                <Button on_press=move |()| editor.push(&list.get_untracked(), json!({"name": "", "from": ""}))>"Add a field"</Button>
                <Show when=move || remembers.get()>{SUGGESTED.map(|(name, _)| suggest(name)).into_iter().collect_view()}</Show>
            </div>
        </div>
    }
}

/// What an expression gives.
pub(super) fn outcome(found: Found<Value>) -> AnyView {
    match found {
        Found::Value { value } => {
            let text: String = shown(&value).chars().take(160).collect();
            view! { <p class="gives good mono">{text}</p> }.into_any()
        }
        Found::Fault { sentence, at } => {
            let place = at.map(|at| format!(" At character {}.", at + 1)).unwrap_or_default();
            view! { <p class="gives warn">{sentence}{place}</p> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_chosen_gets_a_name_that_the_agent_knows() {
        assert_eq!(called("customerId", true, &[]), "user_id");
        assert_eq!(called("access_token", true, &[]), "token");
        assert_eq!(called("id", false, &[]), "id");
        assert_eq!(called("First-Name", true, &[]), "first_name");
        assert_eq!(called("placedAt", false, &[]), "placed_at");
        assert_eq!(called("9", false, &[]), "field");
        assert_eq!(called("city", false, &[json!({"name": "city"})]), "city_2");
    }
}
