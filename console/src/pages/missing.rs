//! An address that is none.

use crate::pages::agent::Outside;
use crate::parts::page::Page;
use crate::prelude::*;

/// Says so, and where to go.
#[component]
pub fn Missing() -> impl IntoView {
    view! {
        <Outside>
            <Page title="There is nothing here">
                <p>"No page has this address, or none that you may see."</p>
                <p><a class="button main" href="/console">"All agents"</a></p>
            </Page>
        </Outside>
    }
}
