//! Instant verdicts: while somebody edits, the edge is asked what is wrong with the draft, and says so at the fields.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::admin::action::{Check, Checked};
use shared::admin::route::OfAgent;

use crate::api;
use crate::editor::Editor;
use crate::prelude::*;

/// How long nothing must be typed before the edge is asked, milliseconds.
pub(super) const QUIET_MS: u32 = 400;

/// Runs `ask` when `what` has changed and stayed the same for a moment. The first value is no change.
pub(super) fn when_quiet<T: PartialEq + Clone + Send + Sync + 'static>(
    what: Memo<T>,
    at_once: bool,
    ask: impl Fn(T) + Copy + 'static,
) {
    let asked = StoredValue::new(0_u32);
    Effect::new(move |before: Option<()>| {
        let now = what.get();
        if before.is_none() && !at_once {
            return;
        }
        let Some(mine) = asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        }) else {
            return;
        };
        spawn_local(async move {
            TimeoutFuture::new(QUIET_MS).await;
            // Gone with its page, or typed again.
            if asked.try_get_value() == Some(mine) {
                ask(now);
            }
        });
    });
}

/// Asks for what is wrong with the draft's actions whenever they have changed.
pub(super) fn watch(editor: Editor) {
    let actions = editor.at("/actions");
    when_quiet(actions, false, move |asked| {
        if !untrack(|| editor.is_dirty()) {
            return;
        }
        spawn_local(async move {
            let settings = untrack(|| editor.draft());
            let route = api::of(&editor.agent(), OfAgent::Check);
            let Ok(Checked { errors }) = api::post::<Checked>(&route, &Check::<Value> { settings }).await else {
                return;
            };
            // An answer about something else by now tells nothing.
            if untrack(|| editor.value("/actions")) == asked {
                editor.errors.set(errors);
            }
        });
    });
}
