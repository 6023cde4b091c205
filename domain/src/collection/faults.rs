//! The lines of a file that became no record, as a file to be mended and imported again: what is wrong stands in a first column,
//! and the cells after it are as they were. A line that is imported again unmended is wrong again: it has as many cells as before.

use shared::admin::collections::{FAULTS, LineError};

use super::csv::{Part, Piece, Place};
use super::export::{harmless, line, plain};

/// The file. `kept` are the header and the lines, as they stood in the file, each with its number; `errors` are in the order of
/// lines. Of a line that is not among the kept only the number and what is wrong is written.
pub fn file(kept: &[(u64, String)], errors: &[LineError], delimiter: char) -> String {
    let header = kept.first().map(|(_, text)| cells(text, delimiter)).unwrap_or_default();
    // Such a file that is imported again already has the column.
    let old = header.iter().position(|name| plain(name.trim()) == FAULTS);
    let written = |first: String, cells: Vec<String>| {
        let rest = cells.into_iter().enumerate().filter(|(at, _)| Some(*at) != old).map(|(_, cell)| cell);
        // Once plain, a cell is made harmless as what is exported: an import takes exactly that away again.
        line(core::iter::once(first).chain(rest).map(|cell| harmless(plain(&cell).to_owned())), delimiter)
    };
    // Spreadsheets take a file without a byte order mark for another encoding.
    let mut text = "\u{FEFF}".to_owned();
    text.push_str(&written(FAULTS.to_owned(), header.clone()));
    for errors in errors.chunk_by(|one, next| one.line == next.line) {
        let Some(LineError { line: number, .. }) = errors.first() else { continue };
        let mut words = format!("Line {number}:");
        for error in errors {
            let at = error.column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
            if let Some(name) = at.and_then(|at| header.get(at)) {
                words.extend([" ", plain(name.trim()), ":"]);
            }
            words.extend([" ", &error.detail]);
        }
        let was = kept.iter().skip(1).find(|(line, _)| line == number);
        text.push_str(&written(words, was.map(|(_, text)| cells(text, delimiter)).unwrap_or_default()));
    }
    text
}

/// The cells of a line; one that is no record is one cell.
fn cells(text: &str, delimiter: char) -> Vec<String> {
    let place = Place { line: 1, skipping: false };
    let delimiter = u8::try_from(delimiter).unwrap_or(b',');
    let mut part = Part::new(text.as_bytes().to_vec(), Some(place), true, delimiter);
    match part.read_piece() {
        Some(Piece::Record { cells, .. }) => {
            cells.into_iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
        }
        _ => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use shared::admin::collections::{Field, Kind, Mode, NewImport};

    use super::*;
    use crate::collection::row::{Plan, columns, read};

    fn error(line: u64, column: Option<u32>, detail: &str) -> LineError {
        LineError { line, column, detail: detail.into() }
    }

    fn kept(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        lines.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn a_bad_line_stands_as_it_was_behind_what_is_wrong_with_it() {
        let kept = kept(&[(1, "number,E-Mail"), (3, "2,\"not, one\""), (5, "3"), (7, "4,\"oops")]);
        let errors = [
            error(3, Some(2), "Not an address."),
            error(5, None, "Too few."),
            error(7, None, "Not closed."),
            error(9, None, "Too long."),
        ];
        assert_eq!(
            file(&kept, &errors, ','),
            "\u{FEFF}What is wrong (not imported),number,E-Mail\r\nLine 3: E-Mail: Not an address.,2,\"not, one\"\r\n\
             Line 5: Too few.,3\r\nLine 7: Not closed.,\"4,\"\"oops\"\r\nLine 9: Too long.\r\n"
        );
    }

    #[test]
    fn all_that_is_wrong_in_a_line_is_one_cell_and_the_column_is_there_once() {
        let kept = kept(&[(1, "What is wrong (not imported);number;age"), (2, "Line 9: x;;ten")]);
        let errors = [error(2, Some(2), "Fill it in."), error(2, Some(3), "No number.")];
        assert_eq!(
            file(&kept, &errors, ';'),
            "\u{FEFF}What is wrong (not imported);number;age\r\nLine 2: number: Fill it in. age: No number.;;ten\r\n"
        );
    }

    #[test]
    fn what_a_spreadsheet_would_carry_out_is_made_harmless_once() {
        let kept = kept(&[(1, "=a,b"), (2, "=1+1,'-x"), (3, "@x,''y")]);
        let errors = [error(2, None, "x"), error(3, None, "=y")];
        assert_eq!(
            file(&kept, &errors, ','),
            "\u{FEFF}What is wrong (not imported),'=a,b\r\nLine 2: x,'=1+1,'-x\r\nLine 3: =y,'@x,''y\r\n"
        );
    }

    #[test]
    fn the_file_is_read_as_the_lines_were_and_its_first_column_fills_nothing() {
        let field = |name: &str, kind| Field {
            name: name.into(),
            label: String::new(),
            kind,
            key: false,
            required: false,
            unique: false,
        };
        let fields = vec![field("name", Kind::Text), field("age", Kind::Number)];
        let kept = kept(&[(1, "name,age"), (2, "'=x,ten"), (3, "a,-5,more"), (4, "b")]);
        let errors = [error(2, Some(2), "No number."), error(3, None, "Many."), error(4, None, "Few.")];
        let text = file(&kept, &errors, ',').replace("ten", "-10");
        let asked = NewImport {
            name: String::new(),
            bytes: text.len() as u64,
            mode: Mode::Replace,
            key: None,
            mapping: std::collections::BTreeMap::new(),
            delimiter: ',',
            encoding: String::new(),
            sha256: None,
        };
        let mut part = Part::new(text.into_bytes(), None, true, b',');
        let mut plan = Plan { fields, key: None, columns: Vec::new() };
        let mut rows = Vec::new();
        while let Some(Piece::Record { line, cells }) = part.read_piece() {
            if plan.columns.is_empty() {
                plan.columns = columns(&asked, &plan.fields, &cells).unwrap();
            } else {
                rows.push(read(&plan, line, &cells).map(|row| serde_json::Value::from(row.unwrap().data)).ok());
            }
        }
        assert_eq!(plan.columns, [None, Some("name".into()), Some("age".into())]);
        assert_eq!(rows, [Some(serde_json::json!({"name": "=x", "age": -10})), None, None]);
    }
}
