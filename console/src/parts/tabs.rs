//! Tabs within a page (WAI-ARIA: arrows move, the chosen one alone is in the order of Tab).

use wasm_bindgen::JsCast as _;

use super::fresh_id;
use crate::parts::live::of;
use crate::prelude::*;

/// The row of tabs. What is shown for the chosen one the page decides.
#[component]
pub fn Tabs(
    /// What they choose.
    #[prop(into)]
    label: String,
    /// Their names and words.
    tabs: Vec<(&'static str, &'static str)>,
    /// The chosen name.
    chosen: RwSignal<String>,
) -> impl IntoView {
    let base = fresh_id("tab");
    let names: Vec<&'static str> = tabs.iter().map(|(name, _)| *name).collect();
    let names = StoredValue::new(names);
    let ids = StoredValue::new(base);
    let step = move |event: web_sys::KeyboardEvent| {
        let names = names.get_value();
        let here = names.iter().position(|name| *name == chosen.get_untracked()).unwrap_or(0);
        let last = names.len().saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowRight" if here == last => 0,
            "ArrowRight" => here + 1,
            "ArrowLeft" => here.checked_sub(1).unwrap_or(last),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        let Some(name) = names.get(next) else { return };
        chosen.set((*name).to_owned());
        let id = format!("{}-{name}", ids.get_value());
        let element =
            document().get_element_by_id(&id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(element) = element {
            element.focus().ok();
        }
    };
    let tab = move |(name, words): (&'static str, &'static str)| {
        let is_chosen = move || chosen.with(|chosen| chosen == name);
        view! {
            <button
                type="button"
                role="tab"
                id=format!("{}-{name}", ids.get_value())
                aria-selected=of(move || if is_chosen() { "true" } else { "false" })
                tabindex=of(move || if is_chosen() { "0" } else { "-1" })
                on:click=move |_| chosen.set(name.to_owned())
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=step>
            {tabs.into_iter().map(tab).collect_view()}
        </div>
    }
}
