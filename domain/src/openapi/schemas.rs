//! The schemas: from the wire types themselves, with the names that clients read.

use serde_json::{Map, Value, json};
use shared::admin;
use shared::{card, frame, id};
use utoipa::OpenApi;

use crate::action::Action;
use crate::agent::{Agent, ModelChoice};
use crate::audit::AuditKind;

/// Any JSON.
#[derive(utoipa::ToSchema)]
#[schema(value_type = Value)]
#[expect(dead_code, reason = "it stands for `serde_json::Value` in the description alone")]
struct Any(Value);

/// Values by name.
#[derive(utoipa::ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "it stands for a map of `serde_json::Value` in the description alone")]
struct Values(Map<String, Value>);

#[derive(OpenApi)]
#[openapi(components(schemas(
    admin::AgentDocument<Agent>,
    admin::AgentSummary,
    admin::NewAgent,
    admin::action::Check<Any>,
    admin::action::Checked,
    admin::action::Judged<Any>,
    admin::action::Sample,
    admin::action::Trial<Values>,
    admin::action::TrialOf<Action, Values>,
    admin::collections::Collection,
    admin::collections::CollectionChange,
    admin::collections::Commit,
    admin::collections::Import,
    admin::collections::NewCollection,
    admin::collections::NewImport,
    admin::collections::NewRecord<Values>,
    admin::collections::Page<Values>,
    admin::collections::Record<Values>,
    admin::collections::RecordChange<Values>,
    admin::conversation::Conversation,
    admin::conversation::Conversations,
    admin::install::Loaded,
    admin::install::Look,
    admin::install::Looked,
    admin::member::Claim,
    admin::member::Invitation,
    admin::member::Invite,
    admin::member::Me,
    admin::member::Members,
    admin::member::RoleChange,
    admin::problem::Problem,
    admin::secret::SecretValue,
    admin::secret::Secrets,
    admin::token::ListedToken,
    admin::token::MadeToken,
    admin::token::NewToken,
    admin::trail::Trail,
    admin::trial::ModelCheck<ModelChoice>,
    admin::trial::ModelChecked,
    admin::trial::TestChat,
    admin::trial::TestMessage<Agent>,
    admin::trial::TestSent,
    Agent,
    AuditKind,
    ModelChoice,
    card::Method,
    frame::Numbered,
    frame::State,
    id::ConversationId,
)))]
struct Schemas;

/// What comes before the name of a schema where another one names it.
const REF: &str = "#/components/schemas/";

/// The patterns of identifiers (`shared::id`).
pub const AGENT: &str = "^ag_[A-Za-z0-9_-]{1,68}$";
const IDS: [(&str, &str); 5] = [
    ("AgentId", AGENT),
    ("CardId", "^[A-Za-z0-9_-]{22}$"),
    ("ConversationId", "^ag_[A-Za-z0-9_-]{1,68}\\.[A-Za-z0-9_-]{22}$"),
    ("MessageId", "^[A-Za-z0-9_-]{8,64}$"),
    ("PersonId", "^[A-Za-z0-9_-]{43}$"),
];

/// All of them by name.
///
/// # Errors
/// None: what they are made of always serializes.
pub fn schemas() -> Result<Map<String, Value>, serde_json::Error> {
    let document = serde_json::to_value(Schemas::openapi())?;
    let Some(Value::Object(all)) = document.pointer("/components/schemas").cloned() else { return Ok(Map::new()) };
    // What a type is made of stands after its name: `Record_BTreeMap_String_Value`.
    let mut all: Map<String, Value> = all.into_iter().map(|(name, schema)| (plain(&name).to_owned(), schema)).collect();
    all.values_mut().for_each(tidy);
    // What a type is made of is written out in it; what has a name of its own is named.
    for named in ["Action", "Agent", "ModelChoice"] {
        let Some(schema) = all.get(named).cloned() else { continue };
        all.iter_mut().filter(|(name, _)| *name != named).for_each(|(_, other)| fold(other, named, &schema));
    }
    for (name, pattern) in IDS {
        if let Some(Value::Object(schema)) = all.get_mut(name) {
            schema.insert("pattern".to_owned(), pattern.into());
        }
    }
    let patch = patch(all.get("Agent").unwrap_or(&Value::Null), &all);
    all.insert("AgentPatch".to_owned(), patch);
    // An editor sees a part of the settings.
    if let Some(Value::Object(agent)) = all.get_mut("Agent") {
        agent.remove("required");
    }
    let import = all.get("Import").map(|import| flat(import, &all));
    all.extend(import.map(|import| ("Import".to_owned(), import)));
    Ok(all)
}

/// A type's name without what it is made of.
fn plain(name: &str) -> &str {
    name.split('_').next().unwrap_or_default()
}

/// Names other schemas as [`schemas`] does, and takes the marks of links out of descriptions.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(named)) = fields.get_mut("$ref") {
                *named = format!("{REF}{}", plain(named.trim_start_matches(REF)));
            }
            if let Some(Value::String(words)) = fields.get_mut("description") {
                *words = words.replace("[`", "`").replace("`]", "`");
            }
            // None of ours is below zero: what is called so has all of its 32 bits.
            if fields.get("format").is_some_and(|format| format == "int32") {
                fields.remove("format");
                fields.entry("maximum").or_insert(u32::MAX.into());
            }
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Puts the name in the place of what is this schema.
fn fold(inside: &mut Value, named: &str, schema: &Value) {
    if inside == schema {
        *inside = json!({"$ref": format!("{REF}{named}")});
        return;
    }
    match inside {
        Value::Object(fields) => fields.values_mut().for_each(|inner| fold(inner, named, schema)),
        Value::Array(items) => items.iter_mut().for_each(|inner| fold(inner, named, schema)),
        _ => {}
    }
}

/// The schema that is named, or the schema itself.
fn target<'a>(schema: &'a Value, all: &'a Map<String, Value>) -> &'a Value {
    let named = schema.get("$ref").and_then(Value::as_str).and_then(|named| all.get(named.trim_start_matches(REF)));
    named.unwrap_or(schema)
}

/// One object of the fields of all that it is put together from: a part that refuses other fields than its own would refuse
/// those of the rest.
fn flat(schema: &Value, all: &Map<String, Value>) -> Value {
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten().map(|part| target(part, all));
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts {
        properties.extend(part.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
        required.extend(part.get("required").and_then(Value::as_array).cloned().unwrap_or_default());
    }
    json!({"type": "object", "description": schema.get("description"), "properties": properties, "required": required})
}

/// A merge patch of what this schema describes (RFC 7396): objects in part, null where a field may be absent. Lists, and what
/// has several forms, are judged when the patch is applied.
fn patch(schema: &Value, all: &Map<String, Value>) -> Value {
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties = properties.map(|(name, field)| {
        let inner = target(field, all);
        let is_object = inner.get("properties").is_some();
        let mut patched = if is_object {
            patch(inner, all)
        } else if let Some(forms) = inner.get("oneOf").and_then(Value::as_array) {
            let mut types: Vec<&str> = vec!["object"];
            types.extend(forms.iter().any(|form| form["type"] == "null").then_some("null"));
            json!({"type": types})
        } else {
            field.clone()
        };
        if !required.contains(&Value::from(name.as_str())) {
            patched = json!({"anyOf": [patched, {"type": "null"}]});
        }
        (name.clone(), patched)
    });
    let properties: Map<String, Value> = properties.collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}
