//! The settings of the agent that is open: one draft for all its rooms, saved under the version that it was made from.

use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::admin::AgentDocument;
use shared::admin::member::{Role, may_change};
use shared::admin::problem::{Code, FieldError, Problem, escape};
use shared::admin::route::OfAgent;
use shared::id::AgentId;

use crate::api;
use crate::document::{Document, overlap};
use crate::parts::toast::toasts;
use crate::prelude::*;

/// What became of the last attempt to read or save.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Nothing is under way.
    Still,
    /// It is being read.
    Reading,
    /// It is being saved.
    Saving,
    /// It was refused.
    Refused(Problem),
    /// Somebody else saved first; own words are kept.
    Changed,
    /// The newest was read under own words; these pointers both changed.
    Merged(Vec<Clash>),
}

/// Something that both changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// Where.
    pub pointer: String,
    /// What the other one saved.
    pub theirs: Value,
}

/// The draft of one agent's settings, in context of everything of an agent.
#[derive(Clone, Copy)]
pub struct Editor {
    agent: StoredValue<AgentId>,
    document: RwSignal<Option<Document>>,
    /// What the member may do with this agent.
    pub role: RwSignal<Role>,
    /// Whether it is archived.
    pub archived: RwSignal<bool>,
    /// What the edge said about fields, by pointer.
    pub errors: RwSignal<Vec<FieldError>>,
    /// What is going on.
    pub progress: RwSignal<Progress>,
    /// The language whose texts are in the fields, as it was chosen; empty for the default.
    pub language: RwSignal<String>,
}

impl Editor {
    /// One that has nothing yet.
    pub fn new(agent: AgentId) -> Self {
        Self {
            agent: StoredValue::new(agent),
            document: RwSignal::new(None),
            role: RwSignal::new(Role::Analyst),
            archived: RwSignal::new(false),
            errors: RwSignal::new(Vec::new()),
            progress: RwSignal::new(Progress::Still),
            language: RwSignal::new(String::new()),
        }
    }

    /// The editor of the agent that is open.
    pub fn here() -> Self {
        expect_context()
    }

    /// Whose settings these are.
    pub fn agent(self) -> AgentId {
        self.agent.get_value()
    }

    /// Reads the settings. What was typed before stays on top of them.
    pub fn load(self) {
        self.progress.set(Progress::Reading);
        spawn_local(async move {
            let read = api::get::<AgentDocument<Value>>(&api::of(&self.agent(), OfAgent::Settings)).await;
            match read {
                Err(problem) => self.progress.set(Progress::Refused(problem)),
                Ok(AgentDocument { version, archived, role, settings }) => {
                    let mut clashes = Vec::new();
                    self.document.update(|document| match document {
                        Some(document) => clashes = document.rebase(version, settings),
                        None => *document = Some(Document::new(version, settings)),
                    });
                    self.role.set(role);
                    self.archived.set(archived);
                    let clashes: Vec<Clash> = clashes.into_iter().map(|pointer| self.clash(pointer)).collect();
                    self.progress.set(if clashes.is_empty() { Progress::Still } else { Progress::Merged(clashes) });
                }
            }
        });
    }

    fn clash(self, pointer: String) -> Clash {
        let theirs = self.document.with_untracked(|document| document.as_ref()?.saved(&pointer).cloned());
        Clash { pointer, theirs: theirs.unwrap_or_default() }
    }

    /// Whether they have been read.
    pub fn is_there(self) -> bool {
        self.document.with(Option::is_some)
    }

    /// What stands at a pointer of the draft.
    pub fn value(self, pointer: &str) -> Option<Value> {
        self.document.with(|document| document.as_ref()?.get(pointer).cloned())
    }

    /// The same as a signal, for what shows it.
    pub fn at(self, pointer: impl Into<String>) -> Memo<Option<Value>> {
        let pointer = pointer.into();
        Memo::new(move || self.value(&pointer))
    }

    /// A text; empty where there is none.
    pub fn text(self, pointer: &str) -> String {
        match self.value(pointer) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// The languages besides the default, by tag.
    pub fn languages(self) -> Vec<String> {
        let Some(Value::Object(languages)) = self.value("/languages") else { return Vec::new() };
        languages.keys().cloned().collect()
    }

    /// The language whose texts are in the fields; empty for the default, also when the chosen one is gone.
    pub fn language(self) -> String {
        let chosen = self.language.get();
        if self.languages().contains(&chosen) { chosen } else { String::new() }
    }

    /// What comes before the pointer of a text in the chosen language.
    pub fn texts_at(self) -> String {
        let language = self.language();
        if language.is_empty() { language } else { format!("/languages/{}", escape(&language)) }
    }

    /// The default text at a pointer, to stand grey in the field of another language.
    pub fn like(self, pointer: &str) -> String {
        untrack(|| if self.language().is_empty() { String::new() } else { self.text(pointer) })
    }

    /// A switch; off where there is none.
    pub fn flag(self, pointer: &str) -> bool {
        self.value(pointer) == Some(Value::Bool(true))
    }

    /// The items of an array.
    pub fn items(self, pointer: &str) -> Vec<Value> {
        match self.value(pointer) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }
    }

    /// The whole draft, as it would be saved; what checks and previews are given.
    pub fn draft(self) -> Value {
        self.document.with(|document| document.as_ref().map_or(Value::Null, |document| document.draft().clone()))
    }

    /// What of the draft is not saved, as a merge patch (RFC 7396).
    pub fn patch(self) -> Value {
        self.document.with(|document| document.as_ref().map_or(Value::Null, Document::patch))
    }

    /// Changes the draft.
    pub fn set(self, pointer: &str, value: impl Into<Value>) {
        let value = value.into();
        self.document.update(|document| {
            if let Some(document) = document {
                document.set(pointer, value);
            }
        });
        self.errors.update(|errors| errors.retain(|error| !overlap(&error.pointer, pointer)));
    }

    /// Adds an item to an array.
    pub fn push(self, pointer: &str, item: impl Into<Value>) {
        let mut items = untrack(|| self.items(pointer));
        items.push(item.into());
        self.set(pointer, items);
    }

    /// Takes an item out of an array, says so, and offers to put that item back; what was changed since stays.
    pub fn remove(self, pointer: &str, index: usize, said: &str) {
        let mut items = untrack(|| self.items(pointer));
        if index >= items.len() {
            return;
        }
        let item = items.remove(index);
        self.set(pointer, items);
        let pointer = pointer.to_owned();
        toasts().offer(said, "Undo", move || {
            let mut items = untrack(|| self.items(&pointer));
            items.insert(index.min(items.len()), item.clone());
            self.set(&pointer, items);
        });
    }

    /// Takes the last change back.
    pub fn undo(self) {
        self.document.update(|document| {
            if let Some(document) = document {
                document.undo();
            }
        });
    }

    /// What is wrong at a pointer, exactly there.
    pub fn error(self, pointer: &str) -> Option<String> {
        self.errors
            .with(|errors| errors.iter().find(|error| error.pointer == pointer).map(|error| error.detail.clone()))
    }

    /// Whether the member may change what stands there.
    pub fn may(self, pointer: &str) -> bool {
        may_change(self.role.get(), pointer)
    }

    /// The pointers that are not saved.
    pub fn changed(self) -> Vec<String> {
        self.document.with(|document| document.as_ref().map(Document::changed).unwrap_or_default())
    }

    /// Whether anything is not saved.
    pub fn is_dirty(self) -> bool {
        self.document.with(|document| document.as_ref().is_some_and(Document::is_dirty))
    }

    /// Gives all changes up.
    pub fn discard(self) {
        self.document.update(|document| {
            if let Some(document) = document {
                document.discard();
            }
        });
        self.errors.set(Vec::new());
        if self.progress.get_untracked() == Progress::Changed {
            self.load();
        } else {
            self.progress.set(Progress::Still);
        }
    }

    /// Saves. What is not right stands at its fields afterwards.
    pub fn save(self) {
        let Some(document) = self.document.get_untracked().filter(Document::is_dirty) else { return };
        if self.progress.get_untracked() == Progress::Saving {
            return;
        }
        self.progress.set(Progress::Saving);
        let toasts = toasts();
        spawn_local(async move {
            let sent = document.draft().clone();
            let route = api::of(&self.agent(), OfAgent::Settings);
            let saved = api::patch_version::<AgentDocument<Value>>(&route, document.version(), &document.patch()).await;
            match saved {
                Ok(AgentDocument { version, settings, .. }) => {
                    self.document.update(|document| {
                        if let Some(document) = document {
                            document.stored(version, settings, &sent);
                        }
                    });
                    self.errors.set(Vec::new());
                    self.progress.set(Progress::Still);
                    toasts.say("Saved. Visitors see it when they open the chat the next time.");
                }
                Err(problem) if problem.code == Code::Changed => self.progress.set(Progress::Changed),
                Err(problem) => {
                    self.errors.set(problem.errors.clone());
                    self.progress.set(Progress::Refused(problem));
                }
            }
        });
    }
}

/// A setting as a person reads it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other if *other == json!([]) => "an empty list".to_owned(),
        other => other.to_string(),
    }
}
