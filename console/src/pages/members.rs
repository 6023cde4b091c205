//! Who may open the console for this agent, and who is invited.

use leptos::task::spawn_local;
use shared::admin::member::{Invitation, Invite, ListedMember, Members as Everybody, Role, RoleChange};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;
use shared::id::AgentId;

use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::button::{Button, Look};
use crate::parts::dialog::{Actions, Dialog};
use crate::parts::field::{Kind, Select, TextField};
use crate::parts::live::live;
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
    /// Whether it is asked about another role.
    asking: RwSignal<bool>,
    /// Whose role, and which.
    asked: RwSignal<Option<(ListedMember, Role)>>,
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
        let loses = invite.role == Role::Owner && !id.starts_with("i_") && !self.stays_owner(&id);
        let made = if loses { ", and with them the API tokens and the invitations that they made" } else { "" };
        let route = api::of(&self.agent.get_value(), OfAgent::Member(id));
        spawn_local(async move {
            match api::delete::<()>(&route).await {
                Err(problem) => toasts().warn(&problem.title),
                Ok(()) => toasts().offer(&format!("{} is removed{made}.", invite.email), "Invite again", move || {
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

    /// Whether the row is of somebody who is an owner by another one, too.
    fn stays_owner(self, id: &str) -> bool {
        self.everybody.now().is_some_and(|all| {
            let row = all.members.iter().find(|one| one.id == id);
            row.is_some_and(|row| {
                all.members.iter().any(|one| one.id != id && one.role == Role::Owner && one.person() == row.person())
            })
        })
    }

    /// Shows a role until what is so is read.
    fn show(self, id: &str, role: Role) {
        self.everybody.update(|all| {
            if let Some(member) = all.members.iter_mut().find(|member| member.id == id) {
                member.role = role;
            }
        });
    }

    fn change(self) {
        let Some((one, role)) = self.asked.get_untracked() else { return };
        self.show(&one.id, role);
        self.asking.set(false);
        let route = api::of(&self.agent.get_value(), OfAgent::Member(one.id.clone()));
        spawn_local(async move {
            match api::patch::<()>(&route, &RoleChange { role }).await {
                Err(problem) => {
                    self.show(&one.id, one.role);
                    toasts().warn(&problem.title);
                }
                // The rooms are others now.
                Ok(()) if one.you => return window().location().reload().unwrap_or_default(),
                Ok(()) => toasts().say("The role is changed. It holds from their next request on."),
            }
            self.read();
        });
    }
}

/// The room.
#[component]
pub fn Members() -> impl IntoView {
    let room = Room {
        agent: StoredValue::new(Editor::here().agent()),
        everybody: Load::default(),
        asking: RwSignal::new(false),
        asked: RwSignal::new(None),
    };
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
            {live(list)}
            <Dialog open=room.asking title="Change the role?">
                {live(move || room.asked.get().map(|(one, role)| what_changes(room, one, role)))}
                <Actions>
                    <Button on_press=move |()| room.asking.set(false)>"Cancel"</Button>
                    <Button look=Look::Danger on_press=move |()| room.change()>"Change the role"</Button>
                </Actions>
            </Dialog>
        </Page>
    }
}

/// What another role means for somebody.
fn what_changes(room: Room, one: ListedMember, role: Role) -> impl IntoView {
    let stays = room.stays_owner(&one.id);
    let ListedMember { email, role: now, everywhere, you, .. } = one;
    let may = match role {
        Role::Owner => "An owner may do everything.",
        Role::Editor => "An editor changes texts and looks, and nothing else.",
        Role::Analyst => "An analyst sees the dashboard, and nothing else.",
    };
    view! {
        <p><strong>{email}</strong>": "{words::role(now)}" → "{words::role(role)}{everywhere.then_some(", for every agent")}". "{may}</p>
        {stays.then_some(view! { <p>"They own every agent too, and stay an owner here by that."</p> })}
        {(now == Role::Owner && !stays).then_some(view! { <p>"With it go the API tokens and invitations that this member made: programs that use them are refused from then on."</p> })}
        {(you && !stays).then_some(view! { <p>"This is you. You will no longer be able to open this room, or to undo this."</p> })}
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
    let asked = one.clone();
    let ListedMember { id, email, role, everywhere, you, since } = one;
    let (own, removed) = (id.clone(), id);
    let again = Invite { email: email.clone(), role, everywhere };
    // The select says what was chosen while it is asked about, and then what is.
    let shown = Signal::derive(move || {
        let asked = if room.asking.get() { room.asked.get() } else { None };
        let chosen = asked.filter(|(one, _)| one.id == own).map(|(_, role)| role);
        words::role_name(chosen.unwrap_or(role)).to_owned()
    });
    let choose = move |name: String| {
        room.asked.set(Some((asked.clone(), words::role_of(&name))));
        room.asking.set(true);
    };
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
                    value=shown
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
