//! What the agent and the login card can call: the list, and the editor of one.

mod answer;
mod check;
mod edit;
mod forms;
mod list;
mod mapping;
mod parameters;
mod request;
mod rules;
mod secret;
mod tree;
mod trial;

use self::edit::Edit;
use self::list::List;
use super::agent::Rest;
use crate::editor::Editor;
use crate::prelude::*;

/// The room. The address names an action by its name, or by its number where a name is not unique.
#[component]
pub fn Actions() -> impl IntoView {
    let editor = Editor::here();
    let rest = Rest::here();
    check::watch(editor);
    // Found once for each address: while its name is being changed it stays the same action.
    let chosen = Memo::new(move || {
        let part = rest.with(|rest| rest.first().cloned())?;
        let actions = untrack(|| editor.items("/actions"));
        let named = actions.iter().position(|action| action.get("name").and_then(|name| name.as_str()) == Some(&part));
        Some(named.or_else(|| part.parse().ok().filter(|at| *at < actions.len())))
    });
    move || match chosen.get() {
        None => view! { <List/> }.into_any(),
        Some(None) => view! { <list::Gone/> }.into_any(),
        Some(Some(at)) => view! { <Edit at/> }.into_any(),
    }
}
