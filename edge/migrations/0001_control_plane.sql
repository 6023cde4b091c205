-- The control plane: what site owners set. Read per isolate through a cache; nothing here decides access by itself.
CREATE TABLE agent (
  id TEXT PRIMARY KEY,
  settings TEXT NOT NULL,            -- JSON of domain::agent::Agent
  version INTEGER NOT NULL DEFAULT 1 -- rises with each change
) STRICT;

-- Records of collections.
CREATE TABLE record (
  agent TEXT NOT NULL,
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,                -- JSON object
  PRIMARY KEY (agent, collection, id)
) STRICT, WITHOUT ROWID;

-- The values by which records are found: a field's value in canonical form.
CREATE TABLE record_key (
  agent TEXT NOT NULL,
  collection TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (agent, collection, field, value, id)
) STRICT, WITHOUT ROWID;
