//! An operation as the description has it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use shared::admin::collections::MAX_IMPORT_BYTES;
use shared::admin::conversation::{MAX_PAGE, MAX_SEQ};
use shared::admin::problem::Code;
use shared::admin::route::{AdminRoute, PREFIX, Verb};
use shared::admin::token::Scope;

use super::rows::{Answer, Body, Row};
use super::schemas::AGENT;
use crate::member::{allows, needed};

/// Every refusal that can be an operation's.
const REFUSALS: [Code; 12] = [
    Code::BadRequest,
    Code::SignedOut,
    Code::NotAllowed,
    Code::NotFound,
    Code::Conflict,
    Code::Changed,
    Code::TooLarge,
    Code::WrongType,
    Code::Invalid,
    Code::VersionNeeded,
    Code::TooOften,
    Code::Unavailable,
];

/// Its description.
pub fn operation(row: &Row) -> Value {
    let query =
        row.query.iter().map(|(name, schema)| json!({"name": name, "in": "query", "schema": schema_of(schema)}));
    let carried =
        row.carries.iter().map(|header| (header, true)).chain(row.may_carry.iter().map(|header| (header, false)));
    let headers = carried.map(|((name, schema), required)| {
        json!({"name": name, "in": "header", "required": required, "schema": schema_of(schema)})
    });
    let mut operation = json!({
        "operationId": row.id,
        "summary": row.summary,
        "tags": [row.path.split('/').nth(2).filter(|_| row.path.starts_with("agents/")).unwrap_or("agents")],
        "parameters": query.chain(headers).collect::<Vec<_>>(),
        "security": security(row),
        "responses": responses(row),
    });
    let content = match row.body {
        Body::None => None,
        Body::Json(schema) => Some(json!({"application/json": {"schema": schema_of(schema)}})),
        Body::Csv => Some(json!({"text/csv": {"schema": {"type": "string"}}})),
    };
    if let (Some(content), Value::Object(fields)) = (content, &mut operation) {
        fields.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    operation
}

/// The named parts of a path.
pub fn parameters(path: &str) -> Value {
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name| json!({"name": name, "in": "path", "required": true, "schema": part(name)});
    parts.map(parameter).collect()
}

fn part(name: &str) -> Value {
    match name {
        "agent" => json!({"type": "string", "pattern": AGENT}),
        "conversation" => schema_of("ConversationId"),
        "name" => schema_of("secret"),
        _ => schema_of("name"),
    }
}

/// A session for everything; a token where a scope opens it, which is named.
fn security(row: &Row) -> Value {
    let token = match AdminRoute::parse(&format!("{PREFIX}{}", example(row.path))) {
        Some(AdminRoute::Of(_, what)) => {
            let needed = needed(&what, row.verb);
            let opens = |scope: &Scope| allows(&BTreeSet::from([*scope]), needed);
            Scope::ALL.into_iter().find(opens).map(|scope| json!({"token": [scope.as_str()]}))
        }
        Some(_) => (row.verb == Verb::Get).then(|| json!({"token": []})),
        None => None,
    };
    let token = token.filter(|_| !row.by_members);
    [json!({"session": []})].into_iter().chain(token).collect()
}

/// The path with a name in the place of each part.
pub fn example(path: &str) -> String {
    path.replace("{agent}", "ag_x")
        .replace("{conversation}", "ag_x.AAAAAAAAAAAAAAAAAAAAAA")
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn responses(row: &Row) -> Value {
    let mut brings: Vec<_> = row.brings.to_vec();
    let (status, content) = match row.answer {
        Answer::Empty => (204, None),
        Answer::Json(status, schema) => (status, Some(json!({"application/json": {"schema": schema_of(schema)}}))),
        Answer::File(kind) => {
            brings.push(("Content-Disposition", "string"));
            (200, Some(json!({kind: {"schema": {"type": "string"}}})))
        }
    };
    let mut good = Map::from_iter([("description".to_owned(), "Done.".into())]);
    good.extend(content.map(|content| ("content".to_owned(), content)));
    if !brings.is_empty() {
        let header =
            |(name, schema): (&str, &str)| (name.to_owned(), json!({"required": true, "schema": schema_of(schema)}));
        let headers: Map<_, _> = brings.into_iter().map(header).collect();
        good.insert("headers".to_owned(), headers.into());
    }
    let mut all = Map::from_iter([(status.to_string(), good.into())]);
    let statuses = refusals(row);
    for code in REFUSALS.into_iter().filter(|code| statuses.contains(&code.status())) {
        all.insert(code.status().to_string(), json!({"$ref": format!("#/components/responses/{}", name(code))}));
    }
    all.into()
}

/// The statuses of every refusal that can be.
fn refusals(row: &Row) -> BTreeSet<u16> {
    let of_an_agent = row.path.starts_with("agents/{agent}");
    let follow = [
        (400, row.takes_json() || !row.query.is_empty()),
        (401, true),
        (403, of_an_agent || row.verb != Verb::Get),
        (404, of_an_agent),
        (412, row.is_versioned()),
        (413, row.takes_json()),
        (428, row.is_versioned()),
        (503, true),
    ];
    follow.into_iter().filter(|(_, does)| *does).map(|(status, _)| status).chain(row.refuses.iter().copied()).collect()
}

/// What refusals are, by name.
pub fn refused() -> Value {
    let response = |code: Code| {
        let mut response = json!({
            "description": code.title(),
            "content": {"application/problem+json": {"schema": schema_of("Problem")}},
        });
        if let (Code::TooOften, Value::Object(fields)) = (code, &mut response) {
            fields.insert("headers".to_owned(), json!({"Retry-After": {"schema": schema_of("number")}}));
        }
        (name(code), response)
    };
    REFUSALS.into_iter().map(response).collect::<Map<_, _>>().into()
}

/// As the wire says it.
fn name(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A schema by its short name: `[X]` is a list, a word in lower case a plain type, any other one stands among the components.
fn schema_of(name: &str) -> Value {
    if let Some(item) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return json!({"type": "array", "items": schema_of(item)});
    }
    match name {
        "number" => json!({"type": "integer", "minimum": 0, "maximum": MAX_SEQ}),
        "offset" => json!({"type": "integer", "minimum": 0, "maximum": MAX_IMPORT_BYTES}),
        "limit" => json!({"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50}),
        "string" => json!({"type": "string"}),
        "search" => json!({"type": "string", "maxLength": 200}),
        "name" => json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}),
        "secret" => json!({"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}),
        "version" => json!({"type": "string", "pattern": "^\"[0-9]{1,15}\"$"}),
        "tag" => json!({"type": "string", "pattern": "^\"[A-Za-z0-9_-]{43}\"$"}),
        name => json!({"$ref": format!("#/components/schemas/{name}")}),
    }
}
