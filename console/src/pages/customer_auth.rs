//! How visitors sign in.

use leptos::prelude::*;

use crate::parts::page::Page;

/// The room.
#[component]
pub fn CustomerAuth() -> impl IntoView {
    view! {
        <Page title="Customer auth" lead="How visitors prove who they are, and what the login card says.">
            <p>"The agent asks for a login when a question needs to know who is asking."</p>
        </Page>
    }
}
