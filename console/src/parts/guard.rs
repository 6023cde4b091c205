//! Nothing that was typed is lost by accident: links that leave an agent ask first, and so does closing the tab.

use leptos::ev;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::{JsCast as _, JsValue};

use super::button::{Button, Look};
use super::dialog::{Actions, Dialog};
use crate::app::Drafts;
use crate::prelude::*;

/// Forms beside the settings that have something unsaved.
#[derive(Clone, Copy)]
struct Held(RwSignal<Vec<(u32, Signal<bool>)>>);

/// Has links and the closing of the tab ask first while this is true. For forms that keep a draft of their own.
pub fn hold(dirty: Signal<bool>) {
    let Some(Held(held)) = use_context() else { return };
    let id = held.with_untracked(|held| held.iter().map(|(id, _)| id + 1).max().unwrap_or_default());
    held.update(|held| held.push((id, dirty)));
    on_cleanup(move || {
        held.try_update(|held| held.retain(|(known, _)| *known != id));
    });
}

/// Puts the guard into the context.
pub fn provide() {
    provide_context(Held(RwSignal::new(Vec::new())));
}

/// The guard.
#[component]
pub fn Guard() -> impl IntoView {
    let drafts: Drafts = expect_context();
    let Held(held) = expect_context();
    let asking = RwSignal::new(false);
    let goes_to = StoredValue::new(String::new());
    let is_held =
        move || held.with_untracked(|held| held.iter().any(|(_, dirty)| dirty.try_get_untracked() == Some(true)));
    let closing = window_event_listener(ev::beforeunload, move |event| {
        if is_held() || untrack(|| drafts.any_dirty()) {
            event.prevent_default();
            // Older browsers ask only where there is a return value.
            js_sys::Reflect::set(&event, &JsValue::from_str("returnValue"), &JsValue::from_str("unsaved")).ok();
        }
    });
    // While it travels down to the link, so before the router hears of it.
    let leaving = move |event: web_sys::MouseEvent| {
        let Some(path) = destination(&event) else { return };
        let here = window().location().pathname().unwrap_or_default();
        let asks = is_held() || (!stays_in_agent(&path) && untrack(|| drafts.any_dirty()));
        if path != here && asks {
            event.prevent_default();
            event.stop_propagation();
            goes_to.set_value(path);
            asking.set(true);
        }
    };
    let heard = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::MouseEvent)>::new(leaving);
    let options = JsValue::TRUE;
    let add = js_sys::Reflect::get(&window(), &JsValue::from_str("addEventListener"));
    if let Some(add) = add.ok().and_then(|add| add.dyn_into::<js_sys::Function>().ok()) {
        add.call3(&window(), &JsValue::from_str("click"), heard.as_ref(), &options).ok();
    }
    heard.forget();
    on_cleanup(move || closing.remove());
    let navigate = use_navigate();
    let go = move || {
        asking.set(false);
        navigate(&goes_to.get_value(), leptos_router::NavigateOptions::default());
    };
    // Within an agent its settings stay as they are typed; what is given up is the form that the link leaves.
    let discard = StoredValue::new(move || {
        if !stays_in_agent(&goes_to.get_value()) {
            drafts.discard();
        }
        go();
    });
    view! {
        <Dialog open=asking title="Leave without saving?">
            <p>"What you changed here is not saved. Stay to save it, or leave and give it up."</p>
            <Actions>
                <Button look=Look::Danger on_press=move |()| discard.with_value(|discard| discard())>"Discard and leave"</Button>
                <Button look=Look::Main on_press=move |()| asking.set(false)>"Stay"</Button>
            </Actions>
        </Dialog>
    }
}

/// Where a click goes, if it goes to another page of the console in this tab.
fn destination(event: &web_sys::MouseEvent) -> Option<String> {
    if event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return None;
    }
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link: web_sys::HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let stays = link.target().is_empty() && !link.has_attribute("download");
    let is_ours = link.origin() == window().location().origin().ok()?;
    (stays && is_ours).then(|| link.pathname())
}

/// Whether an address is about the agent that is open.
fn stays_in_agent(path: &str) -> bool {
    let here = window().location().pathname().unwrap_or_default();
    agent_of(path).is_some() && agent_of(path) == agent_of(&here)
}

/// The agent that an address is about.
fn agent_of(path: &str) -> Option<&str> {
    path.strip_prefix("/console/agents/")?.split('/').next()
}
