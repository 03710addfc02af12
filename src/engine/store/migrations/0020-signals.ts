/**
 * signal_sources: who may send signals, each with a credential of its own that opens nothing else; a token is kept as its hash only.
 * signals: what they sent, once per source and identifier, with what the model answered; without the credential.
 */
import type { Migration } from '../migrate';

export const signals: Migration = {
  name: '0020-signals',
  up(database) {
    database.exec(`
CREATE TABLE signal_sources (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  mode TEXT NOT NULL CHECK (mode IN ('signed', 'token')),
  credential TEXT NOT NULL,
  model TEXT NOT NULL,
  per_minute INTEGER NOT NULL CHECK (per_minute > 0),
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;

CREATE TABLE signals (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  source_name TEXT NOT NULL,
  external_id TEXT NOT NULL,
  model TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body_hash TEXT NOT NULL,
  request TEXT NOT NULL CHECK (json_valid(request)),
  status TEXT NOT NULL CHECK (status IN ('received', 'answered', 'failed')),
  answer TEXT CHECK (answer IS NULL OR json_valid(answer)),
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  UNIQUE (source, external_id)
) STRICT;
CREATE INDEX signals_by_time ON signals (received_at);
CREATE INDEX signals_unanswered ON signals (received_at) WHERE status = 'received';
`);
  },
};
