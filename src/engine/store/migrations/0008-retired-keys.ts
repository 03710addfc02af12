/**
 * Schema 8. retired_keys: keys that the workspace had before a rotation. Objects and backups of their day are under them.
 */
import type { Migration } from '../migrate';

export const retiredKeys: Migration = {
  name: '0008-retired-keys',
  up(database) {
    database.exec(`
CREATE TABLE retired_keys (
  key BLOB PRIMARY KEY CHECK (length(key) = 32),
  retired_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`);
  },
};
