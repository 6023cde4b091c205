//! Calls put together from the fragments in which providers stream them.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::reader::Heard;
use super::{ModelError, ToolCall};

/// The most calls of one answer.
pub(super) const MAX_CALLS: usize = 64;

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Partial>,
}

/// A call of which fragments arrive.
#[derive(Debug)]
struct Partial {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

/// A piece of a call as a provider sends it; empty where it leaves something out.
#[derive(Debug, Default)]
pub(super) struct Fragment<'a> {
    /// Which call of the answer it belongs to.
    pub index: Option<u64>,
    /// The provider's id.
    pub id: &'a str,
    /// The tool's name, never in pieces.
    pub name: &'a str,
    /// The next piece of the arguments' JSON.
    pub arguments: &'a str,
}

impl Calls {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Begins a call, whatever came before.
    pub(super) fn begin(&mut self, fragment: &Fragment<'_>, heard: &mut Heard) -> Result<(), ModelError> {
        heard.count(fragment.name)?;
        heard.count(fragment.id)?;
        heard.count(fragment.arguments)?;
        if self.calls.len() == MAX_CALLS {
            return Err(ModelError::Malformed);
        }
        self.calls.push(Partial {
            index: fragment.index,
            id: fragment.id.to_owned(),
            name: fragment.name.to_owned(),
            arguments: fragment.arguments.to_owned(),
        });
        Ok(())
    }

    /// More arguments of the call that was begun under this index; of no call, where there is none.
    pub(super) fn more(&mut self, index: Option<u64>, arguments: &str, heard: &mut Heard) -> Result<(), ModelError> {
        heard.count(arguments)?;
        if let Some(call) = self.calls.iter_mut().rev().find(|call| call.index == index) {
            call.arguments.push_str(arguments);
        }
        Ok(())
    }

    /// A fragment that may begin a call or go on with one.
    ///
    /// Fragments belong together by index; where there is none, what has no id continues the last call. A new id
    /// under a used index is a new call, since some providers number all of them 0; so is, where ids are left out
    /// too, another name, or a name after arguments that are whole.
    pub(super) fn fragment(&mut self, fragment: &Fragment<'_>, heard: &mut Heard) -> Result<(), ModelError> {
        let Fragment { index, id, name, arguments } = *fragment;
        if id.is_empty() && name.is_empty() && arguments.is_empty() {
            // The mark of a call's end at some providers.
            return Ok(());
        }
        let same = |call: &&mut Partial| match index {
            Some(_) => call.index == index,
            None => id.is_empty() || call.id == id,
        };
        let open = self.calls.iter_mut().rev().find(same);
        let Some(call) = open.filter(|call| !call.is_followed_by(fragment)) else { return self.begin(fragment, heard) };
        heard.count(arguments)?;
        if call.id.is_empty() {
            heard.count(id)?;
            id.clone_into(&mut call.id);
        }
        // Some providers repeat the name with every fragment.
        if call.name.is_empty() {
            heard.count(name)?;
            name.clone_into(&mut call.name);
        }
        call.arguments.push_str(arguments);
        Ok(())
    }

    /// The calls, whole. Ids that are missing or the same are made from `draw`.
    pub(super) fn whole(self, draw: u64) -> Vec<ToolCall> {
        let mut out: Vec<ToolCall> = Vec::new();
        for (call, number) in self.calls.into_iter().zip(0..) {
            let taken = call.id.is_empty() || out.iter().any(|before| before.id == call.id);
            let id = if taken { made_id(draw, number) } else { call.id };
            let arguments = match call.arguments.trim() {
                // A call without arguments.
                "" | "null" => Value::Object(Map::new()),
                text => serde_json::from_str(text).unwrap_or(Value::Null),
            };
            out.push(ToolCall { id, name: call.name, arguments });
        }
        out
    }
}

impl Partial {
    /// Whether a fragment under the same index is another call.
    fn is_followed_by(&self, fragment: &Fragment<'_>) -> bool {
        if !fragment.id.is_empty() {
            return !self.id.is_empty() && self.id != fragment.id;
        }
        if fragment.name.is_empty() || self.name.is_empty() {
            return false;
        }
        self.name != fragment.name || (!fragment.arguments.is_empty() && is_whole(&self.arguments))
    }
}

fn is_whole(arguments: &str) -> bool {
    // The sign first: a long text is not to be parsed with every fragment.
    arguments.trim_end().ends_with('}') && serde_json::from_str::<IgnoredAny>(arguments).is_ok()
}

/// Nine letters and digits, which is all that Mistral takes, unlike those of other answers.
fn made_id(draw: u64, number: u32) -> String {
    let seven = draw % 36_u64.pow(7);
    let digit = |place: u32| char::from_digit((seven / 36_u64.pow(place) % 36) as u32, 36).unwrap_or('0');
    let drawn: String = (0..7).rev().map(digit).collect();
    format!("{drawn}{number:02}")
}
