//! One conversation: what was said and what was done, in one line of time, asked for anew while the page is looked at.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::conversation::Conversation;
use shared::admin::route::OfAgent;
use shared::admin::trail::TrailEntry;
use shared::block::{Block, Span};
use shared::card::CardStep;
use shared::confirm::ConfirmStep;
use shared::frame::{Entry, Numbered};
use shared::id::ConversationId;

use super::tone;
use crate::api;
use crate::editor::Editor;
use crate::load::Load;
use crate::parts::page::{Page, Section};
use crate::parts::status::Status;
use crate::words;

/// Between two questions of a live view, milliseconds.
const EVERY_MS: u32 = 2_000;

/// The page.
#[component]
pub fn One(id: ConversationId) -> impl IntoView {
    let route = api::of(&Editor::here().agent(), OfAgent::Conversation(id.clone()));
    let seen = Load::<Conversation>::default();
    let first = route.clone();
    seen.read(async move { api::get(&first).await });
    let watched = RwSignal::new(true);
    on_cleanup(move || {
        watched.try_set(false);
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
            let Ok(new) = api::get_with::<Conversation>(&route, &after).await else { continue };
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
            let frames = frames.into_iter().map(frame).collect_view();
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
            {body}
        </Page>
    }
}

fn card_of(frame: &Numbered) -> Option<&str> {
    match &frame.entry {
        Entry::Card { card } => Some(card.id.as_str()),
        Entry::Confirm { confirm } => Some(confirm.id.as_str()),
        _ => None,
    }
}

fn frame(frame: Numbered) -> impl IntoView {
    let (who, text) = match frame.entry {
        Entry::Message { text, .. } => ("Visitor", text),
        Entry::Answer { blocks, partial, .. } => {
            let text = blocks.iter().map(plain).collect::<Vec<_>>().join("\n");
            ("Agent", if partial { format!("{text} (cut off)") } else { text })
        }
        Entry::Card { card } => {
            let step = match card.step {
                CardStep::Address => "waits for the visitor",
                CardStep::Code(_) => "waits for a code",
                CardStep::Form { .. } => "waits for the next form",
                CardStep::Match { .. } => "waits for the other window",
                CardStep::Done => "signed in",
                CardStep::Cancelled => "closed",
            };
            ("Login card", format!("{}: {step}", card.title))
        }
        Entry::Confirm { confirm } => {
            let step = match confirm.step {
                ConfirmStep::Asked => "asked",
                ConfirmStep::Confirmed => "confirmed",
                ConfirmStep::Declined => "declined",
                ConfirmStep::Withdrawn => "withdrawn",
            };
            ("Confirmation", format!("{}: {step}", confirm.title))
        }
        Entry::State { state } => ("State", words::state(state).to_owned()),
        Entry::Loaded { sources } => {
            let name = |source: shared::frame::LoadedSource| match source.count {
                Some(count) => format!("{} ({count})", source.name),
                None => format!("{} (could not be read)", source.name),
            };
            ("Loaded", sources.into_iter().map(name).collect::<Vec<_>>().join(", "))
        }
        Entry::Interrupted { .. } => ("Interrupted", "The answer did not come to its end.".to_owned()),
    };
    let own = if who == "Visitor" { "visitor" } else { "other" };
    view! {
        <li class=own>
            <p class="hint">{who}" · "{words::time(&frame.at)}</p>
            <p class="text">{text}</p>
        </li>
    }
}

/// A block as plain text.
fn plain(block: &Block) -> String {
    match block {
        Block::Paragraph { spans } | Block::Heading { spans } | Block::Quote { spans } => line(spans),
        Block::List { items, .. } => {
            items.iter().map(|item| format!("• {}", line(&item.spans))).collect::<Vec<_>>().join("\n")
        }
        Block::Code { text } => text.clone(),
        Block::Table { rows } => {
            let row = |row: &Vec<Vec<Span>>| row.iter().map(|cell| line(cell)).collect::<Vec<_>>().join(" | ");
            rows.iter().map(row).collect::<Vec<_>>().join("\n")
        }
        Block::Rule => "—".to_owned(),
    }
}

fn line(spans: &[Span]) -> String {
    let text = |span: &Span| match span {
        Span::Text { text }
        | Span::Em { text }
        | Span::Strong { text }
        | Span::Code { text }
        | Span::Link { text, .. } => text.clone(),
        Span::Break => "\n".to_owned(),
    };
    spans.iter().map(text).collect()
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
