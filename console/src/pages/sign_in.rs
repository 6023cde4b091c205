//! Signing in: the real chat of the console's own agent, in a frame whose card is open at once.

use std::time::Duration;

use leptos::html;
use shared::admin::CONSOLE_AGENT;

use crate::parts::chat_frame::ChatFrame;
use crate::parts::dialog::Dialog;
use crate::prelude::*;
use crate::session::{Session, Who};

/// How often the frame's state is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// The page for who is not signed in.
#[component]
pub fn SignIn() -> impl IntoView {
    document().set_title("Sign in · Countersign");
    let path = window().location().pathname().unwrap_or_default();
    let is_claim = path == "/console/claim";
    let words = if is_claim {
        "You were sent a link that makes you a member. Sign in first, with the address that it was sent to; then you can take it."
    } else {
        "Members sign in with a code by email or a passkey, in the same chat as their visitors."
    };
    view! {
        <main id="main" class="sign-in">
            <div class="welcome">
                <p class="brand"><span class="mark" aria-hidden="true"></span>"Countersign"</p>
                <h1>{if is_claim { "You are invited" } else { "Sign in to the console" }}</h1>
                <p>{words}</p>
                <p class="hint">"Only members can open the console. Were you not invited? Ask an owner for an invitation."</p>
            </div>
            <SignInFrame/>
        </main>
    }
}

/// The session ended while a page was open: the page stays as it is under this.
#[component]
pub fn Again() -> impl IntoView {
    let session = Session::here();
    let shown = Memo::new(move || session.over.get() && matches!(session.who.get(), Who::Member(_)));
    let open = RwSignal::new(false);
    effect(move || open.set(shown.get()));
    effect(move || {
        if !open.get() && session.over.get_untracked() {
            session.over.set(false);
        }
    });
    view! {
        <Dialog open title="Sign in again" wide=true>
            <p>"Your session is over. Sign in and go on: what you typed is still here."</p>
            <SignInFrame/>
        </Dialog>
    }
}

/// The frame. It says `login` when somebody has signed in.
#[component]
fn SignInFrame() -> impl IntoView {
    let session = Session::here();
    let frame = NodeRef::<html::Iframe>::new();
    let word = move |word: String| {
        // When it is ready, somebody may be signed in already: in another tab, or before this page was opened.
        if word == "ready" || word == "login" {
            session.load();
        }
    };
    // The frame is of this origin, so its state can be looked at: the word `login` is not said where the visit after the code
    // brings the new state together with a conversation's frames.
    let asked = StoredValue::new(false);
    let look = move || {
        let inside = frame.try_get_untracked().flatten().and_then(|frame| frame.content_document());
        let state = inside.and_then(|inside| inside.query_selector("#state[data-state=authenticated]").ok().flatten());
        if state.is_some() && !asked.get_value() {
            session.load();
        }
        asked.set_value(state.is_some());
    };
    let looking = set_interval_with_handle(look, LOOK_EVERY);
    on_cleanup(move || {
        if let Ok(looking) = looking {
            looking.clear();
        }
    });
    view! { <ChatFrame src=format!("/frame/{CONSOLE_AGENT}#inline") title="Sign in" frame on_word=word/> }
}
