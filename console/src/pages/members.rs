//! Who may open the console for this agent, and who is invited.

use leptos::task::spawn_local;
use shared::admin::member::{Invitation, Invite, ListedMember, Members as Everybody, RoleChange};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;
use shared::id::AgentId;

use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::button::{Button, Look};
use crate::parts::dialog::Actions;
use crate::parts::field::{Kind, Select, TextField};
use crate::parts::page::{Page, Section};
use crate::parts::status::{Refusal, Status, Tone};
use crate::parts::table::Table;
use crate::parts::toast::toasts;
use crate::prelude::*;
use crate::session::Session;
use crate::words;

/// The room's own state.
#[derive(Clone, Copy)]
struct Room {
    agent: StoredValue<AgentId>,
    everybody: Load<Everybody>,
}

impl Room {
    fn read(self) {
        let route = api::of(&self.agent.get_value(), OfAgent::Members);
        self.everybody.read(async move { api::get(&route).await });
    }

    /// Sends an invitation, again where there is one.
    fn invite(self, invite: Invite, then: impl FnOnce(Result<(), Problem>) + 'static) {
        let route = api::of(&self.agent.get_value(), OfAgent::Members);
        spawn_local(async move {
            let sent = api::post::<Invitation>(&route, &invite).await;
            if sent.is_ok() {
                toasts().say(&format!("An invitation went to {}. Its link is good for seven days.", invite.email));
                self.read();
            }
            then(sent.map(drop));
        });
    }

    /// Removes a member, who can be invited again, or takes an invitation back.
    fn remove(self, id: String, invite: Invite) {
        let route = api::of(&self.agent.get_value(), OfAgent::Member(id));
        spawn_local(async move {
            match api::delete::<()>(&route).await {
                Err(problem) => toasts().warn(&problem.title),
                Ok(()) => toasts().offer(&format!("{} is removed.", invite.email), "Invite again", move || {
                    self.invite(invite.clone(), |sent| {
                        if let Err(problem) = sent {
                            toasts().warn(&problem.title);
                        }
                    });
                }),
            }
            self.read();
        });
    }

    fn change(self, id: String, role: RoleChange) {
        let route = api::of(&self.agent.get_value(), OfAgent::Member(id));
        spawn_local(async move {
            match api::patch::<()>(&route, &role).await {
                Err(problem) => toasts().warn(&problem.title),
                Ok(()) => toasts().say("The role is changed. It holds from their next request on."),
            }
            self.read();
        });
    }
}

/// The room.
#[component]
pub fn Members() -> impl IntoView {
    let room = Room { agent: StoredValue::new(Editor::here().agent()), everybody: Load::default() };
    room.read();
    let list = move || {
        room.everybody.show("Reading the members", move |Everybody { members, invitations }| {
            let members = members.into_iter().map(|one| member(room, one)).collect_view();
            let open = (!invitations.is_empty()).then(|| {
                let rows = invitations.into_iter().map(|one| invitation(room, one)).collect_view();
                view! {
                    <Section title="Invitations" lead="Sent, and not used yet. A new link ends the one before.">
                        <Table caption="Open invitations" head=vec!["Address", "Role", "Link", ""]>{rows}</Table>
                    </Section>
                }
            });
            view! {
                <Table caption="Members" head=vec!["Address", "Role", "Since", ""]>{members}</Table>
                {open}
            }
            .into_any()
        })
    };
    view! {
        <Page title="Members" lead="Who may open this agent in the console. An owner may do everything, an editor changes texts and looks, an analyst sees the dashboard." wide=true>
            <InviteForm room/>
            {list}
        </Page>
    }
}

/// What there is to choose from.
fn roles() -> Vec<(String, String)> {
    [("owner", "Owner"), ("editor", "Editor"), ("analyst", "Analyst")].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
}

#[component]
fn InviteForm(room: Room) -> impl IntoView {
    let session = Session::here();
    let (email, role) = (RwSignal::new(String::new()), RwSignal::new("editor".to_owned()));
    let everywhere = RwSignal::new(false);
    let refused = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refused.set(None);
        let invite = Invite {
            email: email.get_untracked().trim().to_owned(),
            role: words::role_of(&role.get_untracked()),
            everywhere: everywhere.get_untracked(),
        };
        room.invite(invite, move |sent| {
            busy.set(false);
            match sent {
                Ok(()) => email.set(String::new()),
                Err(problem) => refused.set(Some(problem)),
            }
        });
    };
    let error = Signal::derive(move || {
        let problem = refused.get()?;
        problem.errors.into_iter().find(|error| error.pointer == "/email").map(|error| error.detail)
    });
    let other = Signal::derive(move || refused.get().filter(|problem| problem.errors.is_empty()));
    view! {
        <Section title="Invite somebody" lead="They get a link by mail that is good for this address alone.">
            <form class="stack" novalidate=true on:submit=move |event| { event.prevent_default(); send(); }>
                <TextField
                    label="Email address"
                    kind=Kind::Email
                    placeholder="ana@example.com"
                    value=email
                    error
                    on_input=move |text| { email.set(text); refused.set(None); }
                />
                <Select label="Role" value=role options=Signal::derive(roles) on_choose=move |name| role.set(name)/>
                <Show when=move || session.makes_agents()>
                    <crate::parts::field::Switch
                        label="For every agent"
                        hint="Also for agents that are made later."
                        value=everywhere
                        on_switch=move |on| everywhere.set(on)
                    />
                </Show>
                <Refusal problem=other/>
                <Actions><Button look=Look::Main busy>"Send the invitation"</Button></Actions>
            </form>
        </Section>
    }
}

fn member(room: Room, one: ListedMember) -> impl IntoView {
    let ListedMember { id, email, role, everywhere, you, since } = one;
    let (changed, removed) = (id.clone(), id);
    let again = Invite { email: email.clone(), role, everywhere };
    let choose = move |name: String| room.change(changed.clone(), RoleChange { role: words::role_of(&name) });
    view! {
        <tr>
            <th scope="row">
                {email.clone()}
                {you.then_some(" (you)")}
                {everywhere.then(|| view! { <span class="hint">"Of every agent"</span> })}
            </th>
            <td>
                <Select
                    label=format!("Role of {email}")
                    hidden_label=true
                    value=words::role_name(role).to_owned()
                    options=Signal::derive(roles)
                    on_choose=choose
                />
            </td>
            <td>{words::time(&since)}</td>
            <td class="buttons">
                <Button look=Look::Bare label=format!("Remove {email}") on_press=move |()| room.remove(removed.clone(), again.clone())>"Remove"</Button>
            </td>
        </tr>
    }
}

fn invitation(room: Room, one: Invitation) -> impl IntoView {
    let Invitation { id, email, role, everywhere, expires, over, .. } = one;
    let again = Invite { email: email.clone(), role, everywhere };
    let resent = again.clone();
    let resend = move |()| {
        room.invite(resent.clone(), |sent| {
            if let Err(problem) = sent {
                toasts().warn(&problem.title);
            }
        });
    };
    view! {
        <tr>
            <th scope="row">{email.clone()}{everywhere.then(|| view! { <span class="hint">"For every agent"</span> })}</th>
            <td>{words::role(role)}</td>
            <td>{if over {
                view! { <Status tone=Tone::Warn>"Over"</Status> }.into_any()
            } else {
                format!("Good until {}", words::time(&expires)).into_any()
            }}</td>
            <td class="buttons">
                <Button look=Look::Bare label=format!("Send again to {email}") on_press=resend>"Send again"</Button>
                <Button look=Look::Bare label=format!("Take back the invitation of {email}") on_press=move |()| room.remove(id.clone(), again.clone())>"Take back"</Button>
            </td>
        </tr>
    }
}
