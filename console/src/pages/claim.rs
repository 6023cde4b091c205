//! `/console/claim#TOKEN`: the link that makes somebody a member, once. The token is in the fragment, which no server sees.

use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::admin::member::{Claim as Token, Me, Role};
use shared::admin::problem::{Code, Problem};
use shared::admin::route::AdminRoute;
use wasm_bindgen::JsValue;

use super::agent::Outside;
use crate::api;
use crate::app::Known;
use crate::parts::button::{Button, Look};
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::Refusal;
use crate::parts::toast::toasts;
use crate::prelude::*;
use crate::session::{Session, Who};

/// The page, for who is signed in already.
#[component]
pub fn Claim() -> impl IntoView {
    let (session, known, toasts) = (Session::here(), Known::here(), toasts());
    let token = StoredValue::new(token());
    let refused = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new(use_navigate());
    let take = move |()| {
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let body = Token { token: token.get_value() };
            let claimed = api::post::<()>(&AdminRoute::Claim, &body).await;
            busy.set(false);
            if let Err(problem) = claimed {
                if problem.code == Code::Invalid {
                    forget();
                }
                refused.set(Some(problem));
                return;
            }
            forget();
            match api::get::<Me>(&AdminRoute::Me).await {
                Ok(me) => {
                    toasts.say(&welcome(&me));
                    session.who.set(Who::Member(me));
                }
                Err(problem) => toasts.warn(&problem.title),
            }
            known.load();
            navigate
                .with_value(|navigate| navigate("/console", NavigateOptions { replace: true, ..Default::default() }));
        });
    };
    let email = move || session.me().and_then(|me| me.email).unwrap_or_default();
    let over = move || refused.with(|refused| refused.as_ref().is_some_and(|problem| problem.code == Code::Invalid));
    let has_token = token.with_value(|token| !token.is_empty());
    view! {
        <Outside>
            <Page title="Become a member">
                <Refusal problem=refused/>
                <Show
                    when=move || has_token && !over()
                    fallback=|| view! {
                        <p>"A link works once and for a limited time. Ask whoever sent it for a new one: an owner makes it on the page Members; the first owner's link is printed by the command that starts or deploys Countersign."</p>
                        <p><a class="button" href="/console">"Open the console"</a></p>
                    }
                >
                    <p>"You are signed in as "<strong>{live(email)}</strong>". The link makes this address a member, with the role that it was made for: the first link of a deployment makes its owner."</p>
                    <div class="actions start">
                        <Button look=Look::Main busy on_press=take>"Accept"</Button>
                        <Button on_press=move |()| session.leave()>"Use another address"</Button>
                    </div>
                </Show>
            </Page>
        </Outside>
    }
}

/// The token of the address.
fn token() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// Takes the token out of the address bar and the history.
fn forget() {
    if let Ok(history) = window().history() {
        history.replace_state_with_url(&JsValue::NULL, "", Some("/console/claim")).ok();
    }
}

/// What they may do now.
fn welcome(me: &Me) -> String {
    let role = |role: Role| match role {
        Role::Owner => "an owner",
        Role::Editor => "an editor",
        Role::Analyst => "an analyst",
    };
    match (me.everywhere, me.agents.len()) {
        (Some(every), _) => format!("Welcome. You are {} of every agent here.", role(every)),
        (None, 1) => "Welcome. There is one agent that you may open.".to_owned(),
        (None, count) => format!("Welcome. There are {count} agents that you may open."),
    }
}
