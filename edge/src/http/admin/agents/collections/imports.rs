//! CSV files on their way in: `GET`, `POST …/collections/{collection}/imports`, `GET`, `PATCH`, `DELETE …/imports/{id}` and
//! `POST …/imports/{id}/commit`. A part says where it begins in `Upload-Offset`; the answer says where the next one does.

use core::ops::Range;
use std::collections::HashMap;

use domain::collection::csv::{self, Piece};
use domain::collection::faults;
use domain::collection::row::{self, Plan, Row};
use shared::admin::MAX_PART_BYTES;
use shared::admin::collections::{
    Commit, Import, LineError, MAX_ERRORS, MAX_KEPT_BYTES, MAX_KEPT_LINE, Mode, NewImport, Stage,
};
use shared::admin::problem::{Code, FieldError};
use worker::Response;

use super::{found, noted};
use crate::clock::now;
use crate::http::admin::{Done, Granted, Refused};
use crate::http::body;
use crate::random;
use crate::store::imports::{self, Open, Part, Whose};

/// The most imports of a collection that are open at once.
const MOST_OPEN: usize = 5;
/// The header that says where a part begins.
const OFFSET: &str = "upload-offset";

/// Those that are not in place.
pub async fn list(granted: &Granted, name: &str) -> Done<Response> {
    found(granted, name).await?;
    Ok(Response::from_json(&imports::list(&granted.ask.env, &granted.agent, name, now()).await?)?)
}

/// Begins one.
pub async fn create(mut granted: Granted, name: &str) -> Done<Response> {
    let asked: NewImport = body::read(&mut granted.ask.request).await?;
    let stored = found(&granted, name).await?;
    let errors = row::faults(&asked, &stored.fields);
    if !errors.is_empty() {
        return Err(Refused::invalid(errors));
    }
    let env = &granted.ask.env;
    imports::drop_old(env, now()).await?;
    if imports::list(env, &granted.agent, name, now()).await?.len() >= MOST_OPEN {
        let words = "There are five open imports of this collection. Finish or drop one of them first.";
        return Err(Refused::said(Code::Conflict, words));
    }
    let id = random::id22()?;
    let whose = Whose { agent: &granted.agent, collection: name, id: &id };
    let key = if asked.mode == Mode::Merge { asked.key.clone() } else { None };
    let plan = Plan { fields: stored.fields, key, columns: Vec::new() };
    imports::insert(env, &whose, &asked, (stored.version, &plan), now()).await?;
    Ok(document(&open(&granted, &whose).await?.import)?.with_status(201))
}

/// Where one is, with its errors.
pub async fn read(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    let whose = Whose { agent: &granted.agent, collection: name, id };
    let mut import = open(granted, &whose).await?.import;
    import.found = imports::errors(&granted.ask.env, id).await?;
    document(&import)
}

/// Takes a part in: whole records alone. The answer holds the part's own errors.
pub async fn part(mut granted: Granted, name: &str, id: &str) -> Done<Response> {
    let headers = granted.ask.request.headers();
    let kind = headers.get("content-type")?.unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")) {
        return Err(Refused::said(Code::WrongType, "A part of an import is sent as text/csv, in UTF-8."));
    }
    let offset = headers.get(OFFSET)?.and_then(|text| text.trim().parse::<u64>().ok());
    let offset =
        offset.ok_or_else(|| Refused::said(Code::BadRequest, "Say in Upload-Offset at which byte it begins."))?;
    let bytes = body::bytes_up_to(&mut granted.ask.request, MAX_PART_BYTES).await?;
    let whose = Whose { agent: &granted.agent, collection: name, id };
    let mut open = open(&granted, &whose).await?;
    if offset != open.import.offset || open.import.stage == Stage::Done {
        return Err(elsewhere(&open));
    }
    let end = offset + bytes.len() as u64;
    if end > open.import.asked.bytes {
        let words = format!(
            "The file was said to have {} bytes; this part goes beyond. Begin the import again.",
            open.import.asked.bytes
        );
        return Err(Refused::said(Code::Invalid, words));
    }
    let env = &granted.ask.env;
    let (part, reading) = read_part(&mut open, bytes, end)?;
    let mut part = without_doubles(env, &open, part).await?;
    keep(&open, &mut part, &reading);
    if !imports::take(env, &open, &part).await? {
        return Err(elsewhere(&self::open(&granted, &whose).await?));
    }
    let mut import = self::open(&granted, &whose).await?.import;
    import.found = part.errors;
    document(&import)
}

/// Puts everything in place at once. Once it is, saying it again changes nothing.
pub async fn commit(mut granted: Granted, name: &str, id: &str) -> Done<Response> {
    let Commit { skip_errors } = body::read(&mut granted.ask.request).await?;
    let whose = Whose { agent: &granted.agent, collection: name, id };
    let open = open(&granted, &whose).await?;
    let stored = found(&granted, name).await?;
    let refused = |words: String| Err(Refused::said(Code::Conflict, words));
    match open.import.stage {
        Stage::Done => return document(&open.import),
        Stage::Open => {
            let Import { offset, asked, .. } = &open.import;
            return refused(format!("Of {} bytes {offset} are here. Send the rest first.", asked.bytes));
        }
        Stage::Complete => {}
    }
    if open.version != stored.version {
        return refused("The collection's fields were changed since the import began. Begin it again.".to_owned());
    }
    if open.import.errors > 0 && !skip_errors {
        let words = "Some lines are not right. Mend them and import again, or say that they are left out.";
        return Err(Refused::said(Code::Invalid, words).at("/skip_errors"));
    }
    if open.import.rows == 0 {
        return refused("There is no record in the file: nothing would be put in place.".to_owned());
    }
    let env = &granted.ask.env;
    if !imports::commit(env, &whose, &open, &stored, now()).await? {
        let again = self::open(&granted, &whose).await?;
        if again.import.stage == Stage::Done {
            return document(&again.import);
        }
        let taken = imports::taken(env, &whose, &open).await?;
        if taken.is_empty() {
            return refused("Something changed in the meantime. Try again.".to_owned());
        }
        let error = |(line, field): (u64, String)| FieldError {
            pointer: format!("/lines/{line}"),
            detail: format!("Line {line}: another record has this {field}, and no two may share it."),
        };
        return Err(Refused::invalid(taken.into_iter().map(error).collect()));
    }
    noted(&granted, name, "imported", Some(open.import.rows)).await?;
    document(&self::open(&granted, &whose).await?.import)
}

/// The lines that are not right, as a file that can be mended and imported again.
pub async fn errors(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    let import = open(granted, &Whose { agent: &granted.agent, collection: name, id }).await?.import;
    let env = &granted.ask.env;
    let (found, kept) = (imports::errors(env, id).await?, imports::lines(env, id).await?);
    noted(granted, name, "errors_exported", Some(found.len() as u64)).await?;
    let file = Response::ok(faults::file(&kept, &found, import.asked.delimiter))?;
    file.headers().set("content-type", "text/csv; charset=utf-8")?;
    file.headers().set("content-disposition", &format!("attachment; filename=\"{name}-errors.csv\""))?;
    Ok(file)
}

/// Drops one.
pub async fn remove(granted: &Granted, name: &str, id: &str) -> Done<Response> {
    let whose = Whose { agent: &granted.agent, collection: name, id };
    if !imports::remove(&granted.ask.env, &whose).await? {
        return Err(Code::NotFound.into());
    }
    Ok(Response::empty()?.with_status(204))
}

async fn open(granted: &Granted, whose: &Whose<'_>) -> Done<Open> {
    imports::find(&granted.ask.env, whose).await?.ok_or_else(|| Code::NotFound.into())
}

/// The part does not begin where it should.
fn elsewhere(open: &Open) -> Refused {
    let words = match open.import.stage {
        Stage::Open => format!("The next part begins at byte {}.", open.import.offset),
        Stage::Complete => "Every byte is here. Put it in place, or drop it.".to_owned(),
        Stage::Done => "This import is in place already. Begin another one.".to_owned(),
    };
    Refused::said(Code::Conflict, words)
}

/// A part as it was read, and where in it each line stands.
struct Reading {
    part: csv::Part,
    spans: Vec<(u64, Range<usize>)>,
    /// Whether the first of them is the header.
    begins: bool,
}

/// Keeps the header and the lines with errors, the first of them, as they stand in the file.
fn keep(open: &Open, part: &mut Part, reading: &Reading) {
    let text = |span: &Range<usize>| reading.part.text(span.clone()).replace('\0', "\u{FFFD}");
    let header = reading.spans.first().filter(|_| reading.begins);
    part.kept.extend(header.map(|(line, span)| (*line, text(span))));
    let mut free = MAX_KEPT_BYTES.saturating_sub(open.kept);
    let count = u64::from(MAX_ERRORS).saturating_sub(open.import.errors) as usize;
    let mut wrong: Vec<u64> = part.errors.iter().take(count).map(|error| error.line).collect();
    wrong.dedup();
    for (line, span) in reading.spans.iter().filter(|(line, span)| wrong.contains(line) && span.len() <= MAX_KEPT_LINE)
    {
        let text = text(span);
        let Some(left) = free.checked_sub(text.len() as u64) else { continue };
        free = left;
        part.kept.push((*line, text));
    }
}

/// What is in a part that ends at this byte of the file.
fn read_part(open: &mut Open, bytes: Vec<u8>, end: u64) -> Done<(Part, Reading)> {
    let Import { asked, offset, .. } = &open.import;
    let delimiter = u8::try_from(asked.delimiter).unwrap_or(b',');
    let mut reading = csv::Part::new(bytes, open.place, end == asked.bytes, delimiter);
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    let (mut spans, begins) = (Vec::new(), open.plan.columns.is_empty());
    while let Some(piece) = reading.read_piece() {
        let (Piece::Record { line, .. } | Piece::Broken { line, .. }) = piece;
        match piece {
            Piece::Broken { line, why } if open.plan.columns.is_empty() => {
                let words = format!("Line {line} should be the header. {}", why.sentence());
                return Err(Refused::field("/mapping", words));
            }
            Piece::Broken { line, why } => {
                errors.push(LineError { line, column: None, detail: why.sentence().to_owned() });
            }
            Piece::Record { cells, .. } if open.plan.columns.is_empty() => {
                open.plan.columns = row::columns(asked, &open.plan.fields, &cells).map_err(Refused::invalid)?;
            }
            Piece::Record { line, cells } => match row::read(&open.plan, line, &cells) {
                Ok(row) => rows.extend(row),
                Err(found) => errors.extend(found),
            },
        }
        spans.extend(reading.span().map(|span| (line, span)));
    }
    let offset = offset + reading.consumed() as u64;
    let part = Part { offset, place: reading.place(), rows, errors, kept: Vec::new() };
    Ok((part, Reading { part: reading, spans, begins }))
}

/// Leaves out lines with a unique value that an earlier line has, and says so.
async fn without_doubles(env: &worker::Env, open: &Open, mut part: Part) -> Done<Part> {
    let plan = &open.plan;
    let is_unique = |name: &str| plan.fields.iter().any(|field| field.unique && field.name == name);
    let values: Vec<(&str, &str)> = part
        .rows
        .iter()
        .flat_map(|row| &row.keys)
        .filter(|(field, _)| is_unique(field))
        .map(|(field, value)| (field.as_str(), value.as_str()))
        .collect();
    if values.is_empty() {
        return Ok(part);
    }
    let seen = imports::seen(env, &open.import.id, &values).await?;
    let mut seen: HashMap<(String, String), u64> =
        seen.into_iter().map(|(field, value, line)| ((field, value), line)).collect();
    let mut rows: Vec<Row> = Vec::with_capacity(part.rows.len());
    for row in part.rows {
        let unique: Vec<_> = row.keys.iter().filter(|(field, _)| is_unique(field)).cloned().collect();
        let double = unique.iter().find_map(|value| seen.get(value).map(|line| (value.0.clone(), *line)));
        if let Some((field, line)) = double {
            let detail = format!("Line {line} has the same value, and no two records may share it.");
            part.errors.push(LineError { line: row.line, column: row::column_of(plan, &field), detail });
        } else {
            seen.extend(unique.into_iter().map(|value| (value, row.line)));
            rows.push(row);
        }
    }
    part.errors.sort_by_key(|error| (error.line, error.column));
    part.rows = rows;
    Ok(part)
}

fn document(import: &Import) -> Done<Response> {
    let response = Response::from_json(import)?;
    response.headers().set(OFFSET, &import.offset.to_string())?;
    Ok(response)
}
