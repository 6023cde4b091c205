//! CSV out of records (RFC 4180). A spreadsheet carries out what begins with `=` or `+`: such a cell gets a `'` in front,
//! which an import takes away again.

use serde_json::{Map, Value};
use shared::admin::collections::Field;

use super::value::written;

/// With what a cell must not begin.
const CARRIED_OUT: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// A cell that no spreadsheet carries out.
pub(super) fn harmless(text: String) -> String {
    if text.starts_with(CARRIED_OUT) { format!("'{text}") } else { text }
}

/// The text of a cell as it was before it was made harmless.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(CARRIED_OUT)).unwrap_or(cell)
}

/// The first line: the fields' names.
pub fn header(fields: &[Field]) -> String {
    line(fields.iter().map(|field| field.name.clone()), ',')
}

/// A record's line.
pub fn record(fields: &[Field], data: &Map<String, Value>) -> String {
    let cells = fields.iter().map(|field| {
        let value = data.get(&field.name);
        let text = value.map(written).unwrap_or_default();
        // A number cannot be carried out. What the field is says nothing of what it was when the record was made.
        if value.is_some_and(Value::is_number) { text } else { harmless(text) }
    });
    line(cells, ',')
}

/// Cells as a line of a file.
pub(super) fn line(cells: impl Iterator<Item = String>, delimiter: char) -> String {
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            line.push(delimiter);
        }
        if cell.contains([',', '"', '\n', '\r', ';', '\t', '|']) || cell != cell.trim() {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&cell);
        }
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};
    use serde_json::json;
    use shared::admin::collections::Kind;

    use super::*;

    fn texts(count: usize) -> Vec<Field> {
        let field = |at| Field {
            name: format!("f{at}"),
            label: String::new(),
            kind: Kind::Text,
            key: false,
            required: false,
            unique: false,
        };
        (0..count).map(field).collect()
    }

    #[test]
    fn a_cell_that_a_spreadsheet_would_carry_out_is_made_harmless() {
        let data =
            serde_json::from_value(json!({"f0": "=cmd|' /C calc'!A0", "f1": "a \"b\", c", "f2": "+1", "f3": "'x"}));
        assert_eq!(record(&texts(4), &data.unwrap()), "\"'=cmd|' /C calc'!A0\",\"a \"\"b\"\", c\",'+1,''x\r\n");
        assert_eq!(header(&texts(2)), "f0,f1\r\n");
    }

    #[test]
    fn a_text_is_made_harmless_in_a_field_that_became_one_of_numbers() {
        let fields: Vec<_> = texts(2).into_iter().map(|field| Field { kind: Kind::Number, ..field }).collect();
        let data = serde_json::from_value(json!({"f0": "=1+1", "f1": -5})).unwrap();
        assert_eq!(record(&fields, &data), "'=1+1,-5\r\n");
    }

    proptest! {
        #[test]
        fn an_import_takes_it_away_again(text in "[-=+@'\t\ra]{0,6}") {
            let cell = harmless(text.clone());
            prop_assert_eq!(plain(&cell), text.as_str());
        }
    }
}
