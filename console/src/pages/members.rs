//! Who may open the console.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn Members() -> impl IntoView {
    view! {
        <Page title="Members" lead="Who may open this agent in the console, and what each may do.">
            <p>"An owner may do everything, an editor changes texts and looks, an analyst sees the dashboard."</p>
        </Page>
    }
}
