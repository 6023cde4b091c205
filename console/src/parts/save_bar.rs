//! The bar that stands at the foot of an agent's rooms while something is not saved, and what the edge said about saving.

use super::button::{Button, Look};
use crate::editor::{Clash, Editor, Progress, shown};
use crate::parts::live::live;
use crate::prelude::*;

/// The bar.
#[component]
pub fn SaveBar() -> impl IntoView {
    let editor = Editor::here();
    let dirty = Memo::new(move || editor.is_dirty());
    let words = move || match editor.changed().len() {
        1 => "1 unsaved change".to_owned(),
        count => format!("{count} unsaved changes"),
    };
    let busy = Signal::derive(move || editor.progress.get() == Progress::Saving);
    view! {
        <div class="saving" role="region" aria-label="Unsaved changes" hidden=move || !dirty.get() && !speaks(&editor.progress.get())>
            <div class="says" role="status">{live(move || said(editor))}</div>
            <Show when=move || dirty.get()>
                <div class="bar">
                    <p>{live(words)}</p>
                    <Button look=Look::Bare on_press=move |()| editor.undo()>"Undo"</Button>
                    <Button on_press=move |()| editor.discard()>"Discard"</Button>
                    <Button look=Look::Main busy on_press=move |()| editor.save()>"Save"</Button>
                </div>
            </Show>
        </div>
    }
}

/// Whether there is something to say beside the bar.
fn speaks(progress: &Progress) -> bool {
    matches!(progress, Progress::Refused(_) | Progress::Changed | Progress::Merged(_))
}

fn said(editor: Editor) -> AnyView {
    match editor.progress.get() {
        Progress::Still | Progress::Reading | Progress::Saving => ().into_any(),
        Progress::Refused(problem) => view! {
            <div class="note bad">
                <p>{problem.title}</p>
                <ul>{problem.errors.into_iter().map(|error| view! { <li><code>{error.pointer}</code>" "{error.detail}</li> }).collect_view()}</ul>
            </div>
        }
        .into_any(),
        Progress::Changed => view! {
            <div class="note warn">
                <p>"Somebody else has saved these settings since you opened them. Nothing of yours is lost: load the newest, look, and save again."</p>
                <Button on_press=move |()| editor.load()>"Load the newest, keep my words"</Button>
            </div>
        }
        .into_any(),
        Progress::Merged(clashes) => {
            let one = move |Clash { pointer, theirs }: Clash| {
                let words = shown(&theirs);
                let take = pointer.clone();
                let take = move |()| {
                    editor.set(&take, theirs.clone());
                    let gone = take.clone();
                    editor.progress.update(move |progress| forget(progress, &gone));
                };
                view! {
                    <li>
                        <code>{pointer}</code>" is now “"{words}"” there. "
                        <Button look=Look::Bare on_press=take>"Take theirs"</Button>
                    </li>
                }
            };
            view! {
                <div class="note warn">
                    <p>"You have both changed this. Your words stand in the fields; saving replaces theirs."</p>
                    <ul>{clashes.into_iter().map(one).collect_view()}</ul>
                </div>
            }
            .into_any()
        }
    }
}

/// One thing less that both have changed.
fn forget(progress: &mut Progress, pointer: &str) {
    if let Progress::Merged(clashes) = progress {
        clashes.retain(|clash| clash.pointer != pointer);
        if clashes.is_empty() {
            *progress = Progress::Still;
        }
    }
}
