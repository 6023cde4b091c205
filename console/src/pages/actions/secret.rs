//! The secrets that an action uses: which are set, where each may go, and a way to set one. What one is nobody sees again.

use crate::parts::secret::{SecretField, Secrets as Kept};
use crate::prelude::*;

/// The secrets of these names.
#[component]
pub(super) fn Secrets(names: Memo<Vec<String>>) -> impl IntoView {
    Kept::provide();
    let one = |name: String| view! { <li><SecretField label=format!("Secret {name}") name travels=true/></li> };
    view! {
        <div class="rows" role="group" aria-label="Secrets">
            <ul><For each=move || names.get() key=String::clone children=one/></ul>
        </div>
    }
}
