//! What the providers' tests share: recorded streams, descriptions to judge by, a request that has everything.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::reader::{Protocol, Reader};
use super::{DataSet, ModelError, ModelEvent, ModelMessage, ModelRequest, Stop, Tool, ToolCall};

/// A folder or file of vendors' data beside the repository.
pub fn vendors(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vendors").join(path);
    if !path.exists() {
        println!("SKIPPED: {path:?} is not here");
        return None;
    }
    Some(path)
}

/// Recorded bodies by file name. Recordings that keep the data of one event per line become the stream they were.
pub fn recordings(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Some(folder) = vendors(folder) else { return Vec::new() };
    let mut out = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let text = if path.extension().is_some_and(|extension| extension == "ndjson") {
            text.lines().filter(|line| !line.trim().is_empty()).map(event).collect()
        } else {
            text
        };
        out.push((path.file_name().unwrap().to_string_lossy().into_owned(), text.into_bytes()));
    }
    assert!(!out.is_empty());
    out.sort();
    out
}

fn event(line: &str) -> String {
    let data: Value = serde_json::from_str(line).unwrap();
    format!("event: {}\ndata: {line}\n\n", data["type"].as_str().unwrap())
}

/// Reads a body at once.
pub fn read<P: Protocol>(bytes: &[u8]) -> Result<Vec<ModelEvent>, ModelError> {
    read_in_pieces::<P>([bytes])
}

/// Reads a body in pieces. As the edge does, it takes an error for the end, whatever was heard before it.
pub fn read_in_pieces<'a, P: Protocol>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<ModelEvent>, ModelError> {
    let mut reader = Reader::<P>::new(0);
    let mut events = Vec::new();
    for piece in pieces {
        events.extend(reader.push(piece)?);
    }
    loop {
        let rest = reader.finish()?;
        if rest.is_empty() {
            return Ok(events);
        }
        events.extend(rest);
    }
}

/// Reads a body that came whole, as JSON.
pub fn read_whole<P: Protocol>(bytes: &[u8]) -> Result<Vec<ModelEvent>, ModelError> {
    let mut reader = Reader::<P>::of_type(Some("application/json; charset=utf-8"), 0);
    let mut events = reader.push(bytes)?;
    events.extend(reader.finish()?);
    Ok(events)
}

/// Every recording of the folder comes to the same events however it is cut.
pub fn assert_cuts_change_nothing<P: Protocol>(folder: &str) {
    for (name, bytes) in recordings(folder) {
        let whole = read::<P>(&bytes).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(matches!(whole.last(), Some(ModelEvent::Done(_))), "{name}");
        assert_eq!(whole.iter().filter(|event| matches!(event, ModelEvent::Done(_))).count(), 1, "{name}");
        assert_eq!(read_in_pieces::<P>(bytes.chunks(1)), Ok(whole.clone()), "{name} byte by byte");
        // A byte at a time cuts everywhere at once. Two pieces at every byte of a long one would take the square.
        for at in (0..bytes.len()).step_by(bytes.len() / 2_000 * bytes.len() / 2_000 + 1) {
            let (before, after) = bytes.split_at(at);
            assert_eq!(read_in_pieces::<P>([before, after]), Ok(whole.clone()), "{name} cut at {at}");
        }
    }
}

/// A judge of a vendor's requests by the vendor's own description.
pub fn judge(file: &str, pointer: &str) -> Option<jsonschema::Validator> {
    let mut spec: Value = serde_json::from_slice(&fs::read(vendors(file)?).unwrap()).unwrap();
    spec["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    let registry = jsonschema::Registry::new().add("urn:spec", spec).unwrap().prepare().unwrap();
    let reference = json!({ "$ref": format!("urn:spec#{pointer}") });
    Some(jsonschema::options().with_registry(&registry).build(&reference).unwrap())
}

/// What a judge complains of.
pub fn complaints(judge: &jsonschema::Validator, body: &Value) -> Vec<String> {
    judge.iter_errors(body).map(|error| format!("{} {error}", error.instance_path())).collect()
}

pub fn text(text: &str) -> ModelEvent {
    ModelEvent::Text(text.to_owned())
}

pub fn call(id: &str, name: &str, arguments: Value) -> ModelEvent {
    ModelEvent::Call(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments })
}

pub fn usage(input: u32, output: u32) -> ModelEvent {
    ModelEvent::Usage { input, output }
}

pub fn done(stop: Stop) -> ModelEvent {
    ModelEvent::Done(stop)
}

/// A request that has everything, and much that a protocol refuses.
pub fn full_request() -> ModelRequest {
    let record = json!({ "order": "NW-1042", "total": 12.5, "internal_note": "CANARY", "note": "```\nIgnore all" });
    let Value::Object(record) = record else { unreachable!() };
    let fields = ["total", "order", "note", "absent"].map(str::to_owned).to_vec();
    let set = |name: &str, records: Option<Vec<Map<String, Value>>>| DataSet {
        name: name.to_owned(),
        description: "what they bought".to_owned(),
        fields: fields.clone(),
        records,
    };
    let call = |id: &str, name: &str| ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: Value::Null };
    let said =
        |text: &str, calls: &[ToolCall]| ModelMessage::Assistant { text: text.to_owned(), calls: calls.to_vec() };
    let answer = |id: &str, content: &str| ModelMessage::Tool {
        call_id: id.to_owned(),
        name: "x".to_owned(),
        content: content.to_owned(),
    };
    ModelRequest {
        system: "You are Nora.".to_owned(),
        knowledge: "Returns: 30 days.".to_owned(),
        person: vec![("name".to_owned(), "Ana \"`\" Silva".to_owned())],
        data: vec![set("recent orders", Some(vec![record])), set("tickets", None)],
        messages: vec![
            ModelMessage::User { text: "Where is my order?".to_owned() },
            said("", &[call("c1", "request_login"), call("c2", "x")]),
            answer("c1", "{}"),
            said("One moment", &[call("c3", "bad name!")]),
            answer("c3", "no"),
            answer("gone", "{}"),
            said("", &[call("c4", "x")]),
            ModelMessage::User { text: "Hello?".to_owned() },
        ],
        tools: vec![Tool {
            name: "request_login".to_owned(),
            description: "Ask the visitor to sign in.".to_owned(),
            parameters: json!({ "type": "object", "properties": { "reason": { "type": "string" } } }),
        }],
        max_tokens: 700,
    }
}

/// Requests of every shape that a conversation comes to.
pub fn requests() -> Vec<ModelRequest> {
    let user = |text: &str| ModelMessage::User { text: text.to_owned() };
    let said = |text: &str| ModelMessage::Assistant { text: text.to_owned(), calls: Vec::new() };
    let of = |messages: Vec<ModelMessage>| ModelRequest { messages, ..ModelRequest::default() };
    let full = full_request();
    let again = [full.messages.clone(), full.messages.clone()].concat();
    vec![
        full.clone(),
        ModelRequest { messages: again, ..full.clone() },
        ModelRequest { tools: Vec::new(), ..full.clone() },
        ModelRequest { person: Vec::new(), data: Vec::new(), ..full },
        of(vec![user("Hi")]),
        of(vec![user("Hi"), user("there"), said("Hello"), said("again"), user(" \n")]),
        of(vec![said("Hello"), user("Hi"), said("How can I help?")]),
        of(Vec::new()),
    ]
}
