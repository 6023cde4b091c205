//! A CSV file in the browser: how it is encoded, what stands between its cells, and its first lines.

use csv_core::{ReadRecordResult, ReaderBuilder};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::TextDecoder;

/// The encodings that can be chosen.
pub(super) const ENCODINGS: [(&str, &str); 4] = [
    ("utf-8", "UTF-8"),
    ("windows-1252", "Windows-1252"),
    ("utf-16le", "UTF-16"),
    ("utf-16be", "UTF-16, big end first"),
];

/// What can stand between cells.
pub(super) const DELIMITERS: [(char, &str); 4] = [(',', "Comma"), (';', "Semicolon"), ('\t', "Tab"), ('|', "|")];

/// How many lines are shown.
const SHOWN: usize = 6;
/// The most columns that are shown.
const COLUMNS: usize = 1_000;
/// The most bytes that are looked at for them.
const HEAD: usize = 256 * 1024;

/// The bytes of a file.
pub(super) async fn bytes(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// The SHA-256 of the bytes, in hexadecimal; none where the browser does not say.
pub(super) async fn sha256(bytes: &[u8]) -> Option<String> {
    let asked = web_sys::window()?.crypto().ok()?.subtle().digest_with_str_and_u8_array("SHA-256", bytes).ok()?;
    let digest = Uint8Array::new(&JsFuture::from(asked).await.ok()?).to_vec();
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// How the bytes are most likely encoded: by their first bytes, else UTF-8 where they are.
pub(super) fn encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xFE, ..] => "utf-16le",
        [0xFE, 0xFF, ..] => "utf-16be",
        _ if core::str::from_utf8(bytes).is_ok() => "utf-8",
        _ => "windows-1252",
    }
}

/// The same as UTF-8.
pub(super) fn decoded(bytes: &[u8], encoding: &str) -> Option<Vec<u8>> {
    if encoding == "utf-8" {
        // As it is: what is no UTF-8 is said by line.
        return Some(bytes.to_vec());
    }
    let decoder = TextDecoder::new_with_label(encoding).ok()?;
    // By name: the typed call wants bytes that it may change.
    let decode: js_sys::Function = Reflect::get(&decoder, &JsValue::from_str("decode")).ok()?.dyn_into().ok()?;
    let text = decode.call1(&decoder, &Uint8Array::from(bytes)).ok()?.as_string()?;
    Some(text.into_bytes())
}

/// What most likely stands between the cells of the first line.
pub(super) fn delimiter(bytes: &[u8]) -> char {
    let mut quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in bytes.iter().take(HEAD) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            byte => {
                for (count, (delimiter, _)) in counts.iter_mut().zip(DELIMITERS) {
                    *count += usize::from(char::from(*byte) == delimiter);
                }
            }
        }
    }
    let most = counts.iter().zip(DELIMITERS).rev().max_by_key(|(count, _)| **count);
    most.filter(|(count, _)| **count > 0).map_or(',', |(_, (delimiter, _))| delimiter)
}

/// The header and the first lines.
pub(super) fn head(bytes: &[u8], delimiter: char) -> Vec<Vec<String>> {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let mut rest = bytes.get(..HEAD).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().delimiter(u8::try_from(delimiter).unwrap_or(b',')).build();
    let (mut out, mut ends) = (vec![0; HEAD + 1], vec![0; COLUMNS]);
    let mut lines = Vec::new();
    while lines.len() < SHOWN {
        let (result, read, wrote, count) = reader.read_record(rest, &mut out, &mut ends);
        let is_last = matches!(result, ReadRecordResult::InputEmpty) && !rest.is_empty();
        if !is_last && !matches!(result, ReadRecordResult::Record) {
            break;
        }
        let mut cells: Vec<String> = Vec::new();
        let mut start = 0;
        let last = is_last.then_some(wrote);
        for end in ends.iter().take(count).copied().chain(last) {
            let cell = out.get(start..end).unwrap_or_default();
            cells.push(String::from_utf8_lossy(cell).into_owned());
            start = end;
        }
        lines.push(cells);
        if is_last {
            break;
        }
        rest = rest.get(read..).unwrap_or_default();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_of_the_first_line_is_found() {
        for (line, found) in
            [("a,b;c,d", ','), ("a;b;c", ';'), ("a\tb", '\t'), ("\"a,b,c\";d", ';'), ("a", ','), ("a\nb;c;d", ',')]
        {
            assert_eq!(delimiter(line.as_bytes()), found, "{line}");
        }
    }

    #[test]
    fn bytes_say_how_they_are_encoded() {
        assert_eq!(encoding("Ä".as_bytes()), "utf-8");
        assert_eq!(encoding(&[0xC4]), "windows-1252");
        assert_eq!(encoding(&[0xFF, 0xFE, b'a', 0]), "utf-16le");
        assert_eq!(encoding(&[0xFE, 0xFF, 0, b'a']), "utf-16be");
    }

    #[test]
    fn the_first_lines_are_shown() {
        assert_eq!(head(b"\xEF\xBB\xBFa,b\r\n\"1\n2\",3", ','), [["a", "b"], ["1\n2", "3"]]);
        assert_eq!(head("x\n".repeat(100).as_bytes(), ',').len(), SHOWN);
        assert!(head(b"", ',').is_empty());
    }
}
