/**
 * Schema 2. audits: what a leakage audit found about a run, whole as a document; a run may have several, and none is ever changed.
 * They stand beside the run because a sealed run does not change. Openings of a sealed holdout are rows of `audit`.
 */
import type { Migration } from '../migrate';

export const audits: Migration = {
  name: '0002-audits',
  up(database) {
    database.exec(`
CREATE TABLE audits (
  job TEXT PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE RESTRICT,
  created_at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('passed', 'failed', 'warning')),
  document TEXT NOT NULL CHECK (json_valid(document))
) STRICT;
CREATE INDEX audits_by_run ON audits (run, created_at);
CREATE TRIGGER audits_do_not_change BEFORE UPDATE ON audits
BEGIN SELECT RAISE(ABORT, 'an audit does not change'); END;
CREATE TRIGGER audits_are_not_deleted BEFORE DELETE ON audits
BEGIN SELECT RAISE(ABORT, 'an audit is not deleted'); END;
CREATE INDEX audit_by_object ON audit (action, object);
`);
  },
};
