/** Rows of `runs` (with the state of their jobs and their latest audit), `run_results` and `trials`, typed. Statements only; no rules. */
import type { Database } from '../store/database';
import { runQuery, type RunFilter } from './run-query';

export interface NewRun {
  readonly id: string;
  readonly name: string;
  readonly job: string;
  readonly dataset: string;
  readonly created_at: number;
  readonly config: string;
  readonly tags: string;
  readonly provenance: string;
  readonly rerun_of: string | null;
}

/** A stored run with the state of its job. */
export interface RunRow extends NewRun {
  readonly experiment: string;
  readonly note: string | null;
  readonly archived_at: number | null;
  readonly headline: string | null;
  readonly summary: string | null;
  /** Document of the latest leakage audit. */
  readonly leakage: string | null;
  readonly status: string;
  readonly finished_at: number | null;
  readonly progress: string | null;
  readonly error: string | null;
  readonly dataset_name: string;
  readonly dataset_version: number;
}

const LEAKAGE = '(SELECT document FROM audits WHERE audits.run = runs.id ORDER BY created_at DESC, job DESC LIMIT 1)';

const SELECT = (summary: string, leakage: string) => `
  SELECT runs.id, runs.name, runs.job, runs.dataset, runs.created_at, runs.config, runs.provenance, runs.rerun_of,
    (SELECT json_group_object(name, value) FROM run_tags WHERE run_tags.run = runs.id) AS tags,
    runs.experiment, marks.note, marks.archived_at, runs.headline, ${summary} AS summary, ${leakage} AS leakage, jobs.status, jobs.finished_at, jobs.progress, jobs.error,
    datasets.name AS dataset_name, datasets.version AS dataset_version
  FROM runs JOIN jobs ON jobs.id = runs.job JOIN datasets ON datasets.id = runs.dataset
  LEFT JOIN run_marks AS marks ON marks.run = runs.id`;

export function createRunTable(database: Database) {
  const full = SELECT('runs.summary', LEAKAGE);
  const byId = database.prepare<[string], RunRow>(`${full} WHERE runs.id = ?`);
  const byName = database.prepare<[string], RunRow>(`${full} WHERE runs.name = ?`);
  const byJob = database.prepare<[string], RunRow>(`${full} WHERE runs.job = ?`);
  const latest = database.prepare<[], RunRow>(`${full} ORDER BY runs.created_at DESC, runs.id DESC LIMIT 1`);
  const latestFinished = database.prepare<[], RunRow>(
    `${full} WHERE jobs.status = 'succeeded' ORDER BY runs.created_at DESC, runs.id DESC LIMIT 1`,
  );
  const lean = SELECT('NULL', 'NULL');
  const insert = database.prepare<[NewRun]>(
    `INSERT INTO runs (id, name, job, dataset, created_at, config, tags, provenance, rerun_of)
     VALUES (@id, @name, @job, @dataset, @created_at, @config, @tags, @provenance, @rerun_of)`,
  );
  const seal = database.prepare<[string, string, string, number, string]>(
    'UPDATE runs SET provenance = ?, headline = ?, summary = ?, sealed_at = ? WHERE id = ?',
  );
  const insertResult = database.prepare<[string, string, string, number]>(
    'INSERT INTO run_results (run, name, hash, bytes) VALUES (?, ?, ?, ?)',
  );
  const resultHash = database
    .prepare<[string, string], string>('SELECT hash FROM run_results WHERE run = ? AND name = ?')
    .pluck();
  const insertTrial = database.prepare<[string, string, string, number]>(
    'INSERT OR IGNORE INTO trials (dataset_hash, strategy_hash, run, at) VALUES (?, ?, ?, ?)',
  );
  const trialHashes = database
    .prepare<[string], string>('SELECT strategy_hash FROM trials WHERE dataset_hash = ? ORDER BY ordinal')
    .pluck();
  const summaries = database
    .prepare<[string], string>(
      `SELECT summary FROM runs WHERE summary IS NOT NULL AND json_extract(provenance, '$.datasetHash') = ?
       ORDER BY created_at, id`,
    )
    .pluck();
  const trialCount = database.prepare<[string], number>('SELECT count(*) FROM trials WHERE dataset_hash = ?').pluck();

  return {
    /** An identifier, a name or `latest` (the newest one; with `finished`, the newest that succeeded). */
    find(ref: string, { finished = false } = {}): RunRow | undefined {
      if (ref === 'latest') return finished ? latestFinished.get() : latest.get();
      return byId.get(ref) ?? byName.get(ref);
    },
    ofJob: (job: string): RunRow | undefined => byJob.get(job),
    list(filter: RunFilter): { rows: RunRow[]; total: number } {
      const { where, orderBy, parameters } = runQuery(filter);
      const page = database.prepare<unknown[], RunRow>(`${lean} ${where} ${orderBy} LIMIT ? OFFSET ?`);
      const count = database
        .prepare<unknown[], number>(`SELECT count(*) FROM runs JOIN jobs ON jobs.id = runs.job ${where}`)
        .pluck();
      return { rows: page.all(...parameters, filter.limit, filter.offset), total: count.get(...parameters) ?? 0 };
    },
    insert: (run: NewRun): void => void insert.run(run),
    /** Writes the outcome and closes the run for ever. Results and trials are written before, in the same transaction. */
    seal(id: string, outcome: { provenance: string; headline: string; summary: string; at: number }): void {
      seal.run(outcome.provenance, outcome.headline, outcome.summary, outcome.at, id);
    },
    insertResult: (run: string, name: string, object: { hash: string; bytes: number }): void =>
      void insertResult.run(run, name, object.hash, object.bytes),
    resultHash: (run: string, name: string): string | undefined => resultHash.get(run, name),
    insertTrial: (datasetHash: string, strategyHash: string, run: string, at: number): void =>
      void insertTrial.run(datasetHash, strategyHash, run, at),
    /** Hashes of all strategies ever tried on data of this content, in the order of trying. */
    trialHashesOn: (datasetHash: string): string[] => trialHashes.all(datasetHash),
    /** Summaries of finished runs on data of this content, oldest first. */
    summariesOn: (datasetHash: string): string[] => summaries.all(datasetHash),
    trialsOn: (datasetHash: string): number => trialCount.get(datasetHash) ?? 0,
  };
}
