//! A JSON document that is edited by JSON pointers (RFC 6901): what is saved, what was changed, and the merge patch (RFC 7396)
//! from one to the other. Pure; the console has no types for settings, the edge judges them.

use serde_json::{Map, Value};
use shared::admin::problem::escape;

/// How many steps can be taken back.
const MOST_STEPS: usize = 200;

/// A document with unsaved changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    version: u64,
    saved: Value,
    draft: Value,
    steps: Vec<Step>,
}

/// What stood at a pointer before a change.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    pointer: String,
    before: Option<Value>,
}

impl Document {
    /// As it was read.
    pub fn new(version: u64, saved: Value) -> Self {
        Self { version, draft: saved.clone(), saved, steps: Vec::new() }
    }

    /// The version that a change names.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All of it, with the changes.
    pub fn draft(&self) -> &Value {
        &self.draft
    }

    /// What stands at a pointer now.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.draft.pointer(pointer)
    }

    /// What stands there on the edge.
    pub fn saved(&self, pointer: &str) -> Option<&Value> {
        self.saved.pointer(pointer)
    }

    /// Changes what stands at a pointer; objects on the way there are made. `null` takes it away when it is saved.
    pub fn set(&mut self, pointer: &str, value: Value) {
        let before = self.get(pointer).cloned();
        if before.as_ref() == Some(&value) {
            return;
        }
        // Letters typed one after the other are one step.
        if self.steps.last().is_none_or(|last| last.pointer != pointer || !value.is_string()) {
            self.steps.push(Step { pointer: pointer.to_owned(), before });
            if self.steps.len() > MOST_STEPS {
                self.steps.remove(0);
            }
        }
        put(&mut self.draft, pointer, Some(value));
    }

    /// Takes the last change back; says where it was.
    pub fn undo(&mut self) -> Option<String> {
        let Step { pointer, before } = self.steps.pop()?;
        put(&mut self.draft, &pointer, before);
        Some(pointer)
    }

    /// Whether anything is not saved.
    pub fn is_dirty(&self) -> bool {
        self.saved != self.draft && !self.changed().is_empty()
    }

    /// The pointers at which something is not saved, the deepest ones, an array as a whole.
    pub fn changed(&self) -> Vec<String> {
        changed(&self.saved, &self.draft)
    }

    /// What to send.
    pub fn patch(&self) -> Value {
        diff(&self.saved, &self.draft)
    }

    /// Gives all changes up.
    pub fn discard(&mut self) {
        self.draft = self.saved.clone();
        self.steps.clear();
    }

    /// The edge saved `sent` and answered with this. What was typed meanwhile stays a change.
    pub fn stored(&mut self, version: u64, settings: Value, sent: &Value) {
        let meanwhile = diff(sent, &self.draft);
        self.draft = settings.clone();
        apply(&mut self.draft, meanwhile);
        self.saved = settings;
        self.version = version;
        self.steps.clear();
    }

    /// Somebody else saved something. Own changes stay on top of it; gives the pointers that both changed.
    pub fn rebase(&mut self, version: u64, newest: Value) -> Vec<String> {
        let mut own = self.changed();
        let theirs = changed(&self.saved, &newest);
        let patch = self.patch();
        self.draft = newest.clone();
        apply(&mut self.draft, patch);
        self.saved = newest;
        self.version = version;
        self.steps.clear();
        // Both may have said the same.
        let still = self.changed();
        own.retain(|own| still.contains(own) && theirs.iter().any(|their| overlap(own, their)));
        own
    }
}

/// A merge patch that makes `after` of `before`.
pub fn diff(before: &Value, after: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (before, after) else { return after.clone() };
    let mut patch = Map::new();
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    for (name, value) in new {
        match old.get(name) {
            Some(same) if same == value => {}
            Some(Value::Object(was)) if value.is_object() => {
                let inner = diff(&Value::Object(was.clone()), value);
                patch.insert(name.clone(), inner);
            }
            _ => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(patch)
}

/// Applies a merge patch, except that a `null` stays one where it is what a setting says: nothing.
fn apply(target: &mut Value, patch: Value) {
    let (Value::Object(fields), Value::Object(patch)) = (&mut *target, &patch) else {
        *target = patch;
        return;
    };
    for (name, value) in patch {
        apply(fields.entry(name.clone()).or_insert(Value::Null), value.clone());
    }
}

/// The pointers at which two documents differ.
pub fn changed(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differ(before, after, "", &mut found);
    found
}

fn differ(before: &Value, after: &Value, at: &str, found: &mut Vec<String>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            found.push(at.to_owned());
        }
        return;
    };
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let at = format!("{at}/{}", escape(name));
        differ(old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null), &at, found);
    }
}

/// Whether one pointer is the other or lies under it.
pub fn overlap(one: &str, other: &str) -> bool {
    let under =
        |deep: &str, high: &str| deep.strip_prefix(high).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    under(one, other) || under(other, one)
}

fn put(target: &mut Value, pointer: &str, value: Option<Value>) {
    let parts: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
    put_at(target, &parts, value);
}

fn put_at(at: &mut Value, parts: &[String], value: Option<Value>) {
    let Some((name, rest)) = parts.split_first() else {
        *at = value.unwrap_or_default();
        return;
    };
    if !at.is_array() && !at.is_object() {
        *at = Value::Object(Map::new());
    }
    let last = rest.is_empty();
    match at {
        Value::Array(items) => {
            let index = name.parse().unwrap_or(usize::MAX).min(items.len());
            match items.get_mut(index) {
                Some(_) if last && value.is_none() => drop(items.remove(index)),
                Some(item) => put_at(item, rest, value),
                None if value.is_some() => {
                    let mut item = Value::Null;
                    put_at(&mut item, rest, value);
                    items.push(item);
                }
                None => {}
            }
        }
        Value::Object(fields) if last && value.is_none() => drop(fields.remove(name)),
        Value::Object(fields) => put_at(fields.entry(name.clone()).or_insert(Value::Null), rest, value),
        _ => {}
    }
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        Document::new(
            3,
            json!({"name": "N", "theme": {"accent": "#000000", "radius": 4}, "origins": ["https://a.example"], "phone": null}),
        )
    }

    #[test]
    fn a_change_is_one_entry_of_the_patch_and_can_be_taken_back() {
        let mut document = document();
        assert!(!document.is_dirty());
        document.set("/theme/accent", json!("#ffffff"));
        document.set("/origins/1", json!("https://b.example"));
        assert_eq!(document.changed(), ["/origins", "/theme/accent"]);
        assert_eq!(
            document.patch(),
            json!({"theme": {"accent": "#ffffff"}, "origins": ["https://a.example", "https://b.example"]})
        );
        assert_eq!(document.undo().as_deref(), Some("/origins/1"));
        assert_eq!(document.undo().as_deref(), Some("/theme/accent"));
        assert!(!document.is_dirty() && document.undo().is_none());
    }

    #[test]
    fn letters_typed_one_after_the_other_are_one_step() {
        let mut document = document();
        for text in ["A", "An", "Ana"] {
            document.set("/name", json!(text));
        }
        document.undo();
        assert_eq!(document.get("/name"), Some(&json!("N")));
    }

    #[test]
    fn what_is_taken_away_is_null_in_the_patch_and_what_was_null_is_made() {
        let mut document = document();
        document.set("/phone/countries", json!(["GB"]));
        document.set("/theme", Value::Null);
        assert_eq!(document.patch(), json!({"phone": {"countries": ["GB"]}, "theme": null}));
        document.discard();
        assert_eq!(document, self::document());
    }

    #[test]
    fn what_is_typed_while_it_is_being_saved_stays_a_change() {
        let mut document = document();
        document.set("/name", json!("Harbor"));
        let sent = document.draft().clone();
        document.set("/name", json!("Harbor Books"));
        document.stored(
            4,
            json!({"name": "Harbor", "theme": {"accent": "#000000", "radius": 4}, "origins": [], "phone": null}),
            &sent,
        );
        assert_eq!((document.version(), document.patch()), (4, json!({"name": "Harbor Books"})));
        assert_eq!(document.get("/origins"), Some(&json!([])));
    }

    #[test]
    fn somebody_elses_change_comes_in_and_own_words_stay() {
        let mut document = document();
        document.set("/name", json!("Mine"));
        document.set("/theme/radius", json!(9));
        let newest = json!({"name": "Theirs", "theme": {"accent": "#123456", "radius": 4}, "origins": ["https://a.example"], "phone": null});
        assert_eq!(document.rebase(5, newest), ["/name"]);
        assert_eq!(document.get("/name"), Some(&json!("Mine")));
        assert_eq!(document.get("/theme/accent"), Some(&json!("#123456")));
        assert_eq!(document.patch(), json!({"name": "Mine", "theme": {"radius": 9}}));
        assert_eq!(document.version(), 5);
        // Who wrote the same has no quarrel.
        let same = json!({"name": "Mine", "theme": {"accent": "#123456", "radius": 4}, "origins": [], "phone": null});
        assert!(document.rebase(6, same).is_empty());
    }

    #[test]
    fn names_with_slashes_and_arrays_are_reached() {
        let mut document = Document::new(1, json!({"a/b": {"~": 1}, "list": [{"x": 1}]}));
        document.set("/a~1b/~0", json!(2));
        document.set("/list/0/x", json!(3));
        assert_eq!(document.draft(), &json!({"a/b": {"~": 2}, "list": [{"x": 3}]}));
        assert_eq!(document.changed(), ["/a~1b/~0", "/list"]);
        document.set("/list/5/x", json!(4));
        assert_eq!(document.get("/list/1/x"), Some(&json!(4)));
    }
}
