-- Which sites have loaded an agent's chat, or tried to: at most ten of each, each written at most once an hour.
CREATE TABLE page_load (
  agent TEXT NOT NULL,
  origin TEXT NOT NULL,
  allowed INTEGER NOT NULL,          -- whether it was on the list of allowed origins then
  at INTEGER NOT NULL,               -- milliseconds since 1970
  PRIMARY KEY (agent, origin)
) STRICT, WITHOUT ROWID;

-- The header of a file on its way in and the lines with errors, as they stood in it: for a file of what was left out.
CREATE TABLE import_line (
  import TEXT NOT NULL,
  line INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;
ALTER TABLE import ADD COLUMN kept INTEGER NOT NULL DEFAULT 0; -- how many bytes of it are in import_line
