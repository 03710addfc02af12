/**
 * Schema 4. What is looked up among thousands of runs is a column with an index; the document stays the only place where it is written.
 * run_tags, run_marks: the user's words about a run; they stand beside it because a sealed run does not change.
 * run_metrics: numbers over steps (folds, epochs); closed with the run, like its results.
 */
import type { Migration } from '../migrate';

const LOOKED_UP = `
ALTER TABLE runs ADD COLUMN experiment TEXT GENERATED ALWAYS AS (coalesce(json_extract(config, '$.experiment.name'), '')) VIRTUAL;
ALTER TABLE runs ADD COLUMN sharpe REAL GENERATED ALWAYS AS (json_extract(headline, '$.sharpe.value')) VIRTUAL;
ALTER TABLE runs ADD COLUMN psr REAL GENERATED ALWAYS AS (json_extract(headline, '$.psr')) VIRTUAL;
ALTER TABLE runs ADD COLUMN cagr REAL GENERATED ALWAYS AS (json_extract(headline, '$.cagr')) VIRTUAL;
ALTER TABLE runs ADD COLUMN max_drawdown REAL GENERATED ALWAYS AS (json_extract(headline, '$.maxDrawdown')) VIRTUAL;
CREATE INDEX runs_by_experiment ON runs (experiment, created_at, sealed_at, sharpe);
CREATE INDEX runs_by_sharpe ON runs (sharpe, id);
CREATE INDEX runs_by_psr ON runs (psr, id);
CREATE INDEX runs_by_cagr ON runs (cagr, id);
CREATE INDEX runs_by_drawdown ON runs (max_drawdown, id);
CREATE INDEX runs_by_origin ON runs (rerun_of) WHERE rerun_of IS NOT NULL;
CREATE INDEX audits_newest ON audits (run, created_at DESC, job DESC);
`;

const WORDS = `
CREATE TABLE run_tags (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tags_by_value ON run_tags (name, value, run);
INSERT INTO run_tags SELECT runs.id, tag.key, tag.value FROM runs, json_each(runs.tags) AS tag;

CREATE TABLE run_marks (
  run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  note TEXT NOT NULL DEFAULT '',
  archived_at INTEGER
) STRICT, WITHOUT ROWID;
`;

const METRICS = `
CREATE TABLE run_metrics (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL CHECK (step >= 0),
  value REAL NOT NULL,
  PRIMARY KEY (run, name, step)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER sealed_metrics_are_complete BEFORE INSERT ON run_metrics
WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.run AND sealed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a sealed run gets no further metrics'); END;
CREATE TRIGGER metrics_do_not_change BEFORE UPDATE ON run_metrics
BEGIN SELECT RAISE(ABORT, 'a metric that was logged does not change'); END;
CREATE TRIGGER sealed_metrics_are_not_deleted BEFORE DELETE ON run_metrics
WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run AND sealed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'a sealed run is not deleted'); END;
`;

const EXPERIMENTS = `
CREATE VIEW experiments AS
  SELECT experiment AS name, count(*) AS runs, sum(sealed_at IS NOT NULL) AS finished, max(sharpe) AS best_sharpe,
    min(created_at) AS created_at, max(created_at) AS latest_at
  FROM runs GROUP BY experiment;
`;

export const experiments: Migration = {
  name: '0004-experiments',
  up(database) {
    database.exec(LOOKED_UP + WORDS + METRICS + EXPERIMENTS);
  },
};
