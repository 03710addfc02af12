/** limit_breaches: violations with what was done about them, never changed. limit_waivers: who let an account be over a limit, until when and why; approved by a second person. */
import type { Migration } from '../migrate';

export const limits: Migration = {
  name: '0021-limits',
  up(database) {
    database.exec(`
CREATE TABLE limit_breaches (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  portfolio TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('pre-trade', 'post-trade')),
  at INTEGER NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document))
) STRICT;
CREATE INDEX limit_breaches_by_time ON limit_breaches (at);
CREATE TRIGGER limit_breaches_do_not_change BEFORE UPDATE ON limit_breaches
BEGIN SELECT RAISE(ABORT, 'a breach does not change'); END;

CREATE TABLE limit_waivers (
  id TEXT PRIMARY KEY,
  limit_id TEXT NOT NULL,
  account TEXT NOT NULL,
  reason TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  revoked_at INTEGER,
  CHECK (approved_by <> requested_by),
  CHECK (until_at > from_at)
) STRICT;
CREATE INDEX limit_waivers_by_limit ON limit_waivers (limit_id, account);
`);
  },
};
