//! The test run: the call is really made, with values and a context that are made up.

use leptos::task::spawn_local;
use serde_json::{Map, Value};
use shared::admin::action::{Outcome, Sent, Trial, TrialOf};
use shared::admin::problem::Problem;
use shared::admin::route::OfAgent;

use super::answer::Sample;
use crate::api;
use crate::editor::{Editor, shown};
use crate::parts::button::{Button, Look};
use crate::parts::field::{Kind, Select, TextArea, TextField};
use crate::parts::live::live;
use crate::parts::page::Section;
use crate::parts::status::{Note, Refusal, Status, Tone};
use crate::prelude::*;

type Fields = Map<String, Value>;

/// The section.
#[component]
pub(super) fn TestRun(at: usize, kind: Memo<String>, sample: Sample) -> impl IntoView {
    let editor = Editor::here();
    let values = RwSignal::new(Fields::new());
    let (context, step) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let ran = RwSignal::new(None::<Trial<Fields>>);
    let refused = RwSignal::new(None::<Problem>);
    let parameters = Memo::new(move || editor.items(&format!("/actions/{at}/parameters")));
    let names = Memo::new(move || {
        parameters.with(|all| all.iter().map(|it| (text(it, "name"), text(it, "kind"))).collect::<Vec<_>>())
    });
    let fault = move |given: RwSignal<String>| Signal::derive(move || given.with(|text| fields(text).err()));
    let run = move |()| {
        let (Ok(context), Ok(step)) = (context.with_untracked(|it| fields(it)), step.with_untracked(|it| fields(it)))
        else {
            return;
        };
        let known = names.get_untracked();
        // An empty field is left out, as the AI leaves it out.
        let given = values.get_untracked().into_iter();
        let given =
            given.filter(|(name, value)| known.iter().any(|(own, _)| own == name) && value.as_str() != Some(""));
        let action = untrack(|| editor.value(&format!("/actions/{at}"))).unwrap_or_default();
        let body = TrialOf { action, values: given.collect::<Fields>(), context, step };
        busy.set(true);
        refused.set(None);
        ran.set(None);
        spawn_local(async move {
            let answer = api::post::<Trial<Fields>>(&api::of(&editor.agent(), OfAgent::ActionTrial), &body).await;
            busy.set(false);
            match answer {
                Ok(trial) => {
                    // The first answer is the sample, until somebody brings another.
                    if sample.text.try_with_untracked(|text| text.trim().is_empty()) == Some(true) {
                        keep(sample, &trial);
                    }
                    ran.set(Some(trial));
                }
                Err(problem) => refused.set(Some(problem)),
            }
        });
    };
    let changes = Memo::new(move || editor.text(&format!("/actions/{at}/method")) != "GET");
    view! {
        <Section title="Test run" lead="The call is really made, once, with what stands here. Secrets are masked in all that is shown.">
            <div class="two">
                <For each=move || names.get() key=|(name, kind)| format!("{name} {kind}") children=move |(name, kind)| view! { <Given name kind parameters values/> }/>
            </div>
            <Show when=move || matches!(kind.get().as_str(), "private" | "refresh")>
                <TextArea label="Made-up context" hint="What would be known of the person, as JSON." rows=3 mono=true placeholder="{ \"user_id\": \"42\", \"token\": \"…\" }" value=context error=fault(context) on_input=move |text| context.set(text)/>
            </Show>
            <Show when=move || kind.get() == "login">
                <TextArea label="Made-up step before" hint="What the step before would have given, as JSON." rows=2 mono=true placeholder="{}" value=step error=fault(step) on_input=move |text| step.set(text)/>
            </Show>
            <Show when=move || changes.get()>
                <Note tone=Tone::Warn><p>"This call may change something at your API. It is really made."</p></Note>
            </Show>
            <p class="actions start"><Button look=Look::Main busy on_press=run>"Run it once"</Button></p>
            <Refusal problem=refused/>
            <div class="stack" role="status" aria-label="Test run">{live(move || ran.get().map(|trial| view! { <Came trial sample/> }))}</div>
        </Section>
    }
}

/// The field for a parameter's value.
#[component]
fn Given(name: String, kind: String, parameters: Memo<Vec<Value>>, values: RwSignal<Fields>) -> impl IntoView {
    let own = StoredValue::new(name.clone());
    let value = Signal::derive(move || {
        values.with(|values| values.get(&own.get_value()).and_then(Value::as_str).unwrap_or_default().to_owned())
    });
    let set = move |text: String| values.update(|values| drop(values.insert(own.get_value(), text.into())));
    let label = format!("Value of {name}");
    if kind == "choice" {
        let options = Signal::derive(move || {
            let mut options = vec![(String::new(), "—".to_owned())];
            let all = parameters.get();
            let choices = all
                .iter()
                .find(|it| text(it, "name") == own.get_value())
                .and_then(|it| it.get("choices")?.as_array().cloned());
            options.extend(
                choices.unwrap_or_default().iter().map(|choice| (text(choice, "value"), text(choice, "label"))),
            );
            options
        });
        return view! { <Select label value options on_choose=set/> }.into_any();
    }
    let kind = if kind == "password" { Kind::Secret } else { Kind::Text };
    view! { <TextField label kind autocomplete="off" mono=true value on_input=set/> }.into_any()
}

/// What came of it.
#[component]
fn Came(trial: Trial<Fields>, sample: Sample) -> impl IntoView {
    let (tone, words) = match trial.verdict {
        Outcome::Succeeded => (Tone::Good, "It succeeded"),
        Outcome::Failed => (Tone::Bad, "It failed"),
        Outcome::NotMade => (Tone::Bad, "There was no call to make"),
        Outcome::NotSent => (Tone::Bad, "It did not reach the API"),
        Outcome::Unknown => (Tone::Warn, "Nobody knows whether it arrived"),
    };
    let status = trial.status.map(|status| view! { <span class="hint">"Status "{status}</span> });
    let faults = (!trial.faults.is_empty()).then(|| {
        let faults = trial.faults.clone();
        view! { <Note tone=Tone::Warn><ul>{faults.into_iter().map(|fault| view! { <li>{fault}</li> }).collect_view()}</ul></Note> }
    });
    let use_it = trial.answer.is_some().then(|| {
        let trial = trial.clone();
        view! { <Button on_press=move |()| keep(sample, &trial)>"Take this answer as the sample"</Button> }
    });
    let answer = trial.answer.as_deref().map(pretty);
    view! {
        <p class="actions start"><Status tone>{words}</Status>{status}</p>
        {faults}
        {trial.request.map(|sent| block("Sent", request(&sent)))}
        {answer.map(|text| block("Answered", text))}
        {use_it}
        {table("The AI would see", trial.shows)}
        {table("Remembered would be", trial.remembered)}
    }
}

fn block(title: &'static str, text: String) -> impl IntoView {
    view! {
        <div class="block">
            <h3>{title}</h3>
            <pre tabindex="0" aria-label=title>{text}</pre>
        </div>
    }
}

fn table(title: &'static str, fields: Fields) -> Option<impl IntoView> {
    let row = |(name, value): (String, Value)| {
        let value: String = shown(&value).chars().take(2_000).collect();
        view! { <div><dt class="mono">{name}</dt><dd class="mono">{value}</dd></div> }
    };
    (!fields.is_empty()).then(|| {
        view! {
            <div class="block">
                <h3>{title}</h3>
                <dl class="fields">{fields.into_iter().map(row).collect_view()}</dl>
            </div>
        }
    })
}

fn request(sent: &Sent) -> String {
    let headers = sent.headers.iter().fold(String::new(), |text, (name, value)| text + "\n" + name + ": " + value);
    let body = sent.body.as_deref().map(|body| format!("\n\n{}", pretty(body))).unwrap_or_default();
    format!("{} {}{headers}{body}", sent.method, sent.url)
}

/// JSON with a line for each part; anything else as it is.
fn pretty(text: &str) -> String {
    let parsed = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
    parsed.unwrap_or_else(|_| text.to_owned())
}

fn keep(sample: Sample, trial: &Trial<Fields>) {
    if let (Some(status), Some(answer)) = (trial.status, trial.answer.as_deref()) {
        sample.status.set(status.to_string());
        sample.text.set(pretty(answer));
    }
}

/// Made-up fields; none where nothing is written.
fn fields(text: &str) -> Result<Fields, String> {
    if text.trim().is_empty() {
        return Ok(Fields::new());
    }
    serde_json::from_str(text).map_err(|_| "This is not a JSON object yet.".to_owned())
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
