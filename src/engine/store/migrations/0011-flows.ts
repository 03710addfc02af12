/**
 * schedules: when a flow runs by itself; `decided_through` is the moment up to which its due periods are decided.
 * schedule_periods: one row per decided period, and never a second: this key is what makes a period run once.
 * flow_runs, flow_steps, flow_logs: the history. flow_cache: what a step gave, by the content it was made from.
 * paper_fills, paper_evaluations: what would have been traded and how that compares; written once.
 */
import type { Migration } from '../migrate';

export const flows: Migration = {
  name: '0011-flows',
  up(database) {
    database.exec(`
CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  flow TEXT NOT NULL,
  params TEXT NOT NULL CHECK (json_valid(params)),
  queue TEXT NOT NULL CHECK (queue IN ('dev', 'staging', 'prod')),
  cron TEXT,
  every_seconds INTEGER CHECK (every_seconds IS NULL OR every_seconds > 0),
  time_zone TEXT NOT NULL,
  days TEXT NOT NULL,
  catch_up TEXT NOT NULL CHECK (catch_up IN ('latest', 'each', 'none')),
  paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
  created_at INTEGER NOT NULL,
  decided_through INTEGER NOT NULL,
  CHECK ((cron IS NULL) <> (every_seconds IS NULL))
) STRICT;

CREATE TABLE schedule_periods (
  schedule TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  period TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  flow_run TEXT,
  PRIMARY KEY (schedule, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow_runs (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  flow TEXT NOT NULL,
  queue TEXT NOT NULL CHECK (queue IN ('dev', 'staging', 'prod')),
  params TEXT NOT NULL CHECK (json_valid(params)),
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  schedule TEXT,
  period TEXT,
  late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  note TEXT,
  error TEXT CHECK (error IS NULL OR json_valid(error))
) STRICT;
CREATE INDEX flow_runs_by_status ON flow_runs (status, ordinal);
CREATE INDEX flow_runs_by_schedule ON flow_runs (schedule, ordinal);

CREATE TABLE flow_steps (
  run TEXT NOT NULL REFERENCES flow_runs (id) ON DELETE CASCADE,
  step TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('waiting', 'running', 'succeeded', 'cached', 'skipped', 'failed', 'cancelled')),
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  job TEXT,
  started_at INTEGER,
  finished_at INTEGER,
  retry_at INTEGER,
  output TEXT CHECK (output IS NULL OR json_valid(output)),
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow_logs (
  run TEXT NOT NULL REFERENCES flow_runs (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  step TEXT NOT NULL,
  at INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warn', 'error')),
  message TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow_cache (
  key TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  output TEXT NOT NULL CHECK (json_valid(output))
) STRICT, WITHOUT ROWID;

CREATE TABLE paper_fills (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  portfolio TEXT NOT NULL REFERENCES portfolios (id) ON DELETE RESTRICT,
  filled_on TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document)),
  UNIQUE (account, portfolio)
) STRICT;
CREATE INDEX paper_fills_by_day ON paper_fills (account, filled_on);
CREATE TRIGGER paper_fills_do_not_change BEFORE UPDATE ON paper_fills
BEGIN SELECT RAISE(ABORT, 'a paper fill does not change'); END;

CREATE TABLE paper_evaluations (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document))
) STRICT;
CREATE INDEX paper_evaluations_by_account ON paper_evaluations (account, created_at);
`);
  },
};
