//! API tokens.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn Tokens() -> impl IntoView {
    view! {
        <Page title="API tokens" lead="For programs of yours that use the admin API.">
            <p>"A token is shown once, when it is made."</p>
        </Page>
    }
}
