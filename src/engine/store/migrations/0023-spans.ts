/** Schema 23. spans: parts of traces as they ended; times in microseconds since 1970. Bounded by the newest, and by retention. */
import type { Migration } from '../migrate';

export const spans: Migration = {
  name: '0023-spans',
  up(database) {
    database.exec(`
CREATE TABLE spans (
  seq INTEGER PRIMARY KEY,
  trace TEXT NOT NULL,
  span TEXT NOT NULL,
  parent TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('internal', 'server')),
  start_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL CHECK (duration_us >= 0),
  error TEXT,
  correlation TEXT,
  job TEXT,
  attributes TEXT NOT NULL CHECK (json_valid(attributes))
) STRICT;
CREATE INDEX spans_of_trace ON spans (trace);
CREATE INDEX spans_by_time ON spans (start_us);
`);
  },
};
