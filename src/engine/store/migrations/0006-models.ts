/**
 * Schema 6. models: sealed bundles that runs have fitted, written with the run and never changed. `hash` is that of the bundle's bytes
 * (an object), `seal` an HMAC of hash, run and name by a key derived from the workspace's: a bundle or a row that was exchanged is found.
 */
import type { Migration } from '../migrate';

export const models: Migration = {
  name: '0006-models',
  up(database) {
    database.exec(`
CREATE TABLE models (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE RESTRICT,
  strategy TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  cutoff TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  seal TEXT NOT NULL,
  manifest TEXT NOT NULL CHECK (json_valid(manifest))
) STRICT;
CREATE INDEX models_by_time ON models (created_at);
CREATE INDEX models_by_run ON models (run);
CREATE TRIGGER models_do_not_change BEFORE UPDATE ON models
BEGIN SELECT RAISE(ABORT, 'a model does not change'); END;
DROP VIEW referenced_objects;
CREATE VIEW referenced_objects AS
  SELECT hash FROM dataset_objects
  UNION SELECT hash FROM run_results
  UNION SELECT hash FROM uploads
  UNION SELECT hash FROM models;
`);
  },
};
