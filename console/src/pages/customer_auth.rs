//! How visitors sign in, with the visitors' own widget beside it, which shows what stands in the fields.

mod autofetch;
mod diagnosis;
mod limits;
mod methods;
mod preview;
mod services;
mod session;
mod try_it;

use shared::admin::member::Role;

use self::autofetch::AutoFetch;
use self::diagnosis::Diagnosis;
use self::limits::Limits;
use self::methods::Methods;
use self::preview::Preview;
use self::services::Services;
use self::session::Session;
use self::try_it::TryIt;
use crate::editor::Editor;
use crate::parts::bound::{SwitchAt, TextAt};
use crate::parts::languages::Languages;
use crate::parts::list::ListAt;
use crate::parts::page::{Page, Section};
use crate::prelude::*;

/// The room.
#[component]
pub fn CustomerAuth() -> impl IntoView {
    let editor = Editor::here();
    let is_owner = move || editor.role.get() == Role::Owner;
    let at = Memo::new(move || editor.texts_at());
    view! {
        <Page title="Customer auth" lead="How visitors prove who they are, and what the login card says." wide=true>
            <div class="with-preview">
                <div class="stack">
                    <Section title="The login card">
                        <Show when=is_owner>
                            <SwitchAt
                                at="/customer_auth/enabled"
                                label="Visitors can sign in"
                                hint="The agent asks for a login by itself when an answer needs to know who is asking."
                            />
                        </Show>
                        <Languages/>
                        {move || {
                            let at = format!("{}/customer_auth", at.get());
                            let or_none = at.len() > "/customer_auth".len();
                            let (title, subtitle) = (editor.like("/customer_auth/title"), editor.like("/customer_auth/subtitle"));
                            view! {
                                <TextAt at=format!("{at}/title") label="Title" hint="Up to 80 characters." placeholder=title or_none/>
                                <TextAt at=format!("{at}/subtitle") label="Subtitle" hint="The line under it, up to 160 characters." placeholder=subtitle or_none/>
                            }
                        }}
                        <Show when=is_owner>
                            <SwitchAt
                                at="/customer_auth/at_start"
                                label="Ask at once"
                                hint="The card opens with the conversation, before anything is asked."
                            />
                        </Show>
                    </Section>
                    <Show when=is_owner>
                        <Methods/>
                        <Services/>
                        <TryIt/>
                        <Session/>
                        <Limits/>
                        <Known/>
                        <AutoFetch/>
                    </Show>
                </div>
                <Preview/>
            </div>
        </Page>
    }
}

/// What the agent knows of a person, and keeps.
#[component]
fn Known() -> impl IntoView {
    view! {
        <Section title="What the agent knows of a person" id="known">
            <ListAt
                at="/customer_auth/visible_fields"
                label="Fields that the AI sees"
                item="field"
                hint="email, and fields of what is remembered. A field that holds a secret is never shown, whatever stands here."
                placeholder="name"
                mono=true
            />
            <SwitchAt
                at="/customer_auth/persistent_context"
                label="Remember people"
                hint="Keeps what a login brings (user_id, name, a token), sealed, for that person alone. Login actions need it."
            />
            <Diagnosis/>
        </Section>
    }
}
