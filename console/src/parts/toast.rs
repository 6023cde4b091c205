//! Words that say what happened, and a way to take it back. They stay long enough to be read and to be reached.

use std::cell::Cell;
use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::prelude::*;

/// How long words stay, in milliseconds.
const STAYS_MS: u32 = 6_000;
/// How long an offer stays.
const OFFER_STAYS_MS: u32 = 15_000;

/// What takes back.
type Undo = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u32,
    words: String,
    is_bad: bool,
    offer: Option<(String, Undo)>,
}

/// What is said at the moment.
#[derive(Clone, Copy)]
pub struct Toasts {
    said: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

thread_local! {
    static THERE: Cell<Option<Toasts>> = const { Cell::new(None) };
}

/// Makes the place for them, once.
pub fn provide() {
    let toasts = Toasts { said: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    THERE.set(Some(toasts));
    provide_context(toasts);
}

/// Where to say something: in components, in what a press does, and after an answer has come.
pub fn toasts() -> Toasts {
    THERE.get().unwrap_or_else(expect_context)
}

impl Toasts {
    /// Says what happened.
    pub fn say(self, words: &str) {
        self.add(words, false, None);
    }

    /// Says what did not work.
    pub fn warn(self, words: &str) {
        self.add(words, true, None);
    }

    /// Says what happened and offers to do something about it: "Undo".
    pub fn offer(self, words: &str, button: &str, undo: impl Fn() + Send + Sync + 'static) {
        self.add(words, false, Some((button.to_owned(), Arc::new(undo))));
    }

    fn add(self, words: &str, is_bad: bool, offer: Option<(String, Undo)>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let stays = if offer.is_some() { OFFER_STAYS_MS } else { STAYS_MS };
        self.said.update(|said| {
            // The same words once.
            said.retain(|one| one.words != words || one.offer.is_some());
            said.push(Toast { id, words: words.to_owned(), is_bad, offer });
        });
        spawn_local(async move {
            TimeoutFuture::new(stays).await;
            self.drop(id);
        });
    }

    fn drop(self, id: u32) {
        self.said.try_update(|said| said.retain(|one| one.id != id));
    }
}

/// Where they are shown, once, at the end of the page.
#[component]
pub fn Shelf() -> impl IntoView {
    let toasts = toasts();
    let one = move |Toast { id, words, is_bad, offer }: Toast| {
        let button = offer.map(|(name, undo)| {
            let press = move |_| {
                undo();
                toasts.drop(id);
            };
            view! { <button type="button" class="button" on:click=press>{name}</button> }
        });
        view! {
            <div class="toast" class:bad=is_bad>
                <span>{words}</span>
                {button}
                <button type="button" class="close" aria-label="Dismiss" on:click=move |_| toasts.drop(id)>"×"</button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.said.get() key=|toast| toast.id.to_string() children=one/>
        </div>
    }
}
