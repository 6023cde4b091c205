//! Fields that stand for one setting of the agent that is open: they read and write the draft at their pointer, show what the edge
//! said about it, and cannot be changed by who may not.

use serde_json::Value;

use super::field::{Kind, Select, Switch, TextArea, TextField};
use crate::editor::Editor;
use crate::prelude::*;

/// A line of text at a pointer.
#[component]
pub fn TextAt(
    /// The pointer.
    #[prop(into)]
    at: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What it takes; a number is written as one.
    #[prop(optional)]
    kind: Kind,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether it is code.
    #[prop(optional)]
    mono: bool,
    /// Whether an empty field means that there is no such setting.
    #[prop(optional)]
    or_none: bool,
) -> impl IntoView {
    let editor = Editor::here();
    let pointer = StoredValue::new(at);
    let on_input = move |text: String| {
        let value = match text.trim().parse::<u64>() {
            _ if or_none && text.trim().is_empty() => Value::Null,
            Ok(number) if kind == Kind::Number => number.into(),
            _ => text.into(),
        };
        editor.set(&pointer.get_value(), value);
    };
    view! {
        <TextField
            label
            hint=hint.unwrap_or_default()
            kind
            placeholder=placeholder.unwrap_or_default()
            mono
            value=Signal::derive(move || editor.text(&pointer.get_value()))
            error=Signal::derive(move || editor.error(&pointer.get_value()))
            disabled=Signal::derive(move || !editor.may(&pointer.get_value()))
            on_input
        />
    }
}

/// Lines of text at a pointer.
#[component]
pub fn AreaAt(
    /// The pointer.
    #[prop(into)]
    at: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Its height in lines.
    #[prop(default = 5)]
    rows: u32,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether an empty field means that there is no such setting.
    #[prop(optional)]
    or_none: bool,
) -> impl IntoView {
    let editor = Editor::here();
    let pointer = StoredValue::new(at);
    let on_input = move |text: String| {
        let value = if or_none && text.trim().is_empty() { Value::Null } else { text.into() };
        editor.set(&pointer.get_value(), value);
    };
    view! {
        <TextArea
            label
            hint=hint.unwrap_or_default()
            rows
            placeholder=placeholder.unwrap_or_default()
            value=Signal::derive(move || editor.text(&pointer.get_value()))
            error=Signal::derive(move || editor.error(&pointer.get_value()))
            disabled=Signal::derive(move || !editor.may(&pointer.get_value()))
            on_input
        />
    }
}

/// A switch at a pointer.
#[component]
pub fn SwitchAt(
    /// The pointer.
    #[prop(into)]
    at: String,
    /// What is on or off.
    #[prop(into)]
    label: String,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let editor = Editor::here();
    let pointer = StoredValue::new(at);
    view! {
        <Switch
            label
            hint=hint.unwrap_or_default()
            value=Signal::derive(move || editor.flag(&pointer.get_value()))
            disabled=Signal::derive(move || !editor.may(&pointer.get_value()))
            on_switch=move |on: bool| editor.set(&pointer.get_value(), on)
        />
    }
}

/// One of several at a pointer.
#[component]
pub fn SelectAt(
    /// The pointer.
    #[prop(into)]
    at: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What there is: value and words.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let editor = Editor::here();
    let pointer = StoredValue::new(at);
    view! {
        <Select
            label
            hint=hint.unwrap_or_default()
            options
            value=Signal::derive(move || editor.text(&pointer.get_value()))
            error=Signal::derive(move || editor.error(&pointer.get_value()))
            disabled=Signal::derive(move || !editor.may(&pointer.get_value()))
            on_choose=move |chosen: String| editor.set(&pointer.get_value(), chosen)
        />
    }
}
