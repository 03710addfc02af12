/** Schema 13. What is known of a job's crashes, and since when it is in quarantine because of them (UTC milliseconds). */
import type { Migration } from '../migrate';

export const quarantine: Migration = {
  name: '0013-quarantine',
  up(database) {
    database.exec(`
      ALTER TABLE jobs ADD COLUMN quarantined_at INTEGER
        CHECK (quarantined_at IS NULL OR status = 'interrupted');
      ALTER TABLE jobs ADD COLUMN crash_reports TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(crash_reports));
    `);
  },
};
