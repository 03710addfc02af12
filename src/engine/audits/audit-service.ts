/**
 * Leakage audits of finished runs. What is on record (trial ledger, other runs, openings of the holdout) is read and frozen when the
 * audit is asked for, so that every attempt of its job computes the same.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { auditResultSchema } from '#contract/audits';
import { provenanceSchema, runConfigSchema, type RunConfig } from '#contract/runs';
import type { AuditLog } from '../audit/audit-log';
import type { DatasetService } from '../datasets/dataset-service';
import type { Host } from '../host';
import type { JobRequest } from '../jobs/queue';
import type { RunRow } from '../runs/run-table';
import { runSummaryDocument } from '../runs/run-documents';
import type { RunService } from '../runs/run-service';
import { decodeBundle } from '../store/array-bundle';
import { inTransaction, type Database } from '../store/database';
import type { JobRow } from '../store/jobs-table';
import { sha256 } from '../store/sha256';
import { createAuditTable } from './audit-table';

export interface AuditServiceOptions {
  readonly database: Database;
  /** Stores a job within the caller's transaction and returns its identifier. */
  enqueue(request: JobRequest): string;
  readonly runs: RunService;
  readonly datasets: DatasetService;
  readonly host: Pick<Host, 'now'>;
  readonly log: AuditLog;
}

export interface AuditRequest {
  readonly run: string;
  readonly effort: 'full' | 'quick';
  readonly openHoldout: boolean;
}

const payloadSchema = z.strictObject({
  effort: z.enum(['full', 'quick']),
  ledger: z.strictObject({
    trials: z.number().int(),
    inRun: z.number().int(),
    inLedger: z.number().int(),
    sharpes: z.array(z.number()),
  }),
  holdout: z
    .strictObject({ from: z.string(), openings: z.number().int(), peeks: z.number().int(), open: z.boolean() })
    .nullable(),
});
type AuditPayload = z.infer<typeof payloadSchema>;

const resultDocument = z.object({ trials: z.array(z.object({ key: z.string() })) });

export function createAuditService({ database, enqueue, runs, datasets, host, log }: AuditServiceOptions) {
  const table = createAuditTable(database, log);

  /** Errors: NOT_FOUND; CONFLICT where the run has not finished; BAD_REQUEST where there is no holdout to open. */
  async function request({ run: ref, effort, openHoldout }: AuditRequest): Promise<{ run: string; job: string }> {
    const bytes = await runs.resultBytes(ref);
    const row = runs.find(ref, { finished: true });
    const config = runConfigSchema.parse(JSON.parse(row.config));
    const { datasetHash } = provenanceSchema.parse(JSON.parse(row.provenance));
    const { holdout } = config.data;
    if (openHoldout && holdout === undefined) {
      throw new AppError(
        'BAD_REQUEST',
        `Expected a run with a sealed holdout, found none in ${row.name}. Name its first day in data.holdout and run again.`,
      );
    }
    const trialKeys = resultDocument.parse(decodeBundle(bytes).document).trials.map(({ key }) => sha256(key));
    return inTransaction(database, () => {
      const model = modelHash(config, datasetHash);
      if (openHoldout) {
        table.recordOpening(model, { run: row.id, dataset: row.dataset, datasetHash, from: holdout });
      }
      const payload: AuditPayload = {
        effort,
        ledger: ledgerOf(datasetHash, trialKeys),
        holdout:
          holdout === undefined
            ? null
            : {
                from: holdout,
                openings: table.openings(model),
                peeks: peeksOf(row, datasetHash, holdout),
                open: openHoldout,
              },
      };
      const job = enqueue({ kind: 'audit', subject: row.id, title: `Audit of ${config.experiment.name}`, payload });
      return { run: row.id, job };
    });
  }

  function ledgerOf(datasetHash: string, trialKeys: readonly string[]): AuditPayload['ledger'] {
    const tried = new Set(table.trialsOn(datasetHash));
    const sharpes = new Set<number>();
    for (const { summary } of table.runsOn(datasetHash)) {
      for (const { role, metrics } of runSummaryDocument.parse(JSON.parse(summary)).strategies) {
        const sharpe = metrics['sharpe']?.value;
        if ((role === 'primary' || role === 'compare') && typeof sharpe === 'number') sharpes.add(sharpe);
      }
    }
    return {
      trials: tried.size,
      inRun: trialKeys.length,
      inLedger: trialKeys.filter((key) => tried.has(key)).length,
      sharpes: [...sharpes],
    };
  }

  /** Earlier runs on the same data whose range reached into the sealed period. */
  function peeksOf(row: RunRow, datasetHash: string, from: string): number {
    return table.runsOn(datasetHash).filter(({ id, created_at, config }) => {
      if (id === row.id || created_at > row.created_at) return false;
      const { data } = runConfigSchema.parse(JSON.parse(config));
      const sealed = data.holdout !== undefined && data.holdout <= from;
      return !sealed && (data.to === undefined || data.to >= from);
    }).length;
  }

  /** What the worker needs: the configuration, the prices and what is on record. */
  async function prepare(job: JobRow) {
    const row = runs.find(job.subject);
    const config: RunConfig = runConfigSchema.parse(JSON.parse(row.config));
    return { config, ...payloadSchema.parse(job.payload), ...(await datasets.history(row.dataset)) };
  }

  function complete(job: JobRow, answer: unknown): () => void {
    const result = auditResultSchema.parse(answer);
    const { effort } = payloadSchema.parse(job.payload);
    const now = host.now();
    const document = canonicalJson({ ...result, job: job.id, auditedAt: new Date(now).toISOString(), effort });
    return () => table.insert({ job: job.id, run: job.subject, created_at: now, status: result.status, document });
  }

  return { request, prepare, complete };
}
export type AuditService = ReturnType<typeof createAuditService>;

/** Two runs that would decide alike are one model, whatever they are called. */
function modelHash({ data, model, backtest }: RunConfig, datasetHash: string): string {
  return sha256(canonicalJson({ model, backtest, from: data.from, holdout: data.holdout, datasetHash }));
}
