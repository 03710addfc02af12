/** Schema 10. jobs.paused: a person interrupted the job; it waits, over restarts too, until somebody resumes it. */
import type { Migration } from '../migrate';

export const pausedJobs: Migration = {
  name: '0010-paused-jobs',
  up(database) {
    database.exec('ALTER TABLE jobs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1))');
  },
};
