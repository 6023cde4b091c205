//! A sample answer as a tree: whatever is clicked, or chosen with the keyboard, is taken by its path (WAI-ARIA, tree view).

use std::collections::BTreeSet;

use serde_json::Value;
use wasm_bindgen::JsCast as _;

use crate::parts::fresh_id;
use crate::parts::live::{live, of};
use crate::prelude::*;

/// The most nodes that are shown.
const MOST: usize = 400;
/// The most characters of a value.
const MOST_CHARS: usize = 60;

/// A node that is shown.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    /// Its expression; of the root `response`.
    path: String,
    /// Its name, or its number in a list.
    name: String,
    /// The last name on the way to it: what a field for it could be called.
    key: String,
    level: usize,
    /// The value, in short.
    shown: String,
    /// Of a list or an object: whether its parts are shown.
    open: Option<bool>,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picked {
    /// The expression that leads there.
    pub path: String,
    /// The last name on the way.
    pub key: String,
}

/// The tree.
#[component]
pub(super) fn Tree(
    /// The sample.
    value: Memo<Option<Value>>,
    /// What a choice does.
    on_pick: Callback<Picked>,
) -> impl IntoView {
    let closed = RwSignal::new(BTreeSet::<String>::new());
    let here = RwSignal::new("response".to_owned());
    let base = StoredValue::new(fresh_id("tree"));
    let nodes = Memo::new(move || {
        value.with(|value| value.as_ref().map(|value| closed.with(|closed| shown(value, closed))).unwrap_or_default())
    });
    // What has the focus may be gone: then the first can get it.
    let tab_stop = Memo::new(move || {
        nodes.with(|nodes| {
            let at = here.with(|here| nodes.iter().position(|node| node.path == *here));
            at.unwrap_or(0)
        })
    });
    let go = move |index: usize| {
        let Some(path) = nodes.with_untracked(|nodes| nodes.get(index).map(|node| node.path.clone())) else { return };
        here.set(path);
        let element = document().get_element_by_id(&format!("{}-{index}", base.get_value()));
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            element.focus().ok();
        }
    };
    let pick = move |node: &Node| on_pick.run(Picked { path: node.path.clone(), key: node.key.clone() });
    let turn = move |path: String, open: bool| {
        closed.update(|closed| {
            let _ = if open { closed.remove(&path) } else { closed.insert(path) };
        });
    };
    let press = move |event: web_sys::KeyboardEvent, index: usize| {
        let nodes = nodes.get_untracked();
        let Some(node) = nodes.get(index) else { return };
        let parent = || nodes.iter().take(index).rposition(|other| other.level < node.level);
        match (event.key().as_str(), node.open) {
            ("ArrowDown", _) | ("ArrowRight", Some(true)) => go(index + 1),
            ("ArrowUp", _) => go(index.saturating_sub(1)),
            ("Home", _) => go(0),
            ("End", _) => go(nodes.len().saturating_sub(1)),
            ("ArrowRight", Some(false)) => turn(node.path.clone(), true),
            ("ArrowLeft", Some(true)) => turn(node.path.clone(), false),
            ("ArrowLeft", _) => go(parent().unwrap_or(index)),
            ("Enter" | " ", _) => pick(node),
            _ => return,
        }
        event.prevent_default();
    };
    let item = move |(index, node): (usize, Node)| {
        let Node { path, name, level, shown, open, .. } = node.clone();
        let (twist, chosen) = (path.clone(), node);
        view! {
            <li
                role="treeitem"
                id=format!("{}-{index}", base.get_value())
                class="node mono"
                attr:aria-level=(level + 1).to_string()
                aria-expanded=open.map(|open| if open { "true" } else { "false" })
                aria-selected="false"
                title=path
                tabindex=of(move || if tab_stop.get() == index { "0" } else { "-1" })
                on:keydown=move |event| press(event, index)
                on:click=move |_| { here.set(chosen.path.clone()); pick(&chosen); }
            >
                <span
                    class="twist"
                    aria-hidden="true"
                    on:click=move |event| {
                        event.stop_propagation();
                        turn(twist.clone(), open == Some(false));
                    }
                >
                    {match open { Some(true) => "▾", Some(false) => "▸", None => "" }}
                </span>
                <span class="key">{name}</span>" "
                <span class="value">{shown}</span>
            </li>
        }
    };
    let more = move || {
        (nodes.with(Vec::len) == MOST).then(
            || view! { <p class="hint">"The rest of the answer is not shown here; an expression reaches it."</p> },
        )
    };
    view! {
        <ul class="tree" role="tree" aria-label="The sample answer: choose what to take">
            {live(move || nodes.get().into_iter().enumerate().map(item).collect_view())}
        </ul>
        {live(more)}
    }
}

/// The nodes of a value, those of closed ones left out.
fn shown(value: &Value, closed: &BTreeSet<String>) -> Vec<Node> {
    let mut nodes = Vec::new();
    walk(value, ("response", "response", ""), 0, closed, &mut nodes);
    nodes
}

fn walk(
    value: &Value,
    (path, name, key): (&str, &str, &str),
    level: usize,
    closed: &BTreeSet<String>,
    nodes: &mut Vec<Node>,
) {
    if nodes.len() >= MOST {
        return;
    }
    let parts = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    let open = (parts > 0).then(|| !closed.contains(path));
    let shown = match value {
        Value::Array(items) => format!("[{}]", items.len()),
        Value::Object(fields) => format!("{{{}}}", fields.len()),
        other => other.to_string().chars().take(MOST_CHARS).collect(),
    };
    nodes.push(Node { path: path.to_owned(), name: name.to_owned(), key: key.to_owned(), level, shown, open });
    if open != Some(true) {
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                walk(item, (&path, &index.to_string(), key), level + 1, closed, nodes);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = step(path, name);
                walk(value, (&path, name, name), level + 1, closed, nodes);
            }
        }
        _ => {}
    }
}

/// The expression for a part of an object. The keys of the answer itself are names of their own.
fn step(path: &str, name: &str) -> String {
    match (path, is_identifier(name)) {
        ("response", true) if !matches!(name, "response" | "status_code") => name.to_owned(),
        (_, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{}]", Value::from(name)),
    }
}

/// Words that the language keeps for itself.
const RESERVED: [&str; 20] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "null",
    "package",
    "namespace",
    "return",
    "true",
    "var",
    "while",
];

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !RESERVED.contains(&name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_part_of_an_answer_has_its_path() {
        let sample = json!({"data": {"shops": [{"city": "Boulder"}], "a-b": 1, "in": 2}, "response": 3, "id": 4});
        let paths: Vec<_> = shown(&sample, &BTreeSet::new()).into_iter().map(|node| node.path).collect();
        assert_eq!(
            paths,
            [
                "response",
                "data",
                "data[\"a-b\"]",
                "data[\"in\"]",
                "data.shops",
                "data.shops[0]",
                "data.shops[0].city",
                "id",
                "response.response",
            ]
        );
        let closed = BTreeSet::from(["data".to_owned()]);
        assert_eq!(shown(&sample, &closed).len(), 4);
        assert_eq!(shown(&json!([1, 2]), &closed).last().map(|node| node.path.clone()).as_deref(), Some("response[1]"));
    }

    #[test]
    fn of_a_large_answer_the_beginning_is_shown() {
        let sample: Value = (0..10_000).collect();
        assert_eq!(shown(&sample, &BTreeSet::new()).len(), MOST);
    }
}
