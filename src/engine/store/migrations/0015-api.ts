/**
 * tokens: who may call the API, with which scopes and how often; only a hash of each secret is kept, and a name belongs to
 * one live token. It takes the place of api_tokens, which nothing ever wrote.
 * idempotency_keys: what a request with a key was answered, so that a repeat is answered alike and works nothing twice.
 */
import type { Migration } from '../migrate';

export const api: Migration = {
  name: '0015-api',
  up(database) {
    database.exec(`
DROP TABLE api_tokens;
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  proof_id TEXT NOT NULL,
  scopes TEXT NOT NULL CHECK (json_valid(scopes)),
  per_minute INTEGER CHECK (per_minute IS NULL OR per_minute > 0),
  lifetime_days INTEGER CHECK (lifetime_days IS NULL OR lifetime_days > 0),
  created_at INTEGER NOT NULL,
  rotated_at INTEGER,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;

CREATE TABLE idempotency_keys (
  caller TEXT NOT NULL,
  key TEXT NOT NULL,
  request BLOB NOT NULL CHECK (length(request) = 32),
  started_at INTEGER NOT NULL,
  status INTEGER,
  answer TEXT,
  PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (started_at);
`);
  },
};
