/** Schema 19. Which call a job was started by: its correlation id and its span (W3C Trace Context); null for what nobody called for. */
import type { Migration } from '../migrate';

export const jobOrigins: Migration = {
  name: '0019-job-origins',
  up(database) {
    database.exec(`
      ALTER TABLE jobs ADD COLUMN correlation TEXT;
      ALTER TABLE jobs ADD COLUMN traceparent TEXT;
    `);
  },
};
