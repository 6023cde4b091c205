//! What visitors and the agent said: a list that is filtered by the address, and one conversation, live.

mod one;

use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};
use shared::admin::conversation::{Conversations as Listed, Outcome, Summary};
use shared::admin::route::OfAgent;
use shared::card::Method;
use shared::frame::State;
use shared::id::{AgentId, ConversationId};

use self::one::One;
use super::agent::{Rest, room};
use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::button::Button;
use crate::parts::field::Select;
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Status, Tone};
use crate::parts::table::{Empty, Table};
use crate::prelude::*;
use crate::words;

const STATES: [(&str, State); 3] =
    [("unidentified", State::Unidentified), ("pending", State::Pending), ("authenticated", State::Authenticated)];

const METHODS: [Method; 7] = [
    Method::EmailCode,
    Method::PhoneCode,
    Method::Google,
    Method::LoginAction,
    Method::CollectionLookup,
    Method::HostToken,
    Method::Passkey,
];

/// The room.
#[component]
pub fn Conversations() -> impl IntoView {
    let rest = Rest::here();
    move || match rest.with(|rest| rest.first().map(|id| ConversationId::parse(id))) {
        None => view! { <List/> }.into_any(),
        Some(Ok(id)) => view! { <One id/> }.into_any(),
        Some(Err(_)) => {
            view! { <Page title="There is no such conversation"><p>"The link is not whole."</p></Page> }.into_any()
        }
    }
}

/// The colour of a state.
fn tone(state: State) -> Tone {
    match state {
        State::Unidentified => Tone::Calm,
        State::Pending => Tone::Warn,
        State::Authenticated => Tone::Good,
    }
}

#[component]
fn List() -> impl IntoView {
    let own = StoredValue::new(Editor::here().agent());
    let query = use_query_map();
    let of = move |name: &str| query.with(|query| query.get(name).unwrap_or_default());
    let wanted = Memo::new(move || (of("state"), of("method")));
    let listed = Load::<Listed>::default();
    effect(move || {
        let (state, method) = wanted.get();
        listed.forget();
        listed.read(page(own.get_value(), state, method, None));
    });
    let more = move |()| {
        let (state, method) = wanted.get_untracked();
        let Some(next) = listed.now().and_then(|listed| listed.next) else { return };
        leptos::task::spawn_local(async move {
            if let Ok(older) = page(own.get_value(), state, method, Some(next)).await {
                listed.update(|listed| {
                    // Of the list that is there, and once.
                    if listed.next == Some(next) {
                        listed.conversations.extend(older.conversations);
                        listed.next = older.next;
                    }
                });
            }
        });
    };
    let navigate = StoredValue::new(use_navigate());
    let go = move |state: String, method: String| {
        let asked = [("state", state), ("method", method)].into_iter().filter(|(_, value)| !value.is_empty());
        let asked: Vec<_> = asked.map(|(name, value)| format!("{name}={value}")).collect();
        let to = format!("{}?{}", room(&own.get_value(), "conversations"), asked.join("&"));
        navigate.with_value(|navigate| navigate(&to, NavigateOptions::default()));
    };
    let any = || vec![(String::new(), "Any".to_owned())];
    let states = move || {
        let named = STATES.map(|(name, state)| (name.to_owned(), words::state(state).to_owned()));
        any().into_iter().chain(named).collect::<Vec<_>>()
    };
    let methods = move || {
        let named = METHODS.map(|method| (method.name().to_owned(), words::method(method).to_owned()));
        any().into_iter().chain(named).collect::<Vec<_>>()
    };
    let list = move || {
        listed.show("Reading the conversations", move |Listed { conversations, next }| {
            if conversations.is_empty() {
                return view! {
                    <Empty title="There is no conversation like this">
                        <p>"As soon as a visitor opens the chat, the conversation stands here: who asked what, how they signed in, what the agent called. Addresses and numbers are masked."</p>
                    </Empty>
                }
                .into_any();
            }
            let rows = conversations.into_iter().map(|one| row(&own.get_value(), one)).collect_view();
            view! {
                <Table caption="Conversations" head=vec!["Newest", "State", "Login", "Method", "Noted"]>{rows}</Table>
                {next.map(|_| view! { <p><Button on_press=more>"Older conversations"</Button></p> })}
            }
            .into_any()
        })
    };
    view! {
        <Page title="Conversations" lead="Who asked what, how they signed in, and what the agent called. Codes and secrets are never shown; addresses and numbers are masked. Who looks is noted in the audit." wide=true>
            <div class="filters">
                <Select label="State" value=Signal::derive(move || wanted.get().0) options=Signal::derive(states) on_choose=move |state| go(state, wanted.get_untracked().1)/>
                <Select label="Method" value=Signal::derive(move || wanted.get().1) options=Signal::derive(methods) on_choose=move |method| go(wanted.get_untracked().0, method)/>
            </div>
            {live(list)}
        </Page>
    }
}

async fn page(agent: AgentId, state: String, method: String, before: Option<u64>) -> api::Asked<Listed> {
    let before = before.map(|seq| seq.to_string()).unwrap_or_default();
    let query = [("state", state), ("method", method), ("before", before)];
    api::get_with(&api::of(&agent, OfAgent::Conversations), &query).await
}

fn row(agent: &AgentId, one: Summary) -> impl IntoView + use<> {
    let to = format!("{}/{}", room(agent, "conversations"), one.id);
    let bad = one.outcome == Outcome::Refused;
    view! {
        <tr>
            <th scope="row"><A href=to>{words::time(&one.newest)}</A>{one.test.then(|| view! { " "<Status>"Test"</Status> })}<span class="hint">"Began "{words::time(&one.began)}</span></th>
            <td><Status tone=tone(one.state)>{words::state(one.state)}</Status></td>
            <td>{if bad { view! { <Status tone=Tone::Bad>{words::outcome(one.outcome)}</Status> }.into_any() } else { words::outcome(one.outcome).into_any() }}</td>
            <td>{one.method.map(words::method)}</td>
            <td>{one.entries}</td>
        </tr>
    }
}
