//! What the agent says and knows, and the model that answers.

use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::admin::member::Role;
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;

use crate::api;
use crate::editor::Editor;
use crate::parts::bound::{AreaAt, TextAt};
use crate::parts::button::Button;
use crate::parts::field::Select;
use crate::parts::languages::Languages;
use crate::parts::list::ListAt;
use crate::parts::live::live;
use crate::parts::page::{Page, Section};
use crate::parts::secret::{SecretField, Secrets};
use crate::parts::status::{Note, Refusal, Tone};
use crate::prelude::*;

/// The room.
#[component]
pub fn General() -> impl IntoView {
    let editor = Editor::here();
    let is_owner = move || editor.role.get() == Role::Owner;
    let at = Memo::new(move || editor.texts_at());
    view! {
        <Page title="General" lead="What the agent is called, what it says first, and what it knows.">
            <Section title="Words">
                <Languages/>
                {live(move || {
                    let at = at.get();
                    let or_none = !at.is_empty();
                    let (question, otherwise) = if or_none {
                        (untrack(|| editor.text("/suggested/0")), " While there are none here, those of the default are shown.")
                    } else {
                        ("Where is my order?".to_owned(), "")
                    };
                    view! {
                        <TextAt at=format!("{at}/name") label="Name" hint="Visitors see it at the top of the chat." placeholder=editor.like("/name") or_none/>
                        <AreaAt at=format!("{at}/greeting") label="Greeting" hint="The first line of every conversation." rows=2 placeholder=editor.like("/greeting") or_none/>
                        <ListAt
                            at=format!("{at}/suggested")
                            label="Suggested questions"
                            item="question"
                            hint=format!("Up to 8, offered while a conversation is empty.{otherwise}")
                            placeholder=question
                        />
                    }
                })}
            </Section>
            <Show when=is_owner>
                <Section title="What it is told">
                    <AreaAt
                        at="/instructions"
                        label="Instructions"
                        hint="How it behaves, what it helps with, and what it leaves to people. It asks for a login by itself when an action needs one."
                        rows=8
                        placeholder="You help customers of Harbor Books with orders, returns and opening hours."
                    />
                    <AreaAt
                        at="/knowledge"
                        label="Knowledge"
                        hint="Text that it may answer from. Separate paragraphs by an empty line; the ones that fit a question are shown to the model."
                        rows=10
                    />
                </Section>
                <Model/>
            </Show>
        </Page>
    }
}

/// Which model answers.
#[component]
fn Model() -> impl IntoView {
    let editor = Editor::here();
    Secrets::provide();
    let provider = Memo::new(move || editor.text("/model/provider"));
    let options: Vec<(String, String)> = [
        ("rehearsal", "Rehearsal: a stand-in that needs no key"),
        ("open_ai", "OpenAI, or any API that speaks its chat completions"),
        ("anthropic", "Anthropic"),
        ("workers_ai", "Cloudflare Workers AI"),
    ]
    .map(|(name, words)| (name.to_owned(), words.to_owned()))
    .into();
    view! {
        <Section title="Model" id="model">
            <Select
                label="Provider"
                options
                value=provider
                disabled=Signal::derive(move || !editor.may("/model"))
                error=Signal::derive(move || editor.error("/model"))
                on_choose=move |chosen: String| editor.set("/model", empty(&chosen))
            />
            {live(move || match provider.get().as_str() {
                "open_ai" => view! {
                    <TextAt at="/model/base_url" label="Address" mono=true hint="Up to and without /chat/completions." placeholder="https://api.openai.com/v1"/>
                    <TextAt at="/model/model" label="Model" mono=true/>
                    <SecretField name="model_key" label="API key" travels=true/>
                }.into_any(),
                "anthropic" => view! {
                    <TextAt at="/model/base_url" label="Address" mono=true hint="Up to and without /v1/messages."/>
                    <TextAt at="/model/model" label="Model" mono=true/>
                    <SecretField name="model_key" label="API key" travels=true/>
                }.into_any(),
                "workers_ai" => view! {
                    <TextAt at="/model/model" label="Model" mono=true hint="It runs on this deployment's own account and needs no key."/>
                }.into_any(),
                _ => view! {
                    <Note>
                        <p>"The rehearsal is no language model: it finds the action whose name and description fit the visitor's words, calls it, and answers in plain sentences. Good for setting up; choose a model before real visitors come."</p>
                    </Note>
                }.into_any(),
            })}
            <Check/>
        </Section>
    }
}

/// Asks the model one question, with what stands in the fields.
#[component]
fn Check() -> impl IntoView {
    let editor = Editor::here();
    let busy = RwSignal::new(false);
    let answered = RwSignal::new(None::<(Value, Value)>);
    let refused = RwSignal::new(None::<Problem>);
    let check = move |()| {
        let model = untrack(|| editor.value("/model")).unwrap_or_default();
        busy.set(true);
        answered.set(None);
        refused.set(None);
        spawn_local(async move {
            let route = api::of(&editor.agent(), OfAgent::ModelCheck);
            let came = api::post::<Value>(&route, &json!({ "model": &model })).await;
            busy.set(false);
            match came {
                Ok(came) => answered.set(Some((model, came))),
                Err(problem) => {
                    editor.errors.set(problem.errors.clone());
                    refused.set(Some(problem));
                }
            }
        });
    };
    // An answer is one to what was asked: it is gone when something else stands in the fields.
    let shown = move || {
        let (asked, came) = answered.get()?;
        let (says, ms) = (came.get("says")?.as_str()?.to_owned(), came.get("took_ms")?.as_u64()?);
        let is_good = came.get("answered")?.as_bool()?;
        let view = if is_good {
            view! { <Note tone=Tone::Good><p>"It answered in "{ms}" ms: “"{says}"”"</p></Note> }.into_any()
        } else {
            view! { <Note tone=Tone::Bad><p>{says}" ("{ms}" ms)"</p></Note> }.into_any()
        };
        (editor.value("/model").as_ref() == Some(&asked)).then_some(view)
    };
    view! {
        <div class="stack">
            <p class="actions">
                <Button busy on_press=check>"Check the model"</Button>
                <span class="hint">"Asks it one question, with what stands here, saved or not, and the key that is set."</span>
            </p>
            <div role="status">{live(shown)}</div>
            <Refusal problem=refused/>
        </div>
    }
}

/// What a choice of provider begins with.
fn empty(provider: &str) -> Value {
    match provider {
        "open_ai" => json!({"provider": provider, "base_url": "https://api.openai.com/v1", "model": ""}),
        "anthropic" => json!({"provider": provider, "base_url": "https://api.anthropic.com", "model": ""}),
        "workers_ai" => json!({"provider": provider, "model": "@cf/meta/llama-3.3-70b-instruct-fp8-fast"}),
        _ => json!({"provider": "rehearsal"}),
    }
}
