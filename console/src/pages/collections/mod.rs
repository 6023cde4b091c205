//! Tables of records that the site owner keeps here: `collections`, `collections/{name}`, `…/fields` and `…/import`.

mod fields;
mod file;
mod import;
mod list;
mod records;

use self::fields::FieldsPage;
use self::import::ImportPage;
use self::list::List;
use self::records::Records;
use super::agent::{Rest, room};
use crate::editor::Editor;
use crate::parts::page::Page;
use crate::prelude::*;

/// The room.
#[component]
pub fn Collections() -> impl IntoView {
    let rest = Rest::here();
    move || {
        let rest = rest.get();
        let parts: Vec<&str> = rest.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [] => view! { <List/> }.into_any(),
            [name] => view! { <Records name=(*name).to_owned()/> }.into_any(),
            [name, "fields"] => view! { <FieldsPage name=(*name).to_owned()/> }.into_any(),
            [name, "import"] => view! { <ImportPage name=(*name).to_owned()/> }.into_any(),
            _ => {
                view! { <Page title="There is nothing here"><p>"A collection has no such page."</p></Page> }.into_any()
            }
        }
    }
}

/// The address of a collection, or of a page of it.
fn address(name: &str, page: &str) -> String {
    let room = room(&Editor::here().agent(), "collections");
    match (name, page) {
        ("", _) => room,
        (name, "") => format!("{room}/{name}"),
        (name, page) => format!("{room}/{name}/{page}"),
    }
}
