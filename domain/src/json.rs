//! JSON by one reader. Serde compiles the reading of a type anew for each kind of input (bytes, text, a value); the larger types
//! are read and written as text alone, so that the edge holds their code once (`docs/decisions/0026-room-for-the-console.md`).

use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Error, Value};

/// Reads bytes.
///
/// # Errors
/// When they are not UTF-8, or not such JSON.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_str(core::str::from_utf8(bytes).map_err(Error::custom)?)
}

/// Reads a value.
///
/// # Errors
/// When it is not such a value. The error's words end with a place, which says nothing of the value: [`words`].
pub fn of<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    serde_json::from_str(&value.to_string())
}

/// Writes something as a value.
///
/// # Errors
/// When it has no form in JSON.
pub fn value<T: Serialize>(it: &T) -> Result<Value, Error> {
    serde_json::from_str(&serde_json::to_string(it)?)
}

/// What an error says, without the place in the text.
pub fn words(error: &Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{of, read, value, words};

    #[test]
    fn what_is_read_is_what_was_written() {
        let whole = json!({"a": [1, -2, 0.5, "x\u{0}\u{1F600}\"\\", null, true, u64::MAX]});
        assert_eq!(of::<Value>(&whole).unwrap(), whole);
        assert_eq!(read::<Value>(whole.to_string().as_bytes()).unwrap(), whole);
        assert_eq!(value(&whole).unwrap(), whole);
        assert!(read::<Value>(b"\"\xff\"").is_err());
    }

    #[test]
    fn words_have_no_place_in_them() {
        assert_eq!(words(&of::<u8>(&json!("x")).unwrap_err()), "invalid type: string \"x\", expected u8");
        assert_eq!(words(&read::<Value>(b"{").unwrap_err()), "EOF while parsing an object");
    }
}
