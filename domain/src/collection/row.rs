//! Lines of a CSV file as records: which column fills which field, and what is wrong by line and column.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::admin::collections::{Field, LineError, Mode, NewImport, suggested};
use shared::admin::problem::{FieldError, escape};

use super::export::plain;
use super::value;
use super::{MAX_RECORD_BYTES, TOO_LARGE, TOO_LONG_FOR_A_KEY, has_key, keys};

/// A cell in which another program has put U+FFFD in the place of what it could not read.
const LOST: &str =
    "Letters were lost here: \u{FFFD} stands in their place. Type them again, or save the file as UTF-8.";

/// Which column fills which field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The fields that the collection had when the import began.
    pub fields: Vec<Field>,
    /// By which field lines and records are the same; none where the file takes the records' place.
    pub key: Option<String>,
    /// For each column the field's name; none for one that is left out. Empty until the header is read.
    pub columns: Vec<Option<String>>,
}

/// A line that became a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line in which it begins.
    pub line: u64,
    /// Its values. Where records are merged, an empty cell is null: it empties the field.
    pub data: Map<String, Value>,
    /// The values by which it is found.
    pub keys: Vec<(String, String)>,
    /// The value by which it and a record are the same.
    pub key: Option<String>,
}

/// What is wrong with an import before a byte of it is read.
pub fn faults(asked: &NewImport, fields: &[Field]) -> Vec<FieldError> {
    let mut found = Vec::new();
    let mut add = |pointer: String, detail: &str| found.push(FieldError { pointer, detail: detail.to_owned() });
    if asked.name.chars().count() > 200 || asked.name.chars().any(char::is_control) {
        add("/name".to_owned(), "A file's name has at most 200 characters, none of them hidden.");
    }
    if asked.bytes == 0 || asked.bytes > shared::admin::collections::MAX_IMPORT_BYTES {
        add("/bytes".to_owned(), "A file has at least one byte and at most 100 MiB. Split a larger one.");
    }
    if !matches!(asked.delimiter, ',' | ';' | '\t' | '|') {
        add("/delimiter".to_owned(), "Cells are told apart by a comma, a semicolon, a tab or |.");
    }
    if asked.encoding.len() > 40 {
        add("/encoding".to_owned(), "This is the name of an encoding: utf-8, windows-1252.");
    }
    let is_digest = |text: &String| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !asked.sha256.as_ref().is_none_or(is_digest) {
        add("/sha256".to_owned(), "A SHA-256 is 64 small hexadecimal digits.");
    }
    let is_unique = |name: &String| fields.iter().any(|field| field.name == *name && field.unique);
    match (asked.mode, &asked.key) {
        (Mode::Merge, None) => add("/key".to_owned(), "Say by which unique field lines and records are the same."),
        (Mode::Merge, Some(key)) if !is_unique(key) => {
            add("/key".to_owned(), "Records are merged by a unique field. Mark the field as unique first.");
        }
        (Mode::Replace, Some(_)) => add("/key".to_owned(), "A file that replaces the records has no key."),
        _ => {}
    }
    for (header, name) in &asked.mapping {
        if !fields.iter().any(|field| field.name == *name) {
            let pointer = format!("/mapping/{}", escape(header));
            add(pointer, "The collection has no such field.");
        }
    }
    found
}

/// What each column fills, by the header.
///
/// # Errors
/// What keeps the file from being read, as fields of what was asked for.
pub fn columns(asked: &NewImport, fields: &[Field], header: &[&[u8]]) -> Result<Vec<Option<String>>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut add = |pointer: String, detail: String| errors.push(FieldError { pointer, detail });
    let mut names: Vec<String> = Vec::new();
    for (at, cell) in header.iter().enumerate() {
        let name = core::str::from_utf8(cell).unwrap_or_else(|_| {
            add("/encoding".to_owned(), format!("The header of column {} is not UTF-8.", at + 1));
            ""
        });
        names.push(plain(name.trim()).trim().to_owned());
    }
    let mut columns: Vec<Option<String>> = vec![None; names.len()];
    if asked.mapping.is_empty() {
        let mut taken = Vec::new();
        for (name, column) in names.iter().zip(&mut columns) {
            if let Some(field) = suggested(name, fields)
                && !taken.contains(&&field.name)
            {
                taken.push(&field.name);
                *column = Some(field.name.clone());
            }
        }
        if taken.is_empty() {
            add(
                "/mapping".to_owned(),
                "No column's header is the name of a field. Say which column fills which.".into(),
            );
        }
    }
    let mut filled = BTreeMap::new();
    for (header, field) in &asked.mapping {
        let pointer = format!("/mapping/{}", escape(header));
        let mut found = names.iter().zip(&mut columns).filter(|(name, _)| *name == header.trim());
        match (found.next(), found.next()) {
            (None, _) => add(pointer, "The file has no column with this header.".into()),
            (_, Some(_)) => add(pointer, "Two columns have this header. Rename one of them in the file.".into()),
            (Some((_, column)), None) => {
                if filled.insert(field, header).is_some() {
                    add(pointer, "Another column fills this field already.".into());
                }
                *column = Some(field.clone());
            }
        }
    }
    let is_filled = |name: &str| columns.iter().flatten().any(|column| column == name);
    for field in fields.iter().filter(|field| field.required && !is_filled(&field.name)) {
        let words = format!("Every record must have \"{}\", and no column fills it.", field.shown());
        errors.push(FieldError { pointer: "/mapping".to_owned(), detail: words });
    }
    if let Some(key) = asked.key.as_deref().filter(|key| !is_filled(key)) {
        let words = format!("Lines and records are the same by \"{key}\", and no column fills it.");
        errors.push(FieldError { pointer: "/key".to_owned(), detail: words });
    }
    if errors.is_empty() { Ok(columns) } else { Err(errors) }
}

/// A line as a record; none for a line in which every cell is blank.
///
/// # Errors
/// Everything that is wrong in it.
pub fn read(plan: &Plan, line: u64, cells: &[&[u8]]) -> Result<Option<Row>, Vec<LineError>> {
    let is_blank = |cell: &&[u8]| cell.iter().all(u8::is_ascii_whitespace);
    if cells.iter().all(is_blank) {
        return Ok(None);
    }
    let about = |column: usize, detail: String| LineError { line, column: u32::try_from(column + 1).ok(), detail };
    let whole = |detail: String| LineError { line, column: None, detail };
    let (has, wanted) = (cells.len(), plan.columns.len());
    if has < wanted || !cells.iter().skip(wanted).all(is_blank) {
        let columns = if has == 1 { "1 column".to_owned() } else { format!("{has} columns") };
        let words = format!(
            "This line has {columns}, the header has {wanted}. Look for a separator or a \" too few or too many."
        );
        return Err(vec![whole(words)]);
    }
    let mut errors = Vec::new();
    let mut data = Map::new();
    for (at, (name, cell)) in plan.columns.iter().zip(cells).enumerate() {
        let Some(field) = name.as_ref().and_then(|name| plan.fields.iter().find(|field| field.name == *name)) else {
            continue;
        };
        let Ok(text) = core::str::from_utf8(cell) else {
            errors.push(about(at, "This is not UTF-8. Save the file as UTF-8, or say how it is encoded.".to_owned()));
            continue;
        };
        if text.contains(char::REPLACEMENT_CHARACTER) {
            errors.push(about(at, LOST.to_owned()));
            continue;
        }
        match value::read(field.kind, plain(text)) {
            Ok(Some(value)) if field.is_keyed() && !has_key(&value) => {
                errors.push(about(at, TOO_LONG_FOR_A_KEY.to_owned()));
            }
            Ok(Some(value)) => {
                data.insert(field.name.clone(), value);
            }
            Ok(None) if field.required || plan.key.as_ref() == Some(&field.name) => {
                errors.push(about(at, format!("Every record must have \"{}\"; fill it in.", field.shown())));
            }
            Ok(None) if plan.key.is_some() => {
                data.insert(field.name.clone(), Value::Null);
            }
            Ok(None) => {}
            Err(fault) => errors.push(about(at, fault.to_owned())),
        }
    }
    if serde_json::to_string(&data).map_or(usize::MAX, |text| text.len()) > MAX_RECORD_BYTES {
        errors.push(whole(TOO_LARGE.to_owned()));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let keys = keys(&plan.fields, &data);
    let key = plan.key.as_ref().and_then(|name| keys.iter().find(|(field, _)| field == name));
    Ok(Some(Row { line, key: key.map(|(_, value)| value.clone()), keys, data }))
}

/// The column that fills a field, from 1.
pub fn column_of(plan: &Plan, field: &str) -> Option<u32> {
    let at = plan.columns.iter().position(|name| name.as_deref() == Some(field))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::admin::collections::Kind;

    use super::*;

    fn field(name: &str, kind: Kind) -> Field {
        Field { name: name.into(), label: String::new(), kind, key: false, required: false, unique: false }
    }

    fn staff() -> Vec<Field> {
        vec![
            Field { required: true, unique: true, label: "Employee number".into(), ..field("number", Kind::Text) },
            field("email", Kind::Email),
            field("age", Kind::Number),
        ]
    }

    fn asked(mapping: &[(&str, &str)]) -> NewImport {
        let mapping = mapping.iter().map(|(header, field)| ((*header).to_owned(), (*field).to_owned())).collect();
        NewImport {
            name: "staff.csv".into(),
            bytes: 10,
            mode: Mode::Replace,
            key: None,
            mapping,
            delimiter: ',',
            encoding: String::new(),
            sha256: None,
        }
    }

    fn plan(key: Option<&str>) -> Plan {
        let columns = vec![Some("number".into()), None, Some("email".into()), Some("age".into())];
        Plan { fields: staff(), key: key.map(Into::into), columns }
    }

    fn cells(line: &str) -> Vec<&[u8]> {
        line.split(',').map(str::as_bytes).collect()
    }

    #[test]
    fn columns_are_found_by_name_label_or_mapping() {
        let by_name = columns(&asked(&[]), &staff(), &cells("E-Mail,employee NUMBER,Age,x")).unwrap();
        assert_eq!(by_name, [Some("email".into()), Some("number".into()), Some("age".into()), None]);
        let mapped = columns(&asked(&[("Nr.", "number")]), &staff(), &cells("x, Nr. ")).unwrap();
        assert_eq!(mapped, [None, Some("number".into())]);
    }

    #[test]
    fn a_header_that_does_not_fit_is_said() {
        let pointers = |asked: &NewImport, header: &str| -> Vec<String> {
            columns(asked, &staff(), &cells(header)).unwrap_err().into_iter().map(|error| error.pointer).collect()
        };
        assert_eq!(pointers(&asked(&[]), "x,y"), ["/mapping", "/mapping"]);
        assert_eq!(pointers(&asked(&[("a/b", "number")]), "x"), ["/mapping/a~1b", "/mapping"]);
        assert_eq!(pointers(&asked(&[("x", "number")]), "x,x"), ["/mapping/x", "/mapping"]);
        assert_eq!(pointers(&asked(&[("x", "number"), ("y", "number")]), "x,y"), ["/mapping/y"]);
        assert!(columns(&asked(&[]), &staff(), &[b"\xFF"]).is_err());
        let merge = NewImport { mode: Mode::Merge, key: Some("email".into()), ..asked(&[("number", "nothing")]) };
        assert_eq!(faults(&merge, &staff()).len(), 2);
        assert_eq!(faults(&NewImport { bytes: 0, delimiter: 'x', ..asked(&[]) }, &staff()).len(), 2);
    }

    #[test]
    fn a_line_becomes_a_record() {
        let row = read(&plan(None), 7, &cells("'-E 1,ignored,Ann@Example.com,")).unwrap().unwrap();
        assert_eq!(Value::from(row.data), json!({"number": "-E 1", "email": "ann@example.com"}));
        assert_eq!(row.keys, [("email".into(), "ann@example.com".into()), ("number".into(), "-e1".into())]);
        assert_eq!((row.key, row.line), (None, 7));
        let row = read(&plan(Some("number")), 8, &cells("E1,,,,")).unwrap().unwrap();
        assert_eq!(Value::from(row.data), json!({"number": "E1", "email": null, "age": null}));
        assert_eq!(row.key.as_deref(), Some("e1"));
        assert_eq!(read(&plan(None), 9, &cells(" ,,,")), Ok(None));
    }

    #[test]
    fn everything_that_is_wrong_in_a_line_is_said_by_column() {
        let wrong = |line: &[&[u8]]| -> Vec<Option<u32>> {
            read(&plan(None), 2, line).unwrap_err().into_iter().map(|error| error.column).collect()
        };
        assert_eq!(wrong(&cells(",x,ann,ten")), [Some(1), Some(3), Some(4)]);
        assert_eq!(wrong(&cells("1,2,3")), [None]);
        assert_eq!(wrong(&cells("1,2,,,5")), [None]);
        assert_eq!(wrong(&[b"\xFF", b"", b"", b""]), [Some(1)]);
        assert_eq!(wrong(&cells("1,\u{FFFD},a\u{FFFD}@example.com,")), [Some(3)]);
        assert_eq!(wrong(&["1".repeat(101).as_bytes(), b"", b"", b""]), [Some(1)]);
    }
}
