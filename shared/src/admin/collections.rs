//! Collections: tables of records that the site owner keeps here (M6). `D` is a record's data: a JSON object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most fields of a collection.
pub const MAX_FIELDS: usize = 100;
/// The most bytes of a file that is imported, as UTF-8.
pub const MAX_IMPORT_BYTES: u64 = 100 * 1024 * 1024;
/// The most errors of an import that are kept; more are counted.
pub const MAX_ERRORS: u32 = 1_000;
/// The most bytes of a line with an error that is kept itself; of a longer one the error alone is.
pub const MAX_KEPT_LINE: usize = 64 * 1024;
/// The most bytes of all lines that are kept of an import.
pub const MAX_KEPT_BYTES: u64 = 2 * 1024 * 1024;
/// The column in which a file of lines that were left out says why; an import takes no notice of it.
pub const FAULTS: &str = "What is wrong (not imported)";

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = FieldType))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text of up to 10,000 characters.
    Text,
    /// An email address, in lower case.
    Email,
    /// A phone number with its country's code: `+12025550123` (E.164).
    Phone,
    /// A number: `12`, `-3.5`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A day, `2026-05-31`, or a moment, `2026-05-31T10:00:00Z` (RFC 3339).
    Date,
    /// A list of texts: roles, say. In CSV they stand with `;` between them.
    Texts,
}

/// A field of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CollectionField))]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `[A-Za-z_][A-Za-z0-9_]*`, up to 64.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$"))]
    pub name: String,
    /// What members read; the name when it is empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    #[serde(default)]
    pub label: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether records are found by it: look-ups, roles and auto-fetch need it. Email addresses always are.
    #[serde(default)]
    pub key: bool,
    /// Whether every record must have it.
    #[serde(default)]
    pub required: bool,
    /// Whether no two records may share a value.
    #[serde(default)]
    pub unique: bool,
}

impl Field {
    /// Whether records are found by it.
    pub fn is_keyed(&self) -> bool {
        self.key || self.unique || self.kind == Kind::Email
    }

    /// What members read.
    pub fn shown(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }
}

/// `POST collections`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewCollection {
    /// 1 to 64 of `A-Z a-z 0-9 _ -`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub name: String,
    /// What members read, up to 80 characters; the name when it is empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    #[serde(default)]
    pub title: String,
    /// Its fields; at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub fields: Vec<Field>,
}

/// `PATCH collections/{collection}`: what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CollectionChange {
    /// What members read.
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Every field, in order. Records keep what a field held that is not among them any more.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<Field>>,
}

/// A collection. Its version is also the `ETag`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Collection {
    /// Its name.
    pub name: String,
    /// What members read.
    pub title: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Rises with each change of title or fields.
    pub version: u64,
    /// How many records it has.
    pub records: u64,
    /// What of the agent's settings uses it, as JSON pointers.
    pub used_by: Vec<String>,
}

/// A record. Its tag is also the `ETag`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record<D> {
    /// Its id: 1 to 64 of `A-Z a-z 0-9 _ -`.
    pub id: String,
    /// Another one as soon as anything in it changes.
    pub tag: String,
    /// Its values by field.
    pub data: D,
}

/// `GET records`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RecordPage))]
pub struct Page<D> {
    /// The records, by id.
    pub records: Vec<Record<D>>,
    /// What to ask for with `after` to see more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `POST records`; with the id that it had, it undoes a deletion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRecord<D> {
    /// Its id; drawn when there is none.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tag of a record that was removed: with it, it is put back as it was, whatever the fields are by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its values by field.
    pub data: D,
}

/// `PUT records/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordChange<D> {
    /// Its values by field, all of them.
    pub data: D,
}

/// What becomes of the records that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They go; the file's take their place.
    Replace,
    /// They stay. A line with the key of one changes it: mapped fields take the line's values.
    Merge,
}

/// `POST imports`: a CSV file is going to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewImport {
    /// The file's name, up to 200 characters, for whoever goes on with it.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: String,
    /// How many bytes it has as UTF-8; up to [`MAX_IMPORT_BYTES`].
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 104_857_600))]
    pub bytes: u64,
    /// What becomes of the records that are there.
    pub mode: Mode,
    /// For [`Mode::Merge`]: the unique field by which lines and records are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which column, by its header, fills which field. Empty: those whose header is a field's name or label.
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
    /// What stands between cells: `,`, `;`, tab or `|`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[,;\t|]$"))]
    #[serde(default = "comma")]
    pub delimiter: char,
    /// How the file is encoded, for whoever goes on with it; what is sent is always UTF-8.
    #[cfg_attr(feature = "openapi", schema(max_length = 40))]
    #[serde(default)]
    pub encoding: String,
    /// The SHA-256 (FIPS 180-4) of all its bytes as UTF-8, 64 small hexadecimal digits, for whoever goes on with it: by this they know
    /// the file again.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{64}$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

const fn comma() -> char {
    ','
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Bytes are missing.
    Open,
    /// All bytes are there; nothing is in place yet.
    Complete,
    /// The records are in place.
    Done,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Import {
    /// Its id.
    pub id: String,
    /// What was asked for.
    #[serde(flatten)]
    pub asked: NewImport,
    /// Where it stands.
    pub stage: Stage,
    /// How many bytes are read; the next part begins here. Also in `Upload-Offset`.
    pub offset: u64,
    /// How many lines became records so far.
    pub rows: u64,
    /// How many errors there are so far.
    pub errors: u64,
    /// The first [`MAX_ERRORS`] of them; only in `GET` of one import, and of one part its own.
    #[serde(default)]
    pub found: Vec<LineError>,
    /// When it began, milliseconds since 1970. A day later it is dropped.
    pub at: u64,
}

/// What is wrong in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineError {
    /// The line of the file in which the record begins; the header is line 1.
    pub line: u64,
    /// The column, from 1; none when it is about the whole line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is wrong and what would be right, in a sentence.
    pub detail: String,
}

/// `POST imports/{id}/commit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// Whether lines with errors are left out. Otherwise an import with errors is not put in place.
    #[serde(default)]
    pub skip_errors: bool,
}

/// A header or a field's name as they are compared: letters and digits alone, in lower case.
pub fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The field that a column of this header most likely fills.
pub fn suggested<'a>(header: &str, fields: &'a [Field]) -> Option<&'a Field> {
    let header = folded(header);
    let is = |name: &str| !header.is_empty() && folded(name) == header;
    fields.iter().find(|field| is(&field.name)).or_else(|| fields.iter().find(|field| is(&field.label)))
}
