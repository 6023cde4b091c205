//! What each way to sign in needs, shown for those that are on.

use serde_json::{Value, json};

use crate::editor::Editor;
use crate::pages::agent::room;
use crate::parts::bound::{AreaAt, SelectAt, SwitchAt, TextAt};
use crate::parts::button::{Button, Look};
use crate::parts::field::{Kind, Select};
use crate::parts::list::ListAt;
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::parts::secret::{SecretField, Secrets};
use crate::parts::status::Note;
use crate::prelude::*;
use leptos_router::components::A;

/// The sections.
#[component]
pub fn Services() -> impl IntoView {
    let editor = Editor::here();
    Secrets::provide();
    let is_on = move |name: &str| editor.items("/customer_auth/methods").contains(&json!(name));
    let on = move |name: &'static str| Memo::new(move || is_on(name));
    let (phone, google, lookup) = (on("phone_code"), on("google"), on("collection_lookup"));
    let (action, host) = (on("login_action"), on("host_token"));
    view! {
        <Show when=move || phone.get()><Phone/></Show>
        <Show when=move || google.get()><Google/></Show>
        <Show when=move || action.get()><LoginActions/></Show>
        <Show when=move || lookup.get()><Lookup/></Show>
        <Show when=move || host.get()><HostKeys/></Show>
    }
}

/// Makes a setting when its fields are shown for the first time: its fields then have a place.
fn begin(at: &'static str, value: Value) {
    let editor = Editor::here();
    if untrack(|| editor.value(at)).is_none_or(|now| now.is_null()) {
        editor.set(at, value);
    }
}

#[component]
fn Phone() -> impl IntoView {
    let editor = Editor::here();
    begin("/customer_auth/phone", json!({ "countries": ["US"], "channels": ["sms"], "day_messages": 500 }));
    let country = Callback::new(|typed: String| {
        let code = typed.trim().to_ascii_uppercase();
        let fits = code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic());
        if fits { Ok(code) } else { Err("A country is two letters: GB.".to_owned()) }
    });
    let at = "/customer_auth/phone/channels";
    let channels = Signal::derive(move || {
        let names: Vec<String> = editor.items(at).iter().filter_map(Value::as_str).map(str::to_owned).collect();
        names.join(",")
    });
    let options: Vec<(String, String)> = [
        ("sms", "Text message"),
        ("whatsapp", "WhatsApp"),
        ("sms,whatsapp", "Text message, else WhatsApp"),
        ("whatsapp,sms", "WhatsApp, else text message"),
    ]
    .map(|(name, words)| (name.to_owned(), words.to_owned()))
    .into();
    let choose = move |chosen: String| editor.set(at, chosen.split(',').map(Value::from).collect::<Vec<_>>());
    view! {
        <Section title="Phone codes" id="phone">
            <ListAt at="/customer_auth/phone/countries" label="Countries" item="country" placeholder="GB" mono=true read=country
                hint="Two letters each. A number without a country code is of the first."/>
            <Select label="Codes travel by" options value=channels on_choose=choose error=Signal::derive(move || editor.error(at))/>
            <TextAt at="/customer_auth/phone/day_messages" label="Messages a day, at most" kind=Kind::Number hint="What a day can cost you."/>
            <Account at="/customer_auth/phone/twilio" name="Twilio" empty=json!({ "account_sid": "", "from": "", "whatsapp_content_sid": null, "whatsapp_from": null })>
                <TextAt at="/customer_auth/phone/twilio/account_sid" label="Account SID" mono=true placeholder="AC…"/>
                <TextAt at="/customer_auth/phone/twilio/from" label="Sender" mono=true hint="A number, or a messaging service (MG…)."/>
                <TextAt at="/customer_auth/phone/twilio/whatsapp_content_sid" label="WhatsApp template" mono=true or_none=true placeholder="HX…"/>
                <TextAt at="/customer_auth/phone/twilio/whatsapp_from" label="WhatsApp sender" mono=true or_none=true hint="Where it is another number."/>
                <SecretField name="twilio_auth_token" label="Twilio auth token"/>
            </Account>
            <Account at="/customer_auth/phone/meta" name="Meta's WhatsApp API" empty=json!({ "phone_number_id": "", "template": "", "language": "en_US" })>
                <TextAt at="/customer_auth/phone/meta/phone_number_id" label="Phone number id" mono=true/>
                <TextAt at="/customer_auth/phone/meta/template" label="Template" mono=true hint="Of the category authentication, with a button that copies the code."/>
                <TextAt at="/customer_auth/phone/meta/language" label="Its language" mono=true/>
                <SecretField name="whatsapp_token" label="WhatsApp access token"/>
                <SecretField name="whatsapp_app_secret" label="WhatsApp app secret"/>
                <SecretField name="whatsapp_verify_token" label="WhatsApp verify token"/>
            </Account>
        </Section>
    }
}

/// An account that can be there or not.
#[component]
fn Account(at: &'static str, name: &'static str, empty: Value, children: ChildrenFn) -> impl IntoView {
    let editor = Editor::here();
    let there = Memo::new(move || editor.value(at).is_some_and(|value| !value.is_null()));
    let empty = StoredValue::new(empty);
    view! {
        {live(move || if there.get() {
            view! {
                <fieldset class="stack">
                    <legend>{name}</legend>
                    {children()}
                    <p><Button look=Look::Bare on_press=move |()| editor.set(at, Value::Null)>{format!("Do without {name}")}</Button></p>
                </fieldset>
            }
            .into_any()
        } else {
            view! { <p><Button on_press=move |()| editor.set(at, empty.get_value())>{format!("Set up {name}")}</Button></p> }.into_any()
        })}
    }
}

#[component]
fn Google() -> impl IntoView {
    begin("/customer_auth/google", json!({ "client_id": "" }));
    let callback = window().location().origin().unwrap_or_default();
    view! {
        <Section title="Google" id="google">
            <TextAt at="/customer_auth/google/client_id" label="OAuth client id" mono=true placeholder="….apps.googleusercontent.com"/>
            <SecretField name="google_client_secret" label="Google client secret"/>
            <Note><p>"Allow this redirect address in Google's console: "<code>{format!("{callback}/login/google/callback")}</code></p></Note>
        </Section>
    }
}

#[component]
fn LoginActions() -> impl IntoView {
    let editor = Editor::here();
    let actions = room(&editor.agent(), "actions");
    let listed = move || {
        let named = |action: &Value| {
            Some((action.get("name")?.as_str()?.to_owned(), action.get("title")?.as_str()?.to_owned()))
        };
        let logins =
            editor.items("/actions").into_iter().filter(|action| action.pointer("/kind/is") == Some(&json!("login")));
        logins.filter_map(|action| named(&action)).collect::<Vec<_>>()
    };
    view! {
        <Section title="Your own login" id="login-actions">
            {live(move || {
                let listed = listed();
                if listed.is_empty() {
                    view! { <Note><p>"No login action yet: make one whose form is sent to your API."</p></Note> }.into_any()
                } else {
                    view! { <ul>{listed.into_iter().map(|(name, title)| view! { <li>{title}" "<code>{name}</code></li> }).collect_view()}</ul> }.into_any()
                }
            })}
            <p><A href=actions attr:class="button">"Actions"</A></p>
        </Section>
    }
}

#[component]
fn Lookup() -> impl IntoView {
    begin("/customer_auth/lookup", json!({ "collection": "", "field": "", "label": "", "require_code": true }));
    view! {
        <Section title="Look-up" id="lookup" lead="Finds a record of a collection by what the visitor gives.">
            <div class="pair">
                <TextAt at="/customer_auth/lookup/collection" label="Collection" mono=true/>
                <TextAt at="/customer_auth/lookup/field" label="Field" mono=true placeholder="employee_number"/>
            </div>
            <TextAt at="/customer_auth/lookup/label" label="Its label on the card" placeholder="Employee number"/>
            <SwitchAt at="/customer_auth/lookup/require_code" label="Send a code to the contact on record"
                hint="Without one a visitor is only looked up: whoever knows the number is taken for the person, at the lowest assurance."/>
            <div class="pair">
                <TextAt at="/customer_auth/lookup/phone_field" label="Field with the phone number" mono=true or_none=true/>
                <TextAt at="/customer_auth/lookup/email_field" label="Field with the email address" mono=true or_none=true/>
                <TextAt at="/customer_auth/lookup/name_field" label="Field with the name" mono=true or_none=true/>
                <TextAt at="/customer_auth/lookup/roles_field" label="Field with the roles" mono=true or_none=true/>
            </div>
        </Section>
    }
}

#[component]
fn HostKeys() -> impl IntoView {
    let editor = Editor::here();
    begin("/customer_auth/host_token", json!({ "keys": [], "proves": "email_code" }));
    let at = "/customer_auth/host_token/keys";
    let count = Memo::new(move || editor.items(at).len());
    let strengths: Vec<(String, String)> = [
        ("email_code", "As strong as an email code"),
        ("looked_up", "As strong as a look-up"),
        ("claimed", "Only claimed"),
    ]
    .map(|(name, words)| (name.to_owned(), words.to_owned()))
    .into();
    let add = move |alg: &str| {
        let kid = format!("key-{}", editor.items(at).len() + 1);
        let key = if alg == "HS256" {
            json!({ "alg": alg, "kid": kid, "secret": "host_token_key" })
        } else {
            json!({ "alg": alg, "kid": kid, "public": "" })
        };
        editor.push(at, key);
    };
    let key = move |index: usize| {
        let here = format!("{at}/{index}");
        let alg = editor.text(&format!("{here}/alg"));
        let is_shared = alg == "HS256";
        view! {
            <fieldset class="stack">
                <legend>{format!("Key {} ({alg})", index + 1)}</legend>
                <TextAt at=format!("{here}/kid") label="kid" mono=true/>
                {if is_shared {
                    view! { <TextAt at=format!("{here}/secret") label="Name of the secret" mono=true hint="At least 32 bytes, set below."/> }.into_any()
                } else {
                    view! { <AreaAt at=format!("{here}/public") label="Public key" hint="PEM (SPKI)."/> }.into_any()
                }}
                <p><Button look=Look::Bare on_press=move |()| editor.remove(at, index, "The key was removed.")>{format!("Remove key {}", index + 1)}</Button></p>
            </fieldset>
        }
    };
    view! {
        <Section title="Host token" id="host-token" lead="Keys with which your site signs who its user is.">
            {live(move || (0..count.get()).map(key).collect_view())}
            <p class="actions">
                <Button on_press=move |()| add("ES256")>"Add an ES256 key"</Button>
                <Button on_press=move |()| add("RS256")>"Add an RS256 key"</Button>
                <Button on_press=move |()| add("HS256")>"Add a shared secret"</Button>
            </p>
            <SecretField name="host_token_key" label="Shared secret host_token_key"/>
            <SelectAt at="/customer_auth/host_token/proves" label="How strong a proof it is" options=strengths/>
        </Section>
    }
}
