//! Which language's texts are in the fields: one choice for every room of the agent that is open.

use serde_json::{Map, Value, json};

use super::button::{Button, Look};
use super::field::{Select, TextField};
use super::toast::toasts;
use crate::editor::Editor;
use crate::parts::live::live;
use crate::prelude::*;

/// Those that are offered by name; any other is added by its tag (BCP 47).
const NAMES: [(&str, &str); 33] = [
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("zh", "Chinese"),
    ("zh-Hant", "Chinese (traditional)"),
    ("hr", "Croatian"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("nl", "Dutch"),
    ("en", "English"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("de", "German"),
    ("el", "Greek"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("nb", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("pt-BR", "Portuguese (Brazil)"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("es", "Spanish"),
    ("sv", "Swedish"),
    ("th", "Thai"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("vi", "Vietnamese"),
];

/// The choice for a tag that has no name here.
const OTHER: &str = "other";

/// A language as a person reads it.
fn named(tag: &str) -> String {
    NAMES.iter().find(|(known, _)| *known == tag).map_or_else(|| tag.to_owned(), |(_, name)| (*name).to_owned())
}

/// Those of [`NAMES`] that have no texts and are not this one.
fn absent(there: &[String], own: &str) -> Vec<(String, String)> {
    let free = |tag: &str| tag != own && !there.iter().any(|known| known == tag);
    let known = NAMES.iter().filter(|(tag, _)| free(tag)).map(|(tag, name)| ((*tag).to_owned(), (*name).to_owned()));
    known.collect()
}

/// What chooses the language, adds one and takes one away.
#[component]
pub fn Languages() -> impl IntoView {
    let editor = Editor::here();
    let toasts = toasts();
    let chosen = Memo::new(move || editor.language());
    let may = move || editor.may("/languages");
    let own = Memo::new(move || editor.text("/language"));
    let there = Memo::new(move || editor.languages());
    let texts: Signal<Vec<(String, String)>> = Signal::derive(move || {
        let default = (String::new(), format!("{}: the default", named(&own.get())));
        let others = there.get().into_iter().map(|tag| (tag.clone(), named(&tag)));
        [default].into_iter().chain(others).collect()
    });
    let default_is = Signal::derive(move || {
        let mut all = absent(&there.get(), "");
        let own = own.get();
        if !all.iter().any(|(tag, _)| *tag == own) {
            all.push((own.clone(), own));
        }
        all
    });
    let remove = move || {
        let tag = chosen.get_untracked();
        let mut languages = all(editor);
        let Some(texts) = languages.remove(&tag) else { return };
        put(editor, languages);
        editor.language.set(String::new());
        // What was changed since stays, the same language begun anew too.
        toasts.offer(&format!("{} removed.", named(&tag)), "Undo", move || {
            let mut languages = all(editor);
            languages.entry(tag.clone()).or_insert_with(|| texts.clone());
            put(editor, languages);
            editor.language.set(tag.clone());
        });
    };
    view! {
        <div class="languages">
            <Select
                label="Texts in"
                hint="Visitors read the language that their browser asks for, if you have texts in it, else the default. The chat's own words follow by themselves."
                options=texts
                value=chosen
                error=Signal::derive(move || editor.error("/languages").or_else(|| editor.error(&editor.texts_at())))
                on_choose=move |tag| editor.language.set(tag)
            />
            {live(move || if chosen.get().is_empty() {
                view! {
                    <Select
                        label="The default is in"
                        options=default_is
                        value=own
                        disabled=Signal::derive(move || !editor.may("/language"))
                        error=Signal::derive(move || editor.error("/language"))
                        on_choose=move |tag: String| editor.set("/language", tag)
                    />
                }.into_any()
            } else {
                view! {
                    <p class="hint">"What is left empty is shown in the default, which stands grey in its field. "</p>
                    <Show when=may>
                        <Button look=Look::Bare on_press=move |()| remove()>{live(move || format!("Remove {}", named(&chosen.get())))}</Button>
                    </Show>
                }.into_any()
            })}
            <Show when=may><Add/></Show>
        </div>
    }
}

/// What adds a language.
#[component]
fn Add() -> impl IntoView {
    let editor = Editor::here();
    let fresh = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let own = Memo::new(move || editor.text("/language"));
    let there = Memo::new(move || editor.languages());
    let to_add: Signal<Vec<(String, String)>> = Signal::derive(move || {
        let ends = [(OTHER.to_owned(), "Another one, by its tag…".to_owned())];
        [(String::new(), "Choose…".to_owned())]
            .into_iter()
            .chain(absent(&there.get(), &own.get()))
            .chain(ends)
            .collect()
    });
    let add = move || {
        let choice = fresh.get_untracked();
        let tag = if choice == OTHER { typed.get_untracked().trim().to_owned() } else { choice };
        if tag.is_empty() {
            return;
        }
        fresh.set(String::new());
        typed.set(String::new());
        if tag == own.get_untracked() {
            editor.language.set(String::new());
            return;
        }
        let known = all(editor);
        if !known.contains_key(&tag) {
            put(editor, known.into_iter().chain([(tag.clone(), json!({}))]).collect());
        }
        editor.language.set(tag);
    };
    view! {
        <form class="adding" on:submit=move |event| { event.prevent_default(); add(); }>
            <Select label="Another language" options=to_add value=fresh on_choose=move |tag| fresh.set(tag)/>
            <Button label="Add the language">"Add"</Button>
            <Show when=move || fresh.get() == OTHER>
                <TextField label="Its tag" placeholder="pt-AO" mono=true value=typed on_input=move |text| typed.set(text)/>
            </Show>
        </form>
    }
}

fn all(editor: Editor) -> Map<String, Value> {
    untrack(|| editor.value("/languages")).and_then(|all| all.as_object().cloned()).unwrap_or_default()
}

fn put(editor: Editor, languages: Map<String, Value>) {
    editor.set("/languages", Value::Object(languages));
}
