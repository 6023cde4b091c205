-- Collections: what the records of one look like. A collection that has records and no row here gets one when it is first looked at.
CREATE TABLE collection (
  agent TEXT NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  fields TEXT NOT NULL,              -- JSON list of shared::admin::collections::Field
  version INTEGER NOT NULL DEFAULT 1, -- rises with each change
  at INTEGER NOT NULL,               -- milliseconds since 1970
  PRIMARY KEY (agent, name)
) STRICT, WITHOUT ROWID;

-- CSV files on their way in. A day after they began they are dropped.
CREATE TABLE import (
  id TEXT PRIMARY KEY,
  agent TEXT NOT NULL,
  collection TEXT NOT NULL,
  version INTEGER NOT NULL,          -- of the collection, when it began
  asked TEXT NOT NULL,               -- JSON of shared::admin::collections::NewImport
  plan TEXT NOT NULL,                -- JSON of domain::collection::row::Plan
  bytes INTEGER NOT NULL,
  offset INTEGER NOT NULL DEFAULT 0, -- bytes that are read
  line INTEGER NOT NULL DEFAULT 1,   -- the line in which the next part begins
  skipping INTEGER NOT NULL DEFAULT 0, -- whether the rest of that line is left out
  rows INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0,
  part TEXT NOT NULL DEFAULT '',     -- whose change was the last
  at INTEGER NOT NULL,
  done_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX import_by_collection ON import (agent, collection);

-- What they brought so far; gone once it is in place.
CREATE TABLE import_row (
  import TEXT NOT NULL,
  line INTEGER NOT NULL,
  id TEXT NOT NULL,                  -- the record's
  key TEXT,                          -- the value by which it is merged
  data TEXT NOT NULL,
  PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_row_by_id ON import_row (import, id);
CREATE TABLE import_key (
  import TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (import, field, value, line)
) STRICT, WITHOUT ROWID;
CREATE TABLE import_error (
  import TEXT NOT NULL,
  n INTEGER NOT NULL,
  error TEXT NOT NULL,               -- JSON of shared::admin::collections::LineError
  PRIMARY KEY (import, n)
) STRICT, WITHOUT ROWID;
