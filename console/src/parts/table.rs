//! Tables, and what stands in their place while they are empty.

use crate::prelude::*;

/// A table; the rows are its children.
#[component]
pub fn Table(
    /// What it lists, for screen readers.
    #[prop(into)]
    caption: String,
    /// The heads of the columns. An empty one is for buttons.
    head: Vec<&'static str>,
    /// The rows: `<tr>`.
    children: Children,
) -> impl IntoView {
    let cell = |name: &'static str| match name {
        "" => view! { <td></td> }.into_any(),
        name => view! { <th scope="col">{name}</th> }.into_any(),
    };
    let label = caption.clone();
    view! {
        <div class="table" role="region" aria-label=label tabindex="0">
            <table>
                <caption class="unseen">{caption}</caption>
                <thead><tr>{head.into_iter().map(cell).collect_view()}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// What stands where nothing is yet: what would be here, and how to begin.
#[component]
pub fn Empty(
    /// What is not here yet.
    #[prop(into)]
    title: String,
    /// What it is good for and how to begin; a button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            {children()}
        </div>
    }
}
