/**
 * Schema 7. registry_versions: what was registered, frozen; `artifact` is the stored result or bundle by content hash.
 * registry_aliases: who is what now; the only rows of the registry that move, and each move leaves a row in registry_events.
 * registry_gates: checklists with their decision, one per promotion that was asked for. Events and gates are append-only.
 */
import type { Migration } from '../migrate';

export const registry: Migration = {
  name: '0007-registry',
  up(database) {
    database.exec(`
CREATE TABLE registry_versions (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE RESTRICT,
  created_at INTEGER NOT NULL,
  artifact TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  card TEXT NOT NULL CHECK (json_valid(card)),
  UNIQUE (name, version),
  UNIQUE (name, run)
) STRICT;
CREATE INDEX registry_versions_by_time ON registry_versions (created_at);
CREATE TRIGGER registry_versions_do_not_change BEFORE UPDATE ON registry_versions
BEGIN SELECT RAISE(ABORT, 'a registered version does not change'); END;
CREATE TRIGGER registry_versions_are_not_deleted BEFORE DELETE ON registry_versions
BEGIN SELECT RAISE(ABORT, 'a registered version is not deleted'); END;

CREATE TABLE registry_aliases (
  name TEXT NOT NULL,
  alias TEXT NOT NULL,
  version TEXT NOT NULL REFERENCES registry_versions (id),
  PRIMARY KEY (name, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX registry_aliases_by_version ON registry_aliases (version);

CREATE TABLE registry_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('registered', 'promoted', 'rolled-back', 'alias-set', 'alias-removed')),
  alias TEXT,
  from_version TEXT REFERENCES registry_versions (id),
  to_version TEXT REFERENCES registry_versions (id),
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX registry_events_by_name ON registry_events (name, seq);
CREATE TRIGGER registry_events_do_not_change BEFORE UPDATE ON registry_events
BEGIN SELECT RAISE(ABORT, 'the history of the registry is append-only'); END;
CREATE TRIGGER registry_events_are_not_deleted BEFORE DELETE ON registry_events
BEGIN SELECT RAISE(ABORT, 'the history of the registry is append-only'); END;

CREATE TABLE registry_gates (
  job TEXT PRIMARY KEY,
  version TEXT NOT NULL REFERENCES registry_versions (id),
  at INTEGER NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document))
) STRICT, WITHOUT ROWID;
CREATE INDEX registry_gates_by_version ON registry_gates (version, at);
CREATE TRIGGER registry_gates_do_not_change BEFORE UPDATE ON registry_gates
BEGIN SELECT RAISE(ABORT, 'a gate does not change'); END;
CREATE TRIGGER registry_gates_are_not_deleted BEFORE DELETE ON registry_gates
BEGIN SELECT RAISE(ABORT, 'a gate is not deleted'); END;
`);
  },
};
