//! The console: what members see. It speaks to the edge by the admin API alone (`shared::admin`); which view is shown its address
//! says.

pub mod document;

pub mod api;
pub mod app;
pub mod editor;
pub mod erased;
pub mod load;
pub mod pages;
pub mod parts;
pub mod prelude;
pub mod session;
pub mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// Begins, when the page has loaded the module.
#[wasm_bindgen(start)]
pub fn start() {
    if let Some(loading) = leptos::prelude::document().get_element_by_id("loading") {
        loading.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
