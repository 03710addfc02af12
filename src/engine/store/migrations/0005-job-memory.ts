/** Schema 5. job_memory: the use of the card's memory while a job ran, a compact series as a document; replaced while the job runs. */
import type { Migration } from '../migrate';

export const jobMemory: Migration = {
  name: '0005-job-memory',
  up(database) {
    database.exec(`
CREATE TABLE job_memory (
  job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  series TEXT NOT NULL CHECK (json_valid(series))
) STRICT, WITHOUT ROWID;
`);
  },
};
