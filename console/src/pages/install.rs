//! The snippet, the pages that may hold it, and whether a page really does.

mod loads;

use leptos::task::spawn_local;
use shared::admin::install::{Finding, Level, Look as LookAt, Looked};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;

use self::loads::Loads;
use crate::api;
use crate::editor::Editor;
use crate::parts::button::{Button, Look};
use crate::parts::copy::Copyable;
use crate::parts::field::{Kind, TextField};
use crate::parts::list::ListAt;
use crate::parts::live::live;
use crate::parts::page::{Page, Section};
use crate::parts::status::{Note, Refusal, Tone};
use crate::parts::tabs::Tabs;
use crate::prelude::*;

/// The room.
#[component]
pub fn Install() -> impl IntoView {
    let editor = Editor::here();
    let agent = editor.agent();
    let edge = window().location().origin().unwrap_or_default();
    let none = move || editor.items("/origins").is_empty();
    let snippet = format!("<script async src=\"{edge}/embed.js\" data-agent=\"{agent}\"></script>");
    let csp = format!("script-src {edge}; frame-src {edge}");
    view! {
        <Page title="Install" lead="Say which sites may show the chat, then paste one line into their pages.">
            <Section title="1. Allowed origins">
                <ListAt
                    at="/origins"
                    label="Sites that may show the chat"
                    item="origin"
                    hint="A scheme and a host: https://shop.example. The first label may be *. No other page can embed the chat."
                    placeholder="https://shop.example"
                    mono=true
                    read=Callback::new(|text: String| origin(&text))
                />
                <Show when=none>
                    <Note tone=Tone::Warn><p>"No site may show the chat yet. Add yours, and save."</p></Note>
                </Show>
            </Section>
            <Section title="2. The snippet" lead="Anywhere in the page; it loads by itself and stores nothing before the visitor opens the chat.">
                <Copyable text=snippet what="the snippet"/>
                <details>
                    <summary>"The page has a Content-Security-Policy"</summary>
                    <p>"Allow this in it. Nothing else is needed: no inline script or style, no eval."</p>
                    <Copyable text=csp what="the policy"/>
                </details>
            </Section>
            <Section title="3. Check" lead="Loads a page of yours and looks whether the snippet is in it and its site is allowed.">
                <Check/>
            </Section>
            <Section title="4. Where it is loaded" lead="What browsers said of the pages that asked for the chat.">
                <Loads/>
            </Section>
            <Section title="Your users are signed in already?" lead="A page that knows its user can say so: your server signs a token, the page hands it over, and nobody is asked for a code.">
                <HostToken agent=agent.to_string()/>
            </Section>
        </Page>
    }
}

#[component]
fn Check() -> impl IntoView {
    let editor = Editor::here();
    let (address, busy) = (RwSignal::new(String::new()), RwSignal::new(false));
    let refused = RwSignal::new(None::<Problem>);
    let found = RwSignal::new(None::<Looked>);
    let check = move || {
        busy.set(true);
        found.set(None);
        refused.set(None);
        let body = LookAt { url: address.get_untracked().trim().to_owned() };
        spawn_local(async move {
            let answer = api::post::<Looked>(&api::of(&editor.agent(), OfAgent::InstallCheck), &body).await;
            busy.set(false);
            match answer {
                Ok(looked) => found.set(Some(looked)),
                Err(problem) => refused.set(Some(problem)),
            }
        });
    };
    let one = |finding: Finding| {
        let tone = match finding.level {
            Level::Fine => Tone::Good,
            Level::Unsure => Tone::Warn,
            Level::Fault => Tone::Bad,
        };
        let mend = (!finding.mend.is_empty()).then(|| view! { <p>{finding.mend}</p> });
        view! { <Note tone><p>{finding.sentence}</p>{mend}</Note> }
    };
    let all = move |Looked { loads, findings, .. }: Looked| {
        let words =
            if loads { "Nothing keeps the chat from loading there." } else { "The chat does not load there yet." };
        view! {
            <p><strong>{words}</strong></p>
            {findings.into_iter().map(one).collect_view()}
        }
    };
    view! {
        <form class="adding" on:submit=move |event| { event.prevent_default(); check(); }>
            <TextField
                label="Address of a page"
                kind=Kind::Url
                placeholder="https://shop.example/"
                value=address
                on_input=move |text| address.set(text)
            />
            <Button look=Look::Plain busy>"Check the page"</Button>
        </form>
        <div role="status">{live(move || found.get().map(all))}</div>
        <Refusal problem=refused/>
    }
}

#[component]
fn HostToken(agent: String) -> impl IntoView {
    let chosen = RwSignal::new("node".to_owned());
    let shown = move || {
        let text = match chosen.get().as_str() {
            "python" => PYTHON,
            "php" => PHP,
            _ => NODE,
        };
        text.replace("{agent}", &agent)
    };
    view! {
        <Tabs label="Language" chosen tabs=vec![("node", "Node"), ("python", "Python"), ("php", "PHP")]/>
        <Copyable text=Signal::derive(shown) what="the function for your server"/>
        <p class="hint">"The secret is at least 32 bytes and never in a page. It is set under Customer auth, as the method “host token”."</p>
        <Copyable text="window.Countersign.identify(TOKEN_FROM_YOUR_SERVER);" what="the line for your page"/>
    }
}

const NODE: &str = include_str!("install/host_token.js.txt");
const PYTHON: &str = include_str!("install/host_token.py.txt");
const PHP: &str = include_str!("install/host_token.php.txt");

/// An origin of what was typed: an address of a page is cut to it.
fn origin(text: &str) -> Result<String, String> {
    let words = || "An origin has a scheme and a host and nothing else: https://shop.example.".to_owned();
    let typed = text.trim().to_lowercase();
    let full = if typed.contains("://") { typed } else { format!("https://{typed}") };
    let (scheme, rest) = full.split_once("://").ok_or_else(words)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fits = matches!(scheme, "http" | "https")
        && !host.is_empty()
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '*'));
    if fits { Ok(format!("{scheme}://{host}")) } else { Err(words()) }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn what_is_pasted_becomes_an_origin() {
        assert_eq!(origin(" https://Shop.example/cart?a=1#x ").as_deref(), Ok("https://shop.example"));
        assert_eq!(origin("shop.example").as_deref(), Ok("https://shop.example"));
        assert_eq!(origin("http://localhost:3000").as_deref(), Ok("http://localhost:3000"));
        for wrong in ["", "ftp://shop.example", "https://", "https://a b", "javascript:alert(1)//"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
