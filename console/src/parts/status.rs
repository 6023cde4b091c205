//! Short states, and notes of a sentence or two.

use shared::admin::problem::{Code, Problem};

use crate::parts::button::Button;
use crate::parts::live::live;
use crate::prelude::*;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// A fact.
    #[default]
    Calm,
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Not as it should be.
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A word in a pill; colour is never all that it says.
#[component]
pub fn Status(
    /// How it stands.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! { <span class=move || format!("status {}", tone.get().class())>{children()}</span> }
}

/// A note.
#[component]
pub fn Note(
    /// How it stands.
    #[prop(optional)]
    tone: Tone,
    /// What it says.
    children: Children,
) -> impl IntoView {
    view! { <div class=format!("note {}", tone.class())>{children()}</div> }
}

/// Why something was refused, with the fields that no field of the page shows.
#[component]
pub fn Refusal(
    /// The refusal, if there is one.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// With the names of the fields, where they are not at hand.
    #[prop(optional)]
    named: bool,
) -> impl IntoView {
    view! {
        <div role="alert">
            {live(move || problem.get().map(|problem| view! {
                <div class="note bad">
                    <p>{problem.title}</p>
                    {(!problem.errors.is_empty()).then(|| view! {
                        <ul>{problem.errors.into_iter().map(|error| view! { <li>{named.then(|| view! { <code>{error.pointer}</code>" " })}{error.detail}</li> }).collect_view()}</ul>
                    })}
                </div>
            }))}
        </div>
    }
}

/// The same with a way on where somebody else has saved meanwhile: what they saved is read under what was typed here.
#[component]
pub fn RefusalOrNewest(
    /// The refusal, if there is one.
    problem: RwSignal<Option<Problem>>,
    /// What is to be said once the newest is there.
    said: RwSignal<String>,
    /// Reads the newest.
    #[prop(into)]
    newest: Callback<()>,
) -> impl IntoView {
    let changed = move || problem.with(|problem| problem.as_ref().is_some_and(|one| one.code == Code::Changed));
    view! {
        <Refusal problem/>
        <Show when=changed><p><Button on_press=newest>"Load the newest and keep mine"</Button></p></Show>
        <div role="status">
            {live(move || Some(said.get()).filter(|said| !said.is_empty()).map(|said| view! { <Note tone=Tone::Warn><p>{said}</p></Note> }))}
        </div>
    }
}

/// What is said then; `both` are the things that both have changed.
pub fn loaded(both: &[String]) -> String {
    let mut said = "The newest is loaded. What you typed stands on top of it: look, then save again.".to_owned();
    if !both.is_empty() {
        said += " You have both changed ";
        said += &both.join(", ");
        said += ".";
    }
    said
}

/// That something is being read.
#[component]
pub fn Waiting(
    /// What: "Reading the agents".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! { <p class="waiting" role="status">{what} " …"</p> }
}
