//! One conversation: what was said and what was done, in one line of time, asked for anew while the page is looked at.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::admin::conversation::Conversation;
use shared::admin::route::OfAgent;
use shared::admin::trail::TrailEntry;
use shared::id::ConversationId;

use super::tone;
use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::live::live;
use crate::parts::page::{Page, Section};
use crate::parts::status::Status;
use crate::prelude::*;
use crate::words;

/// Between two questions of a live view, milliseconds.
const EVERY_MS: u32 = 2_000;

/// The page.
#[component]
pub fn One(id: ConversationId) -> impl IntoView {
    let route = api::of(&Editor::here().agent(), OfAgent::Conversation(id.clone()));
    let seen = Load::<Conversation<Value>>::default();
    let first = route.clone();
    seen.read(async move { api::get(&first).await });
    let watched = RwSignal::new(true);
    on_cleanup(move || {
        watched.set(false);
    });
    spawn_local(async move {
        loop {
            TimeoutFuture::new(EVERY_MS).await;
            if watched.try_get_untracked() != Some(true) {
                return;
            }
            let hidden = js_sys::Reflect::get(&document(), &"hidden".into()).is_ok_and(|value| value.is_truthy());
            let Some(known) = seen.now().filter(|_| !hidden) else { continue };
            let after = [("after", known.newest.to_string())];
            let Ok(new) = api::get_with::<Conversation<Value>>(&route, &after).await else { continue };
            if new.frames.is_empty() && new.trail == known.trail && new.state == known.state {
                continue;
            }
            seen.update(|seen| {
                // A card or a confirmation that changed takes the place of what it was.
                let changed: Vec<_> = new.frames.iter().filter_map(card_of).map(str::to_owned).collect();
                seen.frames.retain(|frame| card_of(frame).is_none_or(|card| !changed.iter().any(|one| one == card)));
                seen.frames.extend(new.frames);
                seen.newest = new.newest;
                seen.state = new.state;
                seen.trail = new.trail;
                seen.summary = new.summary;
            });
        }
    });
    let body = move || {
        seen.show("Reading the conversation", |Conversation { summary, state, frames, trail, .. }| {
            let frames = frames.iter().map(frame).collect_view();
            let trail = trail.iter().map(entry).collect_view();
            view! {
                <p>
                    {summary.test.then(|| view! { <Status>"Test"</Status>" " })}
                    <Status tone=tone(state)>{words::state(state)}</Status>
                    " "
                    {words::outcome(summary.outcome)}
                    {summary.method.map(|method| format!(", {}", words::method(method)))}
                    {format!(". Began {}.", words::time(&summary.began))}
                </p>
                <div class="twofold">
                    <Section title="Said">
                        <div role="log"><ol class="said">{frames}</ol></div>
                    </Section>
                    <Section title="Done" lead="From the audit: proofs, what was read, calls and how long they took.">
                        <ol class="done">{trail}</ol>
                    </Section>
                </div>
            }
            .into_any()
        })
    };
    view! {
        <Page title="Conversation" lead="Addresses and numbers are masked. That you looked is noted in the audit." wide=true>
            <p class="mono hint">{id.to_string()}</p>
            {live(body)}
        </Page>
    }
}

/// The id of the card or the confirmation that a frame holds.
fn card_of(frame: &Value) -> Option<&str> {
    let id = frame.pointer("/card/id").or_else(|| frame.pointer("/confirm/id"));
    id.and_then(Value::as_str)
}

/// The text at a pointer; empty where there is none.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a pointer, each item in words.
fn each(value: &Value, pointer: &str, words: fn(&Value) -> String) -> Vec<String> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten().map(words).collect()
}

/// Who a frame is of, and what it says. Its form is [`shared::frame::Numbered`]'s.
fn said(frame: &Value) -> (&'static str, String) {
    match at(frame, "/type") {
        "message" => ("Visitor", at(frame, "/text").to_owned()),
        "answer" => {
            let text = each(frame, "/blocks", plain).join("\n");
            let partial = frame.pointer("/partial") == Some(&Value::Bool(true));
            ("Agent", if partial { format!("{text} (cut off)") } else { text })
        }
        "card" => {
            let step = match at(frame, "/card/step/at") {
                "address" => "waits for the visitor",
                "code" => "waits for a code",
                "form" => "waits for the next form",
                "match" => "waits for the other window",
                "done" => "signed in",
                _ => "closed",
            };
            ("Login card", format!("{}: {step}", at(frame, "/card/title")))
        }
        "confirm" => {
            let step = at(frame, "/confirm/step");
            ("Confirmation", format!("{}: {step}", at(frame, "/confirm/title")))
        }
        "state" => {
            let state = frame.pointer("/state").and_then(|state| api::read::value(state.clone()).ok());
            ("State", state.map(words::state).unwrap_or_default().to_owned())
        }
        "loaded" => {
            let source = |source: &Value| match source.pointer("/count") {
                Some(count) => format!("{} ({count})", at(source, "/name")),
                None => format!("{} (could not be read)", at(source, "/name")),
            };
            ("Loaded", each(frame, "/sources", source).join(", "))
        }
        _ => ("Interrupted", "The answer did not come to its end.".to_owned()),
    }
}

fn frame(frame: &Value) -> impl IntoView + use<> {
    let (who, text) = said(frame);
    let own = if who == "Visitor" { "visitor" } else { "other" };
    view! {
        <li class=own>
            <p class="hint">{who}" · "{words::time(at(frame, "/at"))}</p>
            <p class="text">{text}</p>
        </li>
    }
}

/// A block ([`shared::block::Block`]) as plain text.
fn plain(block: &Value) -> String {
    match at(block, "/type") {
        "list" => each(block, "/items", |item| format!("• {}", line(item))).join("\n"),
        "code" => at(block, "/text").to_owned(),
        "table" => {
            each(block, "/rows", |row| each(row, "", |cell| each(cell, "", span).concat()).join(" | ")).join("\n")
        }
        "rule" => "—".to_owned(),
        _ => line(block),
    }
}

fn line(block: &Value) -> String {
    each(block, "/spans", span).concat()
}

fn span(span: &Value) -> String {
    if at(span, "/type") == "break" { "\n".to_owned() } else { at(span, "/text").to_owned() }
}

fn entry(entry: &TrailEntry) -> impl IntoView + use<> {
    let more: Vec<_> = entry.detail.iter().map(|(name, value)| format!("{}: {value}", words::plain(name))).collect();
    view! {
        <li>
            <p class="hint">{words::time(&entry.at)}</p>
            <p class="text"><strong>{words::plain(&entry.kind)}</strong>{(!more.is_empty()).then(|| format!(" · {}", more.join(" · ")))}</p>
        </li>
    }
}
