//! Rooms that are there and not furnished: what will be in them, and what there is today.

use leptos_router::components::A;

use crate::editor::Editor;
use crate::parts::page::Page;
use crate::parts::table::Empty;
use crate::prelude::*;

/// Integrations.
#[component]
pub fn Integrations() -> impl IntoView {
    let agent = Editor::here().agent();
    view! {
        <Page title="Integrations" lead="Other services that the agent reads a person's data from.">
            <Empty title="Shopify and HubSpot will be connected here">
                <p>"Today the agent reads from collections, which are fetched right after a login, and from any HTTP API by an action."</p>
                <p class="actions">
                    <A href=format!("/console/agents/{agent}/collections") attr:class="button">"Collections"</A>
                    <A href=format!("/console/agents/{agent}/actions") attr:class="button">"Actions"</A>
                </p>
            </Empty>
        </Page>
    }
}

/// Journeys.
#[component]
pub fn Journeys() -> impl IntoView {
    let agent = Editor::here().agent();
    view! {
        <Page title="Journeys" lead="Conversations that follow a drawn path.">
            <Empty title="Paths will be drawn here">
                <p>"With a Login node that waits until the visitor has signed in. Today the agent decides itself when it needs to know who is asking; what it is told to do stands in its instructions."</p>
                <p class="actions"><A href=format!("/console/agents/{agent}/general") attr:class="button">"Instructions"</A></p>
            </Empty>
        </Page>
    }
}

/// The dashboard.
#[component]
pub fn Dashboard() -> impl IntoView {
    view! {
        <Page title="Dashboard" lead="How logins go, as they happen.">
            <Empty title="Logins by outcome and method will be counted here">
                <p>"From the card that was shown to the question that was answered. Today every login stands in the audit trail, which owners can read and export."</p>
            </Empty>
        </Page>
    }
}
