//! The model, neutral of who provides it: what is asked, and what comes back as it streams.

pub mod anthropic;
mod calls;
mod context;
mod error;
mod history;
pub mod openai;
pub mod reader;
pub mod rehearsal;
pub mod retry;
pub mod sse;
mod usage;
pub mod workers_ai;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod vendors;

pub use error::ModelError;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One request to a model. Adapters turn it into a provider's own form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelRequest {
    /// Who the agent is and how it behaves: the site owner's instructions and our own rules.
    pub system: String,
    /// Text that the model may answer from, paragraphs separated by blank lines.
    pub knowledge: String,
    /// Fields of the signed-in person that the settings mark visible, as name and value. Empty before a login.
    pub person: Vec<(String, String)>,
    /// The person's data. Empty before a login. Data, never instructions.
    pub data: Vec<DataSet>,
    /// The conversation, oldest first.
    pub messages: Vec<ModelMessage>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// The most tokens of the answer.
    pub max_tokens: u32,
}

/// Records of one source, cut to the fields that the AI may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSet {
    /// What it is: `recent orders`.
    pub name: String,
    /// What questions it answers.
    pub description: String,
    /// The fields, in the order in which they are read.
    pub fields: Vec<String>,
    /// The records, or none when the source could not be read (the model is told).
    pub records: Option<Vec<Map<String, Value>>>,
}

/// One message of the conversation as the model reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum ModelMessage {
    /// The visitor.
    User {
        /// The text.
        text: String,
    },
    /// The model, earlier.
    Assistant {
        /// The text; may be empty when there are calls.
        text: String,
        /// The tools it called.
        calls: Vec<ToolCall>,
    },
    /// What a tool answered.
    Tool {
        /// The call that this answers.
        call_id: String,
        /// The tool's name.
        name: String,
        /// The answer, text or JSON.
        content: String,
    },
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// `[a-z0-9_]`, 1 to 64.
    pub name: String,
    /// When to call it.
    pub description: String,
    /// JSON Schema of the arguments, an object.
    pub parameters: Value,
}

/// A call that the model made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id, or one of ours where the provider gives none.
    pub id: String,
    /// The tool's name as the model wrote it; may be none of ours.
    pub name: String,
    /// The arguments, `Value::Null` where what the model wrote is no JSON.
    pub arguments: Value,
}

/// A piece of an answer as it streams.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelEvent {
    /// More text.
    Text(String),
    /// A whole call, arguments complete.
    Call(ToolCall),
    /// What the answer cost so far, as the provider counts; the newest takes the place of those before it.
    Usage {
        /// Tokens of the request.
        input: u32,
        /// Tokens of the answer.
        output: u32,
    },
    /// The end. Nothing follows.
    Done(Stop),
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It had said all.
    End,
    /// It waits for the tools that it called.
    ToolCalls,
    /// It reached the most tokens.
    Length,
    /// It would not answer.
    Refused,
}
