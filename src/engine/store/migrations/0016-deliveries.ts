/**
 * destinations: who is told of events: webhook endpoints, alert channels, bridges; events up to `offered_through` have become deliveries.
 * deliveries: one row per destination and event, and never a second: this key is what makes a fan-out that is repeated after a crash harmless.
 */
import type { Migration } from '../migrate';

export const deliveries: Migration = {
  name: '0016-deliveries',
  up(database) {
    database.exec(`
CREATE TABLE destinations (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  config TEXT NOT NULL CHECK (json_valid(config)),
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  disabled_reason TEXT,
  offered_through INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
  destination TEXT NOT NULL REFERENCES destinations (id) ON DELETE CASCADE,
  event INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE,
  key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'dead')),
  queued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_at INTEGER,
  last_status INTEGER,
  last_error TEXT,
  last_ms INTEGER,
  PRIMARY KEY (destination, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_pending ON deliveries (destination, key, event) WHERE status = 'pending';
CREATE INDEX deliveries_of_event ON deliveries (event);
`);
  },
};
