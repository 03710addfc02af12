/**
 * slo_counts: good and bad events per service level and slot of five minutes; removed when no window reaches them any more.
 * slo_alerts: the rules that fire, so that a restart raises none a second time.
 */
import type { Migration } from '../migrate';

export const slos: Migration = {
  name: '0017-slos',
  up(database) {
    database.exec(`
CREATE TABLE slo_counts (
  slo TEXT NOT NULL,
  slot INTEGER NOT NULL,
  good INTEGER NOT NULL CHECK (good >= 0),
  bad INTEGER NOT NULL CHECK (bad >= 0),
  PRIMARY KEY (slo, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE slo_alerts (
  slo TEXT NOT NULL,
  rule TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (slo, rule)
) STRICT, WITHOUT ROWID;
`);
  },
};
