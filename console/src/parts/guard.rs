//! Nothing that was typed is lost by accident: links that leave an agent ask first, and so does closing the tab or a form's dialog. The browser's back
//! button asks where a form keeps a draft of its own; the settings' drafts outlive it.

use leptos::ev;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

use super::button::{Button, Look};
use super::dialog::{Actions, Dialog};
use crate::app::Drafts;
use crate::prelude::*;

/// Forms beside the settings that have something unsaved, and where somebody wants to go.
#[derive(Clone, Copy)]
struct Held {
    forms: RwSignal<Vec<(u32, Signal<bool>)>>,
    asking: RwSignal<bool>,
    goes_to: StoredValue<String>,
    /// The dialog that they want to close; none where they go to another page.
    closes: StoredValue<Option<RwSignal<bool>>>,
    /// The page that is shown.
    here: StoredValue<String>,
}

impl Held {
    fn any(self) -> bool {
        self.forms.with_untracked(|forms| forms.iter().any(|(_, dirty)| dirty.try_get_untracked() == Some(true)))
    }

    fn ask(self, path: String) {
        self.goes_to.set_value(path);
        self.closes.set_value(None);
        self.asking.set(true);
    }
}

/// Has links and the closing of the tab ask first while this is true. For forms that keep a draft of their own.
pub fn hold(dirty: Signal<bool>) {
    let Some(Held { forms: held, .. }) = use_context() else { return };
    let id = held.with_untracked(|held| held.iter().map(|(id, _)| id + 1).max().unwrap_or_default());
    held.update(|held| held.push((id, dirty)));
    on_cleanup(move || {
        held.try_update(|held| held.retain(|(known, _)| *known != id));
    });
}

/// What closes a dialog: where something in a form that is held is not saved, after it was asked about.
pub fn closing(dialog: RwSignal<bool>) -> impl Fn() + Copy {
    let held: Held = expect_context();
    move || {
        if held.any() {
            held.closes.set_value(Some(dialog));
            held.asking.set(true);
        } else {
            dialog.set(false);
        }
    }
}

/// Puts the guard into the context. Before the router, so that it hears of the back button first.
pub fn provide() {
    let held = Held {
        forms: RwSignal::new(Vec::new()),
        asking: RwSignal::new(false),
        goes_to: StoredValue::new(String::new()),
        closes: StoredValue::new(None),
        here: StoredValue::new(String::new()),
    };
    provide_context(held);
    // The address has changed already; the page has not.
    let returning = move |event: web_sys::Event| {
        let (there, here) = (window().location().pathname().unwrap_or_default(), held.here.get_value());
        if there != here && held.any() {
            event.stop_immediate_propagation();
            if let Ok(history) = window().history() {
                history.push_state_with_url(&JsValue::NULL, "", Some(&here)).ok();
            }
            held.ask(there);
        }
    };
    hear("popstate", &Closure::<dyn Fn(web_sys::Event)>::new(returning).into_js_value());
}

/// The guard.
#[component]
pub fn Guard() -> impl IntoView {
    let drafts: Drafts = expect_context();
    let held: Held = expect_context();
    let asking = held.asking;
    let place = use_location();
    effect(move || held.here.set_value(place.pathname.get()));
    let closing = window_event_listener(ev::beforeunload, move |event| {
        if held.any() || untrack(|| drafts.any_dirty()) {
            event.prevent_default();
            // Older browsers ask only where there is a return value.
            js_sys::Reflect::set(&event, &JsValue::from_str("returnValue"), &JsValue::from_str("unsaved")).ok();
        }
    });
    // While it travels down to the link, so before the router hears of it.
    let leaving = move |event: web_sys::MouseEvent| {
        let Some(path) = destination(&event) else { return };
        let here = window().location().pathname().unwrap_or_default();
        let asks = held.any() || (!stays_in_agent(&path) && untrack(|| drafts.any_dirty()));
        if path != here && asks {
            event.prevent_default();
            event.stop_propagation();
            held.ask(path);
        }
    };
    hear("click", &Closure::<dyn Fn(web_sys::MouseEvent)>::new(leaving).into_js_value());
    on_cleanup(move || closing.remove());
    let navigate = use_navigate();
    let go = move || {
        asking.set(false);
        navigate(&held.goes_to.get_value(), leptos_router::NavigateOptions::default());
    };
    // Within an agent its settings stay as they are typed; what is given up is the form that the link leaves.
    let discard = StoredValue::new(move || {
        if let Some(dialog) = held.closes.get_value() {
            asking.set(false);
            dialog.set(false);
            return;
        }
        if !stays_in_agent(&held.goes_to.get_value()) {
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

/// Hears of it before anybody else on the page does.
fn hear(event: &str, listener: &JsValue) {
    let add = js_sys::Reflect::get(&window(), &JsValue::from_str("addEventListener"));
    if let Some(add) = add.ok().and_then(|add| add.dyn_into::<js_sys::Function>().ok()) {
        add.call3(&window(), &JsValue::from_str(event), listener, &JsValue::TRUE).ok();
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
