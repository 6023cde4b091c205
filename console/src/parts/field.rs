//! Fields of forms: each with its label, a hint, and what is wrong with it.

use super::fresh_id;
use crate::parts::live::{live, of};
use crate::prelude::*;

/// What a text field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Any text.
    #[default]
    Text,
    /// An email address.
    Email,
    /// An address of the web.
    Url,
    /// A whole number.
    Number,
    /// What nobody shall read over a shoulder.
    Secret,
    /// What is searched for.
    Search,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Url => "url",
            Self::Number => "number",
            Self::Secret => "password",
            Self::Search => "search",
        }
    }
}

/// The label, hint and error around anything that takes input.
#[component]
fn Frame(
    id: String,
    label: String,
    hint: Option<String>,
    error: Signal<Option<String>>,
    #[prop(optional)] hidden_label: bool,
    children: Children,
) -> impl IntoView {
    let hint = hint.filter(|hint| !hint.is_empty());
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field" class:wrong=move || error.with(Option::is_some)>
            <label for=id class:unseen=hidden_label>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {children()}
            <p class="error" id=error_id aria-live="polite">{live(move || error.get())}</p>
        </div>
    }
}

/// What describes an input, for `aria-describedby`.
fn described(id: &str, hint: Option<&String>) -> String {
    if hint.is_some_and(|hint| !hint.is_empty()) { format!("{id}-hint {id}-error") } else { format!("{id}-error") }
}

/// A line of text.
#[component]
pub fn TextField(
    /// Its label.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(into)]
    value: Signal<String>,
    /// What was typed.
    #[prop(into)]
    on_input: Callback<String>,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What it takes.
    #[prop(optional)]
    kind: Kind,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether it is code: a name, a path, an expression.
    #[prop(optional)]
    mono: bool,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether the label is for screen readers alone.
    #[prop(optional)]
    hidden_label: bool,
    /// The `autocomplete` of the field; `off` unless it says so.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Its id, where a label elsewhere or a link names it.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| fresh_id("field"));
    let described = described(&id, hint.as_ref());
    view! {
        <Frame id=id.clone() label hint error hidden_label>
            <input
                id=id
                type=kind.as_str()
                class:mono=mono
                placeholder=placeholder
                autocomplete=autocomplete
                dir="auto"
                spellcheck=if mono { "false" } else { "true" }
                prop:value=of(move || value.get())
                disabled=of(move || disabled.get())
                aria-describedby=described
                aria-invalid=of(move || error.with(Option::is_some).then_some("true"))
                on:input=move |event| on_input.run(event_target_value(&event))
            />
        </Frame>
    }
}

/// Lines of text.
#[component]
pub fn TextArea(
    /// Its label.
    #[prop(into)]
    label: String,
    /// What stands in it.
    #[prop(into)]
    value: Signal<String>,
    /// What was typed.
    #[prop(into)]
    on_input: Callback<String>,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Its height in lines.
    #[prop(default = 5)]
    rows: u32,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Whether it is code.
    #[prop(optional)]
    mono: bool,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let id = fresh_id("field");
    let described = described(&id, hint.as_ref());
    view! {
        <Frame id=id.clone() label hint error>
            <textarea
                id=id
                rows=rows
                class:mono=mono
                placeholder=placeholder
                dir="auto"
                spellcheck=if mono { "false" } else { "true" }
                prop:value=of(move || value.get())
                disabled=of(move || disabled.get())
                aria-describedby=described
                aria-invalid=of(move || error.with(Option::is_some).then_some("true"))
                on:input=move |event| on_input.run(event_target_value(&event))
            ></textarea>
        </Frame>
    }
}

/// One of several.
#[component]
pub fn Select(
    /// Its label.
    #[prop(into)]
    label: String,
    /// What is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// What there is: value and words.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What was chosen.
    #[prop(into)]
    on_choose: Callback<String>,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether the label is for screen readers alone.
    #[prop(optional)]
    hidden_label: bool,
) -> impl IntoView {
    let id = fresh_id("field");
    let described = described(&id, hint.as_ref());
    let option = move |(name, words): (String, String)| {
        let own = name.clone();
        view! { <option value=name selected=move || value.get() == own>{words}</option> }
    };
    view! {
        <Frame id=id.clone() label hint error hidden_label>
            <select
                id=id
                prop:value=of(move || value.get())
                disabled=of(move || disabled.get())
                aria-describedby=described
                aria-invalid=of(move || error.with(Option::is_some).then_some("true"))
                on:change=move |event| on_choose.run(event_target_value(&event))
            >
                {live(move || options.get().into_iter().map(option).collect_view())}
            </select>
        </Frame>
    }
}

/// On or off.
#[component]
pub fn Switch(
    /// What is on or off.
    #[prop(into)]
    label: String,
    /// Whether it is on.
    #[prop(into)]
    value: Signal<bool>,
    /// What it was set to.
    #[prop(into)]
    on_switch: Callback<bool>,
    /// A sentence under the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let id = fresh_id("field");
    let hint_id = format!("{id}-hint");
    let hint = hint.filter(|hint| !hint.is_empty());
    let described = hint.is_some().then(|| hint_id.clone());
    view! {
        <div class="field switch">
            <input
                id=id.clone()
                type="checkbox"
                role="switch"
                prop:checked=of(move || value.get())
                disabled=of(move || disabled.get())
                aria-describedby=described
                on:change=move |event| on_switch.run(event_target_checked(&event))
            />
            <div>
                <label for=id>{label}</label>
                {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            </div>
        </div>
    }
}
