//! The description of the admin API (D4): schemas from the types themselves, paths from one table.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use shared::admin;
use shared::admin::route::Verb;
use utoipa::OpenApi;

use self::rows::{Answer, Body, ROWS, Row};
use crate::agent::Agent;
use crate::member::{allows, needed};

/// What an owner reads of an agent.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it stands for `AgentDocument<Agent>` in the description alone")]
struct AgentDocument {
    /// Rises with each change; also the `ETag`.
    version: u64,
    /// Whether it is archived.
    archived: bool,
    /// What the asker may do with it.
    role: admin::member::Role,
    /// The settings, as far as the asker may see them.
    settings: Agent,
}

#[derive(OpenApi)]
#[openapi(components(schemas(
    AgentDocument,
    admin::AgentSummary,
    admin::NewAgent,
    admin::conversation::Conversation,
    admin::conversation::Conversations,
    admin::install::Loaded,
    admin::member::Claim,
    admin::member::Invitation,
    admin::member::Invite,
    admin::member::Me,
    admin::member::Members,
    admin::member::RoleChange,
    admin::problem::Problem,
    admin::token::ListedToken,
    admin::token::MadeToken,
    admin::token::NewToken,
    admin::trail::Trail,
)))]
struct Schemas;

/// The document.
///
/// # Errors
/// None: what it is made of always serializes.
pub fn document() -> Result<Value, serde_json::Error> {
    let mut schemas =
        serde_json::to_value(Schemas::openapi())?.pointer("/components/schemas").cloned().unwrap_or_default();
    // An editor sees a part of the settings.
    if let Some(Value::Object(agent)) = schemas.get_mut("Agent") {
        agent.remove("required");
    }
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for row in ROWS {
        let path = format!("{}{}", admin::route::PREFIX, row.path);
        let item = paths.entry(path).or_default();
        item.insert(row.verb.as_str().to_lowercase(), operation(row));
        item.entry("parameters").or_insert_with(|| parts(row.path).map(parameter).collect());
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the console does, and what programs do with an API token. Refusals are problem details (RFC 9457).",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": {
                "description": "A refusal: what is wrong and what to do.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, made in the console."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-cs_ag_console",
                    "description": "A member's session. Changes also carry `X-Countersign: 1` and the deployment's own `Origin`."},
            },
        },
    }))
}

/// The named parts of a path.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str) -> Value {
    let pattern = match name {
        "agent" => "^ag_[A-Za-z0-9_-]{1,40}$",
        "conversation" => "^ag_[A-Za-z0-9_-]{1,40}\\.[A-Za-z0-9_-]{22}$",
        _ => "^[A-Za-z0-9_-]{1,64}$",
    };
    json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "pattern": pattern}})
}

fn operation(row: &Row) -> Value {
    let mut parameters: Vec<Value> = row
        .query
        .iter()
        .map(|(name, schema)| json!({"name": name, "in": "query", "schema": schema_of(schema)}))
        .collect();
    if row.versioned {
        parameters.push(json!({"name": "If-Match", "in": "header", "required": true,
            "description": "The version that is changed, as `ETag` gave it.",
            "schema": {"type": "string", "pattern": "^\"[0-9]{1,15}\"$"}}));
    }
    let mut operation = json!({
        "operationId": row.id,
        "summary": row.summary,
        "tags": [row.path.split('/').nth(2).filter(|_| row.path.starts_with("agents/")).unwrap_or("agents")],
        "parameters": parameters,
        "security": security(row),
        "responses": responses(row),
    });
    let Value::Object(fields) = &mut operation else { return operation };
    let content = match row.body {
        Body::None => None,
        Body::Json(schema) => Some(json!({"application/json": {"schema": schema_of(schema)}})),
        Body::Csv => Some(json!({"text/csv": {"schema": {"type": "string"}}})),
    };
    if let Some(content) = content {
        fields.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    operation
}

/// A session for everything; a token where a scope opens it.
fn security(row: &Row) -> Value {
    let path = format!("{}{}", admin::route::PREFIX, example(row.path));
    let route = admin::route::AdminRoute::parse(&path);
    let scopes: BTreeSet<_> = admin::token::Scope::ALL.into();
    let by_token = match route {
        Some(admin::route::AdminRoute::Of(_, what)) => allows(&scopes, needed(&what, row.verb)),
        Some(_) => row.verb == Verb::Get,
        None => false,
    };
    if by_token { json!([{"session": []}, {"token": []}]) } else { json!([{"session": []}]) }
}

/// The path with a name in the place of each part.
fn example(path: &str) -> String {
    path.replace("{agent}", "ag_x")
        .replace("{conversation}", "ag_x.AAAAAAAAAAAAAAAAAAAAAA")
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn responses(row: &Row) -> Value {
    let (status, good) = match row.answer {
        Answer::Empty => (204, json!({"description": "Done."})),
        Answer::Json(status, schema) => (
            status,
            json!({"description": "As asked.", "content": {"application/json": {"schema": schema_of(schema)}}}),
        ),
        Answer::Text(kind) => {
            (200, json!({"description": "As asked.", "content": {kind: {"schema": {"type": "string"}}}}))
        }
    };
    let mut all = Map::from_iter([(status.to_string(), good)]);
    for status in [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 503] {
        all.insert(status.to_string(), json!({"$ref": "#/components/responses/Problem"}));
    }
    Value::Object(all)
}

/// A schema by its short name: `[X]` is a list, a word in lower case is a plain type, `a|b` is one of these words, empty is
/// anything.
fn schema_of(name: &str) -> Value {
    if let Some(item) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return json!({"type": "array", "items": schema_of(item)});
    }
    match name {
        "" => json!({}),
        "number" => json!({"type": "integer", "minimum": 0, "maximum": 1_000_000_000_000_u64}),
        "limit" => json!({"type": "integer", "minimum": 1, "maximum": admin::conversation::MAX_PAGE}),
        "object" | "string" => json!({"type": name}),
        words if words.contains('|') => json!({"type": "string", "enum": words.split('|').collect::<Vec<_>>()}),
        name => json!({"$ref": format!("#/components/schemas/{name}")}),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use shared::admin::route::{AdminRoute, PREFIX};

    use super::{ROWS, document, example};

    #[test]
    fn every_row_is_a_route_with_all_its_methods() {
        let mut described: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in ROWS {
            assert!(described.entry(row.path).or_default().insert(row.verb.as_str()), "{} twice", row.path);
        }
        for (path, verbs) in described {
            let route = AdminRoute::parse(&format!("{PREFIX}{}", example(path))).expect(path);
            let taken: BTreeSet<_> = route.verbs().iter().map(|verb| verb.as_str()).collect();
            assert_eq!(verbs, taken, "{path}");
        }
    }

    #[test]
    fn the_table_of_rights_has_the_same_rows() {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/admin-api.md")).unwrap();
        let begins = text.find("| path | method |").unwrap();
        let rows = text[begins..].lines().skip(2).take_while(|line| line.starts_with('|'));
        let documented: BTreeSet<(String, String)> = rows
            .map(|row| {
                let mut cells = row.split('|').skip(1).map(|cell| cell.trim().trim_matches('`').to_owned());
                (cells.next().unwrap(), cells.next().unwrap())
            })
            .collect();
        let described = ROWS.iter().map(|row| (row.path.to_owned(), row.verb.as_str().to_owned())).collect();
        assert_eq!(documented, described);
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let document = document().unwrap();
        let text = document.to_string();
        for named in text.split("#/components/schemas/").skip(1) {
            let name = named.split('"').next().unwrap();
            assert!(document.pointer(&format!("/components/schemas/{name}")).is_some(), "{name}");
        }
        let ids: BTreeSet<_> = ROWS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ROWS.len());
    }
}
