//! What changes on a page while it is looked at, behind one type. Leptos compiles a closure's place in a page anew for each
//! closure; boxed they share one (`docs/decisions/0026-room-for-the-console.md`).

use std::sync::Arc;

use leptos::prelude as plain;

use crate::prelude::*;

/// A part of a page that changes.
pub type Live = Box<dyn FnMut() -> AnyView + Send>;

/// The value of an attribute that changes.
pub type LiveAttribute<T> = Box<dyn FnMut() -> T + Send>;

/// A part of a page that is made anew whenever what it listens to changes.
pub fn live<V: IntoView + 'static>(part: impl Fn() -> V + Send + 'static) -> Live {
    Box::new(move || part().into_any())
}

/// An attribute that changes.
pub fn of<T: 'static>(value: impl Fn() -> T + Send + 'static) -> LiveAttribute<T> {
    Box::new(value)
}

/// Shows its children while a condition holds.
#[component]
pub fn Show(
    /// The condition.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// What is shown.
    children: ChildrenFn,
    /// What is shown in their place.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    let when = Memo::new(when);
    live(move || if when.get() { children() } else { fallback.run() })
}

/// A row for each item, kept while its key is there.
#[component]
pub fn For<I, T, N>(
    /// The items.
    each: impl Fn() -> I + Send + 'static,
    /// An item's key.
    key: impl Fn(&T) -> String + Send + Sync + 'static,
    /// Its row.
    children: impl Fn(T) -> N + Send + Sync + 'static,
) -> impl IntoView
where
    I: IntoIterator<Item = T>,
    T: Send + 'static,
    N: IntoView + 'static,
{
    let children = Arc::new(children);
    rows(Box::new(move || {
        let row = |item: T| {
            let (key, children) = (key(&item), children.clone());
            let make: Make = Box::new(move || children(item).into_any());
            (key, make)
        };
        each().into_iter().map(row).collect()
    }))
}

/// Makes a row.
type Make = Box<dyn FnOnce() -> AnyView + Send>;

/// The rows of one type.
fn rows(each: Box<dyn Fn() -> Vec<(String, Make)> + Send>) -> AnyView {
    let key = |(key, _): &(String, Make)| key.clone();
    let row = |(_, make): (String, Make)| make();
    view! { <plain::For each key children=row/> }.into_any()
}

/// Views of one type out of views of any.
pub trait CollectView: Iterator<Item: IntoView + 'static> + Sized {
    /// All of them.
    fn collect_view(self) -> Vec<AnyView> {
        let mut views = Vec::new();
        for view in self {
            views.push(view.into_any());
        }
        views
    }
}

impl<I: Iterator<Item: IntoView + 'static>> CollectView for I {}
