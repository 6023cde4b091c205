//! JSON merge patches (RFC 7396), and what one changed.

use serde_json::{Map, Value};
use shared::admin::problem::escape;

/// Applies a patch.
pub fn apply(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(&name);
        } else {
            apply(fields.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The JSON pointers (RFC 6901) that a patch sets or removes, whatever is there: the deepest ones, an array as a whole.
pub fn named(patch: &Value) -> Vec<String> {
    let mut found = Vec::new();
    names(patch, &mut String::new(), &mut found);
    found
}

fn names(patch: &Value, at: &mut String, found: &mut Vec<String>) {
    let fields = match patch {
        Value::Object(fields) if at.is_empty() || !fields.is_empty() => fields,
        // An empty object too: it makes one where there is none.
        _ => {
            found.push(at.clone());
            return;
        }
    };
    for (name, value) in fields {
        let length = at.len();
        at.push('/');
        at.push_str(&escape(name));
        names(value, at, found);
        at.truncate(length);
    }
}

/// The JSON pointers (RFC 6901) at which two documents differ: the deepest ones, an array as a whole.
pub fn changed(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differ(before, after, &mut String::new(), &mut found);
    found
}

fn differ(before: &Value, after: &Value, at: &mut String, found: &mut Vec<String>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            found.push(at.clone());
        }
        return;
    };
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    for name in names {
        let length = at.len();
        at.push('/');
        at.push_str(&escape(name));
        differ(old.get(name).unwrap_or(&Value::Null), new.get(name).unwrap_or(&Value::Null), at, found);
        at.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7396, appendix A.
    #[test]
    fn the_examples_of_the_rfc() {
        for (mut target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            apply(&mut target, patch);
            assert_eq!(target, result);
        }
    }

    #[test]
    fn a_patch_names_what_it_sets_and_removes_even_where_nothing_differs() {
        let patch = json!({"a": {"b": 1, "c": null, "d": {}}, "e/f": [1], "g": {"h": {"i": "x"}}});
        assert_eq!(named(&patch), ["/a/b", "/a/c", "/a/d", "/e~1f", "/g/h/i"]);
        assert_eq!(named(&json!(5)), [""]);
        assert!(named(&json!({})).is_empty());
    }

    #[test]
    fn changes_are_found_where_they_are() {
        let before = json!({"a": {"b": 1, "c": [1, 2]}, "d/e": 1, "same": {"x": 1}});
        let after = json!({"a": {"b": 2, "c": [1]}, "d/e": 1, "same": {"x": 1}, "new": {"y": 1}});
        assert_eq!(changed(&before, &after), ["/a/b", "/a/c", "/new"]);
        assert_eq!(changed(&json!({"d/e": 1}), &json!({"d/e": 2})), ["/d~1e"]);
        assert!(changed(&before, &before).is_empty());
    }
}
