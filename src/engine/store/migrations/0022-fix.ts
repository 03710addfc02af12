/** fix_sessions, fix_messages: numbers of FIX sessions and what was sent under each, so that a message has one number for ever. */
import type { Migration } from '../migrate';

export const fix: Migration = {
  name: '0022-fix',
  up(database) {
    database.exec(`
CREATE TABLE fix_sessions (
  name TEXT PRIMARY KEY,
  next_out INTEGER NOT NULL CHECK (next_out > 0),
  next_in INTEGER NOT NULL CHECK (next_in > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE fix_messages (
  session TEXT NOT NULL REFERENCES fix_sessions (name) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  at INTEGER NOT NULL,
  sent INTEGER NOT NULL CHECK (sent IN (0, 1)),
  PRIMARY KEY (session, seq)
) STRICT, WITHOUT ROWID;
`);
  },
};
