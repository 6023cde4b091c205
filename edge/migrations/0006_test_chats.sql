-- Settings that are not saved, for one member to talk to for a while. `id` is the test's own: what is proved in it proves nothing
-- to the agent.
CREATE TABLE test_chat (
  id TEXT PRIMARY KEY,               -- the agent's id, `-test-` and 22 random characters
  agent TEXT NOT NULL,
  person TEXT NOT NULL,              -- the member who began it
  role TEXT NOT NULL,                -- as which; it is over when they are less
  settings TEXT NOT NULL,            -- JSON, no secrets
  expires_at INTEGER NOT NULL        -- milliseconds since 1970
) STRICT;
CREATE INDEX test_chat_by_maker ON test_chat (agent, person, expires_at);
