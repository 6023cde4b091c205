//! API tokens: made, shown once, revoked.

use leptos::task::spawn_local;
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;
use shared::admin::token::{ListedToken, MAX_DAYS, MadeToken, NewToken, Scope};
use shared::id::AgentId;

use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::button::{Button, Look};
use crate::parts::copy::Copyable;
use crate::parts::dialog::{Actions, Dialog};
use crate::parts::field::{Kind, Switch, TextField};
use crate::parts::live::live;
use crate::parts::page::Page;
use crate::parts::status::{Refusal, Status, Tone};
use crate::parts::table::{Empty, Table};
use crate::parts::toast::toasts;
use crate::prelude::*;
use crate::words;

/// How long a token lives unless it is said.
const DAYS: u16 = 90;

#[derive(Clone, Copy)]
struct Room {
    agent: StoredValue<AgentId>,
    tokens: Load<Vec<ListedToken>>,
    made: RwSignal<Option<String>>,
}

impl Room {
    fn read(self) {
        let route = api::of(&self.agent.get_value(), OfAgent::Tokens);
        self.tokens.read(async move { api::get(&route).await });
    }

    fn revoke(self, id: String) {
        let route = api::of(&self.agent.get_value(), OfAgent::Token(id));
        spawn_local(async move {
            match api::delete::<()>(&route).await {
                Err(problem) => toasts().warn(&problem.title),
                Ok(()) => toasts().say("Revoked. It opens nothing any more."),
            }
            self.read();
        });
    }
}

/// The room.
#[component]
pub fn Tokens() -> impl IntoView {
    let room =
        Room { agent: StoredValue::new(Editor::here().agent()), tokens: Load::default(), made: RwSignal::new(None) };
    room.read();
    let making = RwSignal::new(false);
    let revoking = RwSignal::new(None::<ListedToken>);
    let asking = RwSignal::new(false);
    let ask = Callback::new(move |token: ListedToken| {
        revoking.set(Some(token));
        asking.set(true);
    });
    let list = move || {
        room.tokens.show("Reading the tokens", move |tokens| {
            if tokens.is_empty() {
                return view! {
                    <Empty title="There is no token yet">
                        <p>"A program of yours that reads conversations, fills collections or changes settings sends a token with each request. It does what its scopes say, with this agent alone."</p>
                        <p><a href="/openapi.json" target="_blank" rel="noopener">"The description of the API"</a></p>
                        <Button look=Look::Main on_press=move |()| making.set(true)>"Make a token"</Button>
                    </Empty>
                }
                .into_any();
            }
            let rows = tokens.into_iter().map(|one| token(ask, one)).collect_view();
            view! { <Table caption="API tokens" head=vec!["Name", "May", "Last used", "Ends", ""]>{rows}</Table> }.into_any()
        })
    };
    let has_made = RwSignal::new(false);
    effect(move || has_made.set(room.made.with(Option::is_some)));
    view! {
        <Page
            title="API tokens"
            lead="For programs of yours that use the admin API. A token dies with the ownership of whoever made it."
            wide=true
            actions=move || view! { <Button look=Look::Main on_press=move |()| making.set(true)>"Make a token"</Button> }
        >
            {live(list)}
            <Dialog open=making title="Make a token"><Make room open=making/></Dialog>
            <Dialog open=has_made title="Copy the token now" closes=false>
                <p>"This is the only time that it is shown. Whoever has it can do what its scopes say."</p>
                <Copyable text=Signal::derive(move || room.made.get().unwrap_or_default()) what="the token"/>
                <Actions><Button look=Look::Main on_press=move |()| room.made.set(None)>"I have copied it"</Button></Actions>
            </Dialog>
            <Dialog open=asking title="Revoke this token?">
                <p>"Programs that use "<strong>{live(move || revoking.get().map(|token| token.name))}</strong>" are refused from now on. This cannot be undone."</p>
                <Actions>
                    <Button on_press=move |()| asking.set(false)>"Keep it"</Button>
                    <Button look=Look::Danger on_press=move |()| {
                        asking.set(false);
                        if let Some(token) = revoking.get_untracked() {
                            room.revoke(token.id);
                        }
                    }>"Revoke"</Button>
                </Actions>
            </Dialog>
        </Page>
    }
}

fn token(ask: Callback<ListedToken>, one: ListedToken) -> impl IntoView {
    let asked = one.clone();
    let ListedToken { name, scopes, by, expires, over, used, .. } = one;
    let scopes: Vec<_> = scopes.into_iter().map(words::scope).collect();
    view! {
        <tr>
            <th scope="row">{name.clone()}{by.map(|by| view! { <span class="hint">"Made by "{by}</span> })}</th>
            <td>{scopes.join(", ")}</td>
            <td>{used.map_or_else(|| "Never".to_owned(), |at| words::time(&at))}</td>
            <td>{if over { view! { <Status tone=Tone::Warn>"Over"</Status> }.into_any() } else { words::time(&expires).into_any() }}</td>
            <td class="buttons">
                <Button look=Look::Bare label=format!("Revoke {name}") on_press=move |()| ask.run(asked.clone())>"Revoke"</Button>
            </td>
        </tr>
    }
}

#[component]
fn Make(room: Room, open: RwSignal<bool>) -> impl IntoView {
    let (name, days) = (RwSignal::new(String::new()), RwSignal::new(DAYS.to_string()));
    let scopes = RwSignal::new(vec![Scope::SettingsRead]);
    let refused = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refused.set(None);
        let route = api::of(&room.agent.get_value(), OfAgent::Tokens);
        let new = NewToken {
            name: name.get_untracked(),
            scopes: scopes.get_untracked(),
            days: days.get_untracked().trim().parse().unwrap_or_default(),
        };
        spawn_local(async move {
            let made = api::post::<MadeToken>(&route, &new).await;
            busy.set(false);
            match made {
                Err(problem) => refused.set(Some(problem)),
                Ok(MadeToken { token, .. }) => {
                    open.set(false);
                    room.made.set(Some(token));
                    room.read();
                }
            }
        });
    };
    let at = move |pointer: &'static str| {
        Signal::derive(move || {
            let problem = refused.get()?;
            problem.errors.into_iter().find(|error| error.pointer == pointer).map(|error| error.detail)
        })
    };
    let other = Signal::derive(move || refused.get().filter(|problem| problem.errors.is_empty()));
    let scope = move |scope: Scope| {
        let on_switch = move |on: bool| {
            scopes.update(|scopes| {
                scopes.retain(|one| *one != scope);
                if on {
                    scopes.push(scope);
                }
            });
        };
        let on = Signal::derive(move || scopes.with(|scopes| scopes.contains(&scope)));
        view! { <Switch label=words::scope(scope) value=on on_switch/> }
    };
    view! {
        <form class="stack" on:submit=move |event| { event.prevent_default(); send(); }>
            <TextField label="What it is for" placeholder="Nightly export" value=name error=at("/name") on_input=move |text| name.set(text)/>
            <fieldset class="stack">
                <legend>"What it may do"</legend>
                {Scope::ALL.map(scope).into_iter().collect_view()}
                <p class="error" role="alert">{live(move || at("/scopes").get())}</p>
            </fieldset>
            <TextField label="Days until it ends" hint=format!("At most {MAX_DAYS}.") kind=Kind::Number value=days error=at("/days") on_input=move |text| days.set(text)/>
            <Refusal problem=other/>
            <Actions>
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button look=Look::Main busy>"Make it"</Button>
            </Actions>
        </form>
    }
}
