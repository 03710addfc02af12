/** Schema 14. run_metrics.at: when a number was told, in UTC milliseconds; null where that is not known apart from the end of its run. */
import type { Migration } from '../migrate';

export const metricTimes: Migration = {
  name: '0014-metric-times',
  up(database) {
    database.exec('ALTER TABLE run_metrics ADD COLUMN at INTEGER CHECK (at >= 0)');
  },
};
