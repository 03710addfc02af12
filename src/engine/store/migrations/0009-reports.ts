/**
 * Schema 9. reports: one row per report that was asked for, with the request that makes it again; its files are encrypted objects by format. Both
 * go when its time is up or somebody removes it; the audit log remembers the exports.
 */
import type { Migration } from '../migrate';

export const reports: Migration = {
  name: '0009-reports',
  up(database) {
    database.exec(`
CREATE TABLE reports (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  run TEXT REFERENCES runs (id) ON DELETE CASCADE,
  dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  job TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  request TEXT NOT NULL CHECK (json_valid(request))
) STRICT;
CREATE INDEX reports_by_time ON reports (created_at);
CREATE INDEX reports_by_run ON reports (run);
CREATE INDEX reports_by_expiry ON reports (expires_at);
CREATE TABLE report_files (
  report TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
  format TEXT NOT NULL,
  filename TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (report, format)
) STRICT, WITHOUT ROWID;
DROP VIEW referenced_objects;
CREATE VIEW referenced_objects AS
  SELECT hash FROM dataset_objects
  UNION SELECT hash FROM run_results
  UNION SELECT hash FROM uploads
  UNION SELECT hash FROM models
  UNION SELECT hash FROM report_files;
`);
  },
};
