/**
 * outbox: what other programs are told, one row per event, written with the change that it tells of. Rows do not change; they leave by age.
 * alerts: what a person is warned of. One open alert per rule, subject and period; an alert of a named period is raised once, ever.
 */
import type { Migration } from '../migrate';

export const outbox: Migration = {
  name: '0012-outbox',
  up(database) {
    database.exec(`
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  at INTEGER NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload))
) STRICT;
CREATE INDEX outbox_by_time ON outbox (at);
CREATE TRIGGER outbox_does_not_change BEFORE UPDATE ON outbox
BEGIN SELECT RAISE(ABORT, 'an event in the outbox does not change'); END;

CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  period TEXT NOT NULL DEFAULT '',
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
  message TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  last_raised_at INTEGER NOT NULL,
  times INTEGER NOT NULL DEFAULT 1 CHECK (times > 0),
  acknowledged_at INTEGER,
  acknowledged_by TEXT,
  snoozed_until INTEGER,
  escalated_at INTEGER,
  resolved_at INTEGER,
  resolved_by TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_once ON alerts (rule, subject, period) WHERE resolved_at IS NULL OR period <> '';
CREATE INDEX alerts_by_time ON alerts (raised_at);
`);
  },
};
