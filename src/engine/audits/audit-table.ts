/** Rows of `audits`, openings of holdouts in `audit`, and what the trial ledger and other runs say, typed. Statements only. */
import type { AuditLog } from '../audit/audit-log';
import type { Database } from '../store/database';

export interface NewAudit {
  readonly job: string;
  readonly run: string;
  readonly created_at: number;
  readonly status: string;
  readonly document: string;
}

export interface TriedRun {
  readonly id: string;
  readonly created_at: number;
  readonly config: string;
  readonly summary: string;
}

const OPENED = 'holdout-opened';

export function createAuditTable(database: Database, log: AuditLog) {
  const insert = database.prepare<[NewAudit]>(
    'INSERT INTO audits (job, run, created_at, status, document) VALUES (@job, @run, @created_at, @status, @document)',
  );
  const openings = database
    .prepare<[string], number>(`SELECT count(*) FROM audit WHERE action = '${OPENED}' AND object = ?`)
    .pluck();
  const trials = database.prepare<[string], string>('SELECT strategy_hash FROM trials WHERE dataset_hash = ?').pluck();
  const tried = database.prepare<[string], TriedRun>(
    `SELECT runs.id, runs.created_at, runs.config, runs.summary FROM runs
     WHERE runs.summary IS NOT NULL AND json_extract(runs.provenance, '$.datasetHash') = ?
     ORDER BY runs.created_at, runs.id`,
  );

  return {
    insert: (audit: NewAudit): void => void insert.run(audit),
    /** How often a model's holdout was opened. */
    openings: (model: string): number => openings.get(model) ?? 0,
    recordOpening: (model: string, detail: Readonly<Record<string, unknown>>): void =>
      log.append({ actor: 'user', action: OPENED, object: model, detail }),
    /** Hashes of all strategies ever tried on data of this content. */
    trialsOn: (datasetHash: string): string[] => trials.all(datasetHash),
    /** Finished runs on data of this content, oldest first. */
    runsOn: (datasetHash: string): TriedRun[] => tried.all(datasetHash),
  };
}
