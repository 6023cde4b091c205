//! A page: its heading, which gets the focus at navigation, and the document's title.

use std::cell::Cell;

use leptos::html;

use crate::parts::live::live;
use crate::prelude::*;

use super::test_chat::OpenTestChat;

thread_local! {
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// A page.
#[component]
pub fn Page(
    /// What it is called.
    #[prop(into)]
    title: Signal<String>,
    /// A sentence that says what it is for.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Buttons beside the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    /// The whole width, for tables.
    #[prop(optional)]
    wide: bool,
    /// What is on it.
    children: Children,
) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    effect(move || document().set_title(&format!("{} · Countersign", title.get())));
    effect(move || {
        // The browser itself cares for the first page.
        if let Some(heading) = heading.get()
            && SHOWN.replace(true)
        {
            heading.focus().ok();
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
    view! {
        <div class="page" class:wide=wide>
            <header class="head">
                <div>
                    <h1 node_ref=heading tabindex="-1">{live(move || title.get())}</h1>
                    {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
                </div>
                <div class="actions">{live(move || actions.run())}<OpenTestChat/></div>
            </header>
            {children()}
        </div>
    }
}

/// A part of a page, with a heading of its own.
#[component]
pub fn Section(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// A sentence under it.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Its id, for links to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let heading = super::fresh_id("section");
    let labelled = heading.clone();
    view! {
        <section class="card" id=id aria-labelledby=labelled>
            <h2 id=heading>{title}</h2>
            {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
            {children()}
        </section>
    }
}
