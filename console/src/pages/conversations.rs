//! What visitors and the agent said.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn Conversations() -> impl IntoView {
    view! {
        <Page title="Conversations" lead="Who asked what, how they signed in, and what the agent called.">
            <p>"Codes and secrets are never shown; addresses are masked."</p>
        </Page>
    }
}
