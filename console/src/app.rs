//! The application: its addresses, what stands around every page, and the drafts that outlive a page.

use std::collections::BTreeMap;

use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;
use shared::admin::route::AdminRoute;
use shared::admin::{AgentSummary, CONSOLE_AGENT};
use shared::id::AgentId;

use crate::api;
use crate::editor::Editor;
use crate::pages::agent::Agent;
use crate::pages::agents::Agents;
use crate::pages::audit::OfConsole;
use crate::pages::claim::Claim;
use crate::pages::missing::Missing;
use crate::pages::sign_in::{Again, SignIn};
use crate::parts::button::{Button, Look};
use crate::parts::guard::{self, Guard};
use crate::parts::live::live;
use crate::parts::status::Waiting;
use crate::parts::toast;
use crate::prelude::*;
use crate::session::{Session, Who};

/// The drafts of the agents that were opened; they live as long as the page does, so going back to an agent finds what was typed.
#[derive(Clone, Copy)]
pub struct Drafts {
    editors: RwSignal<BTreeMap<String, Editor>>,
    owner: StoredValue<Owner>,
}

impl Drafts {
    /// The draft of an agent, made at the first time.
    pub fn of(self, agent: &AgentId) -> Editor {
        let known = self.editors.with_untracked(|editors| editors.get(agent.as_str()).copied());
        known.unwrap_or_else(|| {
            let editor = self.owner.with_value(|owner| owner.with(|| Editor::new(agent.clone())));
            self.editors.update(|editors| {
                editors.insert(agent.as_str().to_owned(), editor);
            });
            editor
        })
    }

    /// Whether any has something unsaved.
    pub fn any_dirty(self) -> bool {
        self.editors.with(|editors| editors.values().any(|editor| editor.is_dirty()))
    }

    /// Drops them all: nothing of a member stays for the next one.
    pub fn forget(self) {
        self.editors.update(BTreeMap::clear);
    }

    /// Gives all unsaved changes up.
    pub fn discard(self) {
        for editor in self.editors.get_untracked().into_values() {
            editor.discard();
        }
    }
}

/// The agents that the member may know of, read once and again when something changed.
#[derive(Clone, Copy)]
pub struct Known {
    /// The list; none until it is read.
    pub agents: RwSignal<Option<api::Asked<Vec<AgentSummary>>>>,
}

impl Known {
    /// The list in context.
    pub fn here() -> Self {
        expect_context()
    }

    /// Reads the list.
    pub fn load(self) {
        leptos::task::spawn_local(async move {
            let read = api::get::<Vec<AgentSummary>>(&AdminRoute::Agents).await;
            let kept =
                read.map(|agents| agents.into_iter().filter(|agent| agent.id.as_str() != CONSOLE_AGENT).collect());
            self.agents.set(Some(kept));
        });
    }
}

/// The whole.
#[component]
pub fn App() -> impl IntoView {
    toast::provide();
    guard::provide();
    let known = Known { agents: RwSignal::new(None) };
    provide_context(known);
    let owner = Owner::current().unwrap_or_default();
    let drafts = Drafts { editors: RwSignal::new(BTreeMap::new()), owner: StoredValue::new(owner) };
    provide_context(drafts);
    let session = Session::provide(drafts);
    effect(move || {
        if session.who.get() == Who::Nobody {
            known.agents.set(None);
        }
    });
    session.load();
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <Router>
            <Guard/>
            <Gate/>
        </Router>
        <Again/>
        <toast::Shelf/>
    }
}

/// What is seen: the pages for who is signed in, the sign-in for who is not.
#[component]
fn Gate() -> impl IntoView {
    let session = Session::here();
    // The pages stay as they are while the session is the same one.
    let kind = Memo::new(move || match session.who.get() {
        Who::Unknown => 0,
        Who::Nobody => 1,
        Who::Member(_) => 2,
        Who::Failed(_) => 3,
    });
    move || match kind.get() {
        0 => view! { <main id="main"><Waiting what="Opening the console"/></main> }.into_any(),
        1 => view! { <SignIn/> }.into_any(),
        2 => view! {
            <Routes fallback=Missing>
                <Route path=path!("/console") view=Agents/>
                <Route path=path!("/console/claim") view=Claim/>
                <Route path=path!("/console/audit") view=OfConsole/>
                <Route path=path!("/console/agents/:agent/*room") view=Agent/>
            </Routes>
        }
        .into_any(),
        _ => view! { <Failed/> }.into_any(),
    }
}

/// The edge did not say who is signed in.
#[component]
fn Failed() -> impl IntoView {
    let session = Session::here();
    let words = move || if let Who::Failed(words) = session.who.get() { words } else { String::new() };
    view! {
        <main id="main" class="alone">
            <h1>"The console could not open"</h1>
            <p role="alert">{live(words)}</p>
            <Button look=Look::Main on_press=move |()| session.load()>"Try again"</Button>
        </main>
    }
}
