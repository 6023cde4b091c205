-- Secrets of agents: API keys for actions, the model's key. Sealed; a row copied to another agent or name does not open.
CREATE TABLE secret (
  agent TEXT NOT NULL,
  name TEXT NOT NULL,                -- [a-z][a-z0-9_]*; `model_key` is the model's
  sealed TEXT NOT NULL,              -- domain::context::seal, field `secret/{name}`
  at INTEGER NOT NULL,               -- milliseconds since 1970
  PRIMARY KEY (agent, name)
) STRICT, WITHOUT ROWID;
