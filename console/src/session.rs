//! Who is signed in, and the sign-in that is shown when nobody is: the real chat of the console's own agent.

use leptos::task::spawn_local;
use shared::admin::member::{Me, Role};
use shared::admin::problem::Code;
use shared::admin::route::AdminRoute;
use shared::id::AgentId;

use crate::api;
use crate::app::Drafts;
use crate::parts::toast::toasts;
use crate::prelude::*;

/// Who looks at the console.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    /// Not known yet.
    Unknown,
    /// Nobody.
    Nobody,
    /// Somebody; a member of what the roles say.
    Member(Me),
    /// The edge did not say.
    Failed(String),
}

/// The session, in context.
#[derive(Clone, Copy)]
pub struct Session {
    /// Who looks.
    pub who: RwSignal<Who>,
    /// The session ended while a page was open; the page stays and a dialog asks to sign in again.
    pub over: RwSignal<bool>,
    drafts: Drafts,
}

impl Session {
    /// Puts a session into the context.
    pub fn provide(drafts: Drafts) -> Self {
        let session = Self { who: RwSignal::new(Who::Unknown), over: RwSignal::new(false), drafts };
        provide_context(session);
        api::when_signed_out(Callback::new(move |()| {
            if matches!(session.who.get_untracked(), Who::Member(_)) {
                session.over.set(true);
            }
        }));
        session
    }

    /// The session in context.
    pub fn here() -> Self {
        expect_context()
    }

    /// Asks the edge who is signed in.
    pub fn load(self) {
        spawn_local(async move {
            let who = match api::get::<Me>(&AdminRoute::Me).await {
                Ok(me) => Who::Member(me),
                Err(problem) if problem.code == Code::SignedOut => Who::Nobody,
                Err(problem) => Who::Failed(problem.title),
            };
            let known = matches!(self.who.get_untracked(), Who::Member(_));
            match who {
                Who::Member(me) => {
                    // Somebody else sees nothing of what the one before had open.
                    if known && self.me_now().is_some_and(|before| before.email != me.email) {
                        self.drafts.forget();
                        window().location().reload().ok();
                        return;
                    }
                    self.over.set(false);
                    self.who.set(Who::Member(me));
                }
                // A page that is open keeps what was typed into it.
                Who::Nobody if known => self.over.set(true),
                _ if known => {}
                _ => self.who.set(who),
            }
        });
    }

    /// Signs out at this browser; where something is not saved, it is asked about first.
    pub fn leave(self) {
        if untrack(|| self.drafts.any_dirty()) {
            let words = "There are changes that are not saved.";
            toasts().offer(words, "Discard and sign out", move || self.sign_out());
        } else {
            self.sign_out();
        }
    }

    fn sign_out(self) {
        let toasts = toasts();
        spawn_local(async move {
            match api::sign_out().await {
                Ok(()) => {
                    self.drafts.forget();
                    self.over.set(false);
                    self.who.set(Who::Nobody);
                }
                Err(problem) => toasts.warn(&problem.title),
            }
        });
    }

    /// Who is signed in, if anybody.
    pub fn me(self) -> Option<Me> {
        match self.who.get() {
            Who::Member(me) => Some(me),
            _ => None,
        }
    }

    fn me_now(self) -> Option<Me> {
        untrack(|| self.me())
    }

    /// What they may do with an agent, as far as is known before the agent is read.
    pub fn role(self, agent: &AgentId) -> Option<Role> {
        let me = self.me()?;
        let here = me.agents.iter().find(|one| one.agent == *agent).map(|one| one.role);
        here.max(me.everywhere)
    }

    /// Whether they may make agents.
    pub fn makes_agents(self) -> bool {
        self.me().is_some_and(|me| me.everywhere == Some(Role::Owner))
    }
}
