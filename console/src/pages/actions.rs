//! What the agent and the login card can call.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn Actions() -> impl IntoView {
    view! {
        <Page title="Actions" lead="HTTP calls that the agent can make, and the ones that sign visitors in.">
            <p>"An action has a name, a description for the model, typed parameters and the call itself."</p>
        </Page>
    }
}
