//! A button.

use crate::parts::live::of;
use crate::prelude::*;

/// How a button looks, and how much it weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// One of several.
    #[default]
    Plain,
    /// What the page is for.
    Main,
    /// What takes something away.
    Danger,
    /// Quiet: within a row or a sentence.
    Bare,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "button",
            Self::Main => "button main",
            Self::Danger => "button danger",
            Self::Bare => "button bare",
        }
    }
}

/// A button. While it is busy it says so and takes no press.
#[component]
pub fn Button(
    /// How it looks.
    #[prop(optional)]
    look: Look,
    /// What a press does; none for one that sends the form around it.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// Whether what it began is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether it can be pressed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What it is called, where its text does not say it alone ("Remove Ana").
    #[prop(optional, into)]
    label: Option<String>,
    /// Its text.
    children: Children,
) -> impl IntoView {
    let kind = if on_press.is_some() { "button" } else { "submit" };
    let press = move |_| {
        if let Some(on_press) = on_press
            && !busy.get_untracked()
        {
            on_press.run(());
        }
    };
    view! {
        <button
            type=kind
            class=look.class()
            aria-label=label
            aria-busy=of(move || busy.get().then_some("true"))
            disabled=of(move || disabled.get() || busy.get())
            on:click=press
        >
            {children()}
        </button>
    }
}
