/**
 * Schema 1. Documents (configurations, manifests, summaries) are JSON text, large arrays are encrypted objects outside
 * the database that rows point to by content hash, times are UTC milliseconds, identifiers are ULIDs.
 * What must never change once written is guarded by triggers here, not by the good manners of the code above.
 */
import type { Migration } from '../migrate';

/** Single facts about the workspace itself, such as when and by which version it was made. */
const META = `
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/**
 * jobs: the persisted queue; `ordinal` is the order of arrival. `payload` is what the job was asked to do, frozen.
 * `crashes` counts unplanned ends since the last checkpoint; `cancel_requested` survives a crash of the host.
 * job_events: everything that a reader of a job may see, numbered from 1 without gaps.
 * checkpoints: the newest resumable state of an unfinished job (V8 structured-clone bytes).
 */
const JOBS = `
CREATE TABLE jobs (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  payload TEXT NOT NULL CHECK (json_valid(payload)),
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
  error TEXT CHECK (error IS NULL OR json_valid(error))
) STRICT;
CREATE INDEX jobs_by_status ON jobs (status, ordinal);
CREATE INDEX jobs_by_subject ON jobs (subject);

CREATE TABLE job_events (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  at INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('status', 'progress', 'log')),
  body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER job_events_are_facts BEFORE UPDATE ON job_events
BEGIN SELECT RAISE(ABORT, 'job events are append-only'); END;

CREATE TABLE checkpoints (
  job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  state BLOB NOT NULL
) STRICT;
`;

/**
 * datasets: one row per version, written when its import succeeds and never edited; before that there is only a job.
 * dataset_objects: the arrays of a version by role ('panel', 'membership', ...); `meta` says how to read the bytes.
 * rejects: rows that an import refused. No foreign key: a refused import has rejects and no dataset; whoever removes a
 * dataset removes its rejects.
 * uploads: source files handed over through the API, kept as objects until they are imported or expire.
 */
const DATASETS = `
CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  content_hash TEXT NOT NULL,
  job TEXT REFERENCES jobs (id) ON DELETE SET NULL,
  created_at INTEGER NOT NULL,
  manifest TEXT NOT NULL CHECK (json_valid(manifest)),
  quality TEXT NOT NULL CHECK (json_valid(quality)),
  errors INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  infos INTEGER NOT NULL,
  UNIQUE (name, version)
) STRICT;
CREATE INDEX datasets_by_time ON datasets (created_at);

CREATE TABLE dataset_objects (
  dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  meta TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)),
  PRIMARY KEY (dataset, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejects (
  dataset TEXT NOT NULL,
  seq INTEGER NOT NULL,
  file TEXT NOT NULL,
  line INTEGER,
  column_name TEXT,
  reason TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (dataset, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
`;

/**
 * runs: status, times and error are those of the job. `config` is frozen at the start; `provenance` gains its result
 * hash and timings, and `summary` its content, when the run ends; from `sealed_at` on nothing of the run changes.
 * run_results: objects of a run by name ('series', 'weights', ...); closed with the run.
 * trials: every strategy ever tried on a dataset, once each, for honest significance; nobody can take one back.
 * portfolios: target weights that a run made, whole as a document.
 */
const RUNS = `
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  job TEXT NOT NULL UNIQUE REFERENCES jobs (id),
  dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE RESTRICT,
  created_at INTEGER NOT NULL,
  config TEXT NOT NULL CHECK (json_valid(config)),
  tags TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(tags)),
  provenance TEXT NOT NULL CHECK (json_valid(provenance)),
  rerun_of TEXT REFERENCES runs (id),
  headline TEXT CHECK (headline IS NULL OR json_valid(headline)),
  summary TEXT CHECK (summary IS NULL OR json_valid(summary)),
  sealed_at INTEGER
) STRICT;
CREATE INDEX runs_by_time ON runs (created_at);
CREATE INDEX runs_by_dataset ON runs (dataset);
CREATE TRIGGER runs_config_is_frozen BEFORE UPDATE OF id, job, dataset, created_at, config, rerun_of ON runs
BEGIN SELECT RAISE(ABORT, 'the configuration of a run is frozen'); END;
CREATE TRIGGER sealed_runs_do_not_change BEFORE UPDATE ON runs WHEN OLD.sealed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a sealed run does not change'); END;
CREATE TRIGGER sealed_runs_are_not_deleted BEFORE DELETE ON runs WHEN OLD.sealed_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a sealed run is not deleted'); END;

CREATE TABLE run_results (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  meta TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)),
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sealed_results_are_complete BEFORE INSERT ON run_results
WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.run AND sealed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a sealed run gets no further results'); END;
CREATE TRIGGER sealed_results_do_not_change BEFORE UPDATE ON run_results
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run AND sealed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a sealed run does not change'); END;
CREATE TRIGGER sealed_results_are_not_deleted BEFORE DELETE ON run_results
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run AND sealed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a sealed run is not deleted'); END;

CREATE TABLE trials (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_hash TEXT NOT NULL,
  strategy_hash TEXT NOT NULL,
  run TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (dataset_hash, strategy_hash)
) STRICT;
CREATE TRIGGER trials_do_not_change BEFORE UPDATE ON trials
BEGIN SELECT RAISE(ABORT, 'trials are append-only'); END;
CREATE TRIGGER trials_are_not_deleted BEFORE DELETE ON trials
BEGIN SELECT RAISE(ABORT, 'trials are append-only'); END;

CREATE TABLE portfolios (
  id TEXT PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE RESTRICT,
  strategy TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  decided_on TEXT NOT NULL,
  fill_on TEXT NOT NULL,
  document TEXT NOT NULL CHECK (json_valid(document))
) STRICT;
CREATE INDEX portfolios_by_time ON portfolios (created_at);
CREATE INDEX portfolios_by_run ON portfolios (run);
`;

/**
 * api_tokens: only a hash of each token is kept. settings: the user's choices as JSON.
 * audit: who did what; append-only from the first day, chained later (`prev` and `mac` are reserved for that).
 */
const SYSTEM = `
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL CHECK (json_valid(scopes)),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value)),
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
  prev BLOB,
  mac BLOB
) STRICT;
CREATE TRIGGER audit_does_not_change BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;

/** Every object that a row needs; the sweep at start-up removes the others. */
const REFERENCES = `
CREATE VIEW referenced_objects AS
  SELECT hash FROM dataset_objects
  UNION SELECT hash FROM run_results
  UNION SELECT hash FROM uploads;
`;

export const initial: Migration = {
  name: '0001-initial',
  up(database) {
    database.exec(META + JOBS + DATASETS + RUNS + SYSTEM + REFERENCES);
  },
};
