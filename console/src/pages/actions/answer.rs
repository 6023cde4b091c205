//! What is made of an answer: a sample to try it on, the success condition with its verdict, and what is taken.

use leptos::task::spawn_local;
use serde_json::Value;
use shared::admin::action::{Found, Judged, Sample as Asked, SampleField};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;

use super::check::when_quiet;
use super::mapping::{Mapping, outcome, take};
use super::tree::Tree;
use crate::api;
use crate::editor::Editor;
use crate::parts::bound::TextAt;
use crate::parts::field::{Kind, TextArea, TextField};
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::parts::status::{Refusal, Status, Tone};
use crate::prelude::*;

/// A sample answer. It is nobody's setting: it is gone with the page.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// The HTTP status.
    pub status: RwSignal<String>,
    /// The body.
    pub text: RwSignal<String>,
}

impl Sample {
    pub(super) fn new() -> Self {
        Self { status: RwSignal::new("200".to_owned()), text: RwSignal::new(String::new()) }
    }
}

/// The section.
#[component]
pub(super) fn Answer(at: usize, kind: Memo<String>, sample: Sample) -> impl IntoView {
    let editor = Editor::here();
    let of = move |field: &str| format!("/actions/{at}/{field}");
    let remembers = Memo::new(move || matches!(kind.get().as_str(), "login" | "refresh"));
    let list = Memo::new(move || of(if remembers.get() { "kind/remembers" } else { "shows" }));
    let judged = RwSignal::new(None::<Judged<Value>>);
    let refused = RwSignal::new(None::<Problem>);
    let asked = Memo::new(move || {
        let field = |field: Value| {
            let text = |name: &str| field.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            SampleField { name: text("name"), from: text("from") }
        };
        let answer = sample.text.get();
        (!answer.trim().is_empty()).then(|| Asked {
            status: sample.status.get().trim().parse().unwrap_or(200),
            answer,
            success: editor.text(&of("success")),
            failure: editor.text(&of("failure")),
            mapping: editor.items(&list.get()).into_iter().map(field).collect(),
            remembers: remembers.get(),
        })
    });
    when_quiet(asked, true, move |sample| {
        let Some(sample) = sample else { return judged.set(None) };
        spawn_local(async move {
            let answer = api::post::<Judged<Value>>(&api::of(&editor.agent(), OfAgent::ActionVerdict), &sample).await;
            // Typed again meanwhile: another answer is on its way.
            if asked.try_get_untracked() != Some(Some(sample)) {
                return;
            }
            match answer {
                Ok(found) => {
                    judged.set(Some(found));
                    refused.set(None);
                }
                Err(problem) => {
                    judged.set(None);
                    refused.set(Some(problem));
                }
            }
        });
    });
    let parsed = Memo::new(move || serde_json::from_str::<Value>(&sample.text.get()).ok());
    let found =
        Signal::derive(move || judged.with(|judged| judged.as_ref().map(|it| it.mapping.clone()).unwrap_or_default()));
    let failure = move || judged.with(|judged| judged.as_ref()?.failure.clone()).map(outcome);
    let not_json = move || {
        (!sample.text.with(|text| text.trim().is_empty()) && parsed.with(Option::is_none))
            .then(|| "This is not JSON. Nothing can be taken out of it.".to_owned())
    };
    let lead = move || {
        if remembers.get() {
            "What is remembered about the person. A password is never kept; a token is sealed, and no model sees it."
        } else {
            "What the AI sees of the answer. Nothing else of it leaves this edge."
        }
    };
    view! {
        <Section title="The answer" lead="Paste an answer of your API, or make a test run below. Nothing of it is saved.">
            <div class="sample">
                <TextField label="Status of the sample" kind=Kind::Number value=sample.status on_input=move |text| sample.status.set(text)/>
                <TextArea
                    label="Sample answer"
                    rows=7
                    mono=true
                    placeholder="{ \"success\": true, \"data\": { \"user_id\": 42 } }"
                    value=sample.text
                    error=Signal::derive(not_json)
                    on_input=move |text| sample.text.set(text)
                />
            </div>
            <Refusal problem=refused/>
            <div class="verdict">
                <TextAt
                    at=of("success")
                    label="Success condition"
                    hint="In CEL, over response and status_code: response.success == true && status_code == 200. Any status of 200 to 299 when empty."
                    placeholder="response.success == true"
                    mono=true
                />
                <div role="status" aria-label="Verdict">{live(move || judged.with(|judged| judged.as_ref().map(|judged| verdict(&judged.success))))}</div>
            </div>
            <div class="verdict">
                <TextAt at=of("failure") label="What went wrong" hint="Where your API says so, for the AI to read." placeholder="response.message" mono=true/>
                {live(failure)}
            </div>
            <h3>{live(move || if remembers.get() { "What is remembered" } else { "What the AI sees" })}</h3>
            <p class="hint">{live(lead)}</p>
            <Show when=move || parsed.with(Option::is_some)>
                <p class="hint">"Choose a value to take it: click it, or press Enter on it. Arrows move, open and close."</p>
                <Tree value=parsed on_pick=Callback::new(move |picked| take(editor, &list.get_untracked(), &picked, remembers.get_untracked()))/>
            </Show>
            <Mapping list found remembers/>
        </Section>
    }
}

/// The verdict on the condition.
fn verdict(found: &Found<Value>) -> AnyView {
    match found {
        Found::Value { value: Value::Bool(true) } => {
            view! { <Status tone=Tone::Good>"The sample is a success"</Status> }.into_any()
        }
        Found::Value { .. } => view! { <Status tone=Tone::Warn>"The sample is a failure"</Status> }.into_any(),
        Found::Fault { .. } => view! {
            <Status tone=Tone::Bad>"No verdict"</Status>
            {outcome(found.clone())}
        }
        .into_any(),
    }
}
