/** Rows of `run_tags`, `run_marks` and `run_metrics`, and the removal of runs, typed. Statements only; no rules. */
import type { Database } from '../store/database';

export interface MetricRow {
  readonly name: string;
  readonly step: number;
  readonly value: number;
  /** UTC milliseconds; null = with the end of the run. */
  readonly at: number | null;
}

export interface ArtifactRow {
  readonly name: string;
  readonly hash: string;
  readonly bytes: number;
}

export interface ExperimentRow {
  readonly name: string;
  readonly runs: number;
  readonly finished: number;
  readonly best_sharpe: number | null;
  readonly created_at: number;
  readonly latest_at: number;
}

export function createTrackingTable(database: Database) {
  const setTag = database.prepare<[string, string, string]>(
    'INSERT INTO run_tags (run, name, value) VALUES (?, ?, ?) ON CONFLICT (run, name) DO UPDATE SET value = excluded.value',
  );
  const dropTag = database.prepare<[string, string]>('DELETE FROM run_tags WHERE run = ? AND name = ?');
  const tags = database.prepare<[string], { name: string; value: string }>(
    'SELECT name, value FROM run_tags WHERE run = ? ORDER BY name',
  );
  const setNote = database.prepare<[string, string]>(
    'INSERT INTO run_marks (run, note) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET note = excluded.note',
  );
  const setArchived = database.prepare<[string, number | null]>(
    'INSERT INTO run_marks (run, archived_at) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET archived_at = excluded.archived_at',
  );
  const insertMetric = database.prepare<[MetricRow & { readonly run: string }]>(
    'INSERT INTO run_metrics (run, name, step, value, at) VALUES (@run, @name, @step, @value, @at)',
  );
  const metrics = database.prepare<[{ run: string; name: string | null }], MetricRow>(
    `SELECT name, step, value, at FROM run_metrics
     WHERE run = @run AND (@name IS NULL OR name = @name OR (@name LIKE '%/' AND substr(name, 1, length(@name)) = @name))
     ORDER BY name, step`,
  );
  const artifacts = database.prepare<[string], ArtifactRow>(
    'SELECT name, hash, bytes FROM run_results WHERE run = ? ORDER BY name',
  );
  const reruns = database.prepare<[string], number>('SELECT count(*) FROM runs WHERE rerun_of = ?').pluck();
  const remove = database.prepare<[string]>('DELETE FROM runs WHERE id = ?');
  const experiments = database.prepare<[string, number, number], ExperimentRow>(
    'SELECT name, runs, finished, best_sharpe, created_at, latest_at FROM experiments WHERE instr(lower(name), lower(?)) > 0 ORDER BY latest_at DESC, name LIMIT ? OFFSET ?',
  );
  const experimentCount = database
    .prepare<[string], number>(
      'SELECT count(DISTINCT experiment) FROM runs WHERE instr(lower(experiment), lower(?)) > 0',
    )
    .pluck();

  return {
    setTag: (run: string, name: string, value: string): void => void setTag.run(run, name, value),
    dropTag: (run: string, name: string): void => void dropTag.run(run, name),
    tags: (run: string): Record<string, string> =>
      Object.fromEntries(tags.all(run).map(({ name, value }) => [name, value])),
    setNote: (run: string, note: string): void => void setNote.run(run, note),
    setArchived: (run: string, at: number | null): void => void setArchived.run(run, at),
    insertMetric: (run: string, metric: MetricRow): void => void insertMetric.run({ run, ...metric }),
    /** All of them; those of a name; or, where the name ends in a slash, all below it. */
    metrics: (run: string, name?: string): MetricRow[] => metrics.all({ run, name: name ?? null }),
    artifacts: (run: string): ArtifactRow[] => artifacts.all(run),
    rerunsOf: (run: string): number => reruns.get(run) ?? 0,
    /** Errors: SQLite's, where the run is sealed. */
    remove: (run: string): void => void remove.run(run),
    experiments: (search: string, { limit, offset }: { limit: number; offset: number }) => ({
      rows: experiments.all(search, limit, offset),
      total: experimentCount.get(search) ?? 0,
    }),
  };
}
export type TrackingTable = ReturnType<typeof createTrackingTable>;
