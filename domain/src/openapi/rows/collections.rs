//! Collections, their records, and files on their way in and out.

use shared::admin::route::Verb::{Delete, Get, Patch, Post, Put};

use super::{Answer, Body, Row, row};

/// With the version of title and fields.
const VERSION: &[(&str, &str)] = &[("ETag", "version")];
/// With what stands for everything in a record.
const TAG: &[(&str, &str)] = &[("ETag", "tag")];
/// With where the next part begins.
const OFFSET: &[(&str, &str)] = &[("Upload-Offset", "offset")];

pub const ROWS: &[Row] = &[
    row(Get, "agents/{agent}/collections", "listCollections", "The collections.").answers("[Collection]"),
    row(Post, "agents/{agent}/collections", "makeCollection", "Make a collection.")
        .takes("NewCollection")
        .makes("Collection")
        .brings(VERSION)
        .refuses(&[409, 422]),
    row(Get, "agents/{agent}/collections/{collection}", "readCollection", "A collection's fields.")
        .answers("Collection")
        .brings(VERSION),
    row(Patch, "agents/{agent}/collections/{collection}", "changeCollection", "Change a collection's title or fields.")
        .carries(&[("If-Match", "version")])
        .takes("CollectionChange")
        .answers("Collection")
        .brings(VERSION)
        .refuses(&[422]),
    row(
        Delete,
        "agents/{agent}/collections/{collection}",
        "removeCollection",
        "Remove a collection with its records. One that the settings use stays.",
    )
    .refuses(&[409, 412]),
    row(Get, "agents/{agent}/collections/{collection}/records", "listRecords", "Records by id, page by page.")
        .asks(&[("search", "search"), ("after", "name"), ("limit", "limit")])
        .answers("RecordPage")
        .refuses(&[422]),
    row(
        Post,
        "agents/{agent}/collections/{collection}/records",
        "makeRecord",
        "Add a record, or undo its deletion by the id that it had.",
    )
    .takes("NewRecord")
    .makes("Record")
    .brings(TAG)
    .refuses(&[409, 412, 422]),
    row(Get, "agents/{agent}/collections/{collection}/records/{record}", "readRecord", "A record.")
        .answers("Record")
        .brings(TAG),
    row(Put, "agents/{agent}/collections/{collection}/records/{record}", "setRecord", "Set a record as a whole.")
        .carries(&[("If-Match", "tag")])
        .takes("RecordChange")
        .answers("Record")
        .brings(TAG)
        .refuses(&[409, 422]),
    row(
        Delete,
        "agents/{agent}/collections/{collection}/records/{record}",
        "removeRecord",
        "Remove a record, whatever it holds by now, or the one of this tag alone.",
    )
    .may_carry(&[("If-Match", "tag")])
    .refuses(&[412]),
    Row {
        answer: Answer::File("text/csv"),
        ..row(Get, "agents/{agent}/collections/{collection}/export", "exportRecords", "All records as CSV.")
    },
    row(Get, "agents/{agent}/collections/{collection}/imports", "listImports", "Imports under way.")
        .answers("[Import]"),
    row(
        Post,
        "agents/{agent}/collections/{collection}/imports",
        "beginImport",
        "Say what file is going to be sent, and what becomes of the records that are there.",
    )
    .takes("NewImport")
    .makes("Import")
    .brings(OFFSET)
    .refuses(&[409, 422]),
    row(Get, "agents/{agent}/collections/{collection}/imports/{import}", "readImport", "How far an import is.")
        .answers("Import")
        .brings(OFFSET),
    Row {
        body: Body::Csv,
        ..row(
            Patch,
            "agents/{agent}/collections/{collection}/imports/{import}",
            "continueImport",
            "Bring the next part of the file, at most 1 MiB.",
        )
        .carries(&[("Upload-Offset", "offset")])
        .answers("Import")
        .brings(OFFSET)
        .refuses(&[400, 409, 413, 415, 422])
    },
    row(Delete, "agents/{agent}/collections/{collection}/imports/{import}", "abandonImport", "Give an import up."),
    row(
        Post,
        "agents/{agent}/collections/{collection}/imports/{import}/commit",
        "commitImport",
        "Put what was imported in place, all at once.",
    )
    .takes("Commit")
    .answers("Import")
    .brings(OFFSET)
    .refuses(&[409, 422]),
    Row {
        answer: Answer::File("text/csv"),
        ..row(
            Get,
            "agents/{agent}/collections/{collection}/imports/{import}/errors",
            "exportImportErrors",
            "The lines that are not right, with what is wrong in the first column.",
        )
    },
];
