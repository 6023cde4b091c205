//! Tables of records that the site owner keeps here.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn Collections() -> impl IntoView {
    view! {
        <Page title="Collections" lead="Tables of records that look-ups, roles and auto-fetch read.">
            <p>"A collection has typed fields; records are typed in or imported from CSV."</p>
        </Page>
    }
}
