//! What providers count.

use serde_json::Value;

/// A count of tokens. Some write `12.0`; whatever is no number counts as none.
pub(super) fn tokens(usage: &Value, name: &str) -> Option<u32> {
    let value = usage.get(name)?;
    let whole = value.as_u64().or_else(|| value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64));
    whole.map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}
