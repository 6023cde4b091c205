-- Agents can be archived: they answer nobody, and can be restored.
ALTER TABLE agent ADD COLUMN archived_at INTEGER;

-- Who may do what. `agent` is `*` for every agent of the deployment.
CREATE TABLE member (
  person TEXT NOT NULL,              -- the person's id under the console's agent
  agent TEXT NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'analyst')),
  at INTEGER NOT NULL,               -- milliseconds since 1970
  PRIMARY KEY (person, agent)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_agent ON member (agent);

-- One-time tokens that make a member. One without a person is the deployment's first claim.
CREATE TABLE invitation (
  hash TEXT PRIMARY KEY,             -- SHA-256 of the token, base64url
  agent TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'analyst')),
  person TEXT,                       -- who alone may use it
  email TEXT,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;

-- Tokens of the admin API.
CREATE TABLE api_token (
  hash TEXT PRIMARY KEY,             -- SHA-256 of the token, base64url
  id TEXT NOT NULL UNIQUE,
  agent TEXT NOT NULL,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,              -- JSON list of domain::member::Scope
  by TEXT NOT NULL,                  -- the member's person
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
