//! The trail.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn Audit() -> impl IntoView {
    view! {
        <Page title="Audit" lead="Who proved what and when, which data was read, and who changed a setting.">
            <p>"Entries are chained by their hashes; nothing can be taken out unseen."</p>
        </Page>
    }
}
