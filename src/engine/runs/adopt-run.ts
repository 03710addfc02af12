/**
 * A run that comes from another workspace, stored as it was: same identifier, name, configuration, provenance and results, sealed at once.
 * It is taken in only beside a dataset of the same content, and what it tried counts as tried here.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import type { Provenance, RunConfig, RunSummary } from '#contract/runs';
import type { DatasetService } from '../datasets/dataset-service';
import type { PortfolioTable } from '../portfolios/portfolio-table';
import { decodeBundle } from '../store/array-bundle';
import { inTransaction, type Database } from '../store/database';
import { appendJobEvent } from '../store/job-events-table';
import { insertJob, updateJob } from '../store/jobs-table';
import { sha256 } from '../store/sha256';
import { createUlid } from '../store/ulid';
import { factTags } from './provenance';
import type { RunSummaryDocument } from './run-documents';
import type { createRunTable } from './run-table';
import type { MetricRow, TrackingTable } from './tracking-table';

export interface AdoptedRun {
  readonly id: string;
  readonly name: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly finishedAt: number;
  readonly config: RunConfig;
  readonly provenance: Provenance;
  readonly headline: NonNullable<RunSummary['headline']>;
  readonly summary: RunSummaryDocument;
  readonly tags: Readonly<Record<string, string>>;
  readonly note: string;
  readonly metrics: readonly MetricRow[];
}

export interface AdoptOptions {
  readonly database: Database;
  readonly table: ReturnType<typeof createRunTable>;
  readonly trackingTable: TrackingTable;
  readonly portfolios: PortfolioTable;
  readonly datasets: Pick<DatasetService, 'withContent'>;
  now(): number;
}

const resultDocument = z.object({
  trials: z.array(z.object({ key: z.string() })),
  strategies: z.array(z.object({ name: z.string(), role: z.string() })),
  next: z.looseObject({
    decidedOn: z.string(),
    fillOn: z.string(),
    weights: z.array(z.unknown()),
    checks: z.array(z.unknown()),
  }),
});

/** @param complete writes what else belongs to the run, in the same transaction. Errors: CONFLICT where the run is here already, or its data is not; INVALID_DATA where the result is not one. */
export function adoptRun(
  options: AdoptOptions,
  run: AdoptedRun,
  stored: readonly { readonly name: string; readonly hash: string; readonly bytes: number }[],
  result: Uint8Array,
  complete: (now: number) => void,
): { run: string; name: string } {
  const { database, table, trackingTable, portfolios, datasets } = options;
  const { id, name, config, provenance } = run;
  if (table.find(id) !== undefined || table.find(name) !== undefined) {
    throw new AppError(
      'CONFLICT',
      `Expected a run that is not in this workspace, found ${name}. Nothing was imported.`,
    );
  }
  const dataset = datasets.withContent(provenance.datasetHash);
  if (dataset === null) {
    throw new AppError(
      'CONFLICT',
      `Expected the data of ${name} (content ${provenance.datasetHash.slice(0, 12)}…) in this workspace, found none. Import the same files first; nothing was imported.`,
      { data: { datasetHash: provenance.datasetHash } },
    );
  }
  const parsed = resultDocument.safeParse(decodeBundle(result).document);
  if (!parsed.success) {
    throw new AppError(
      'INVALID_DATA',
      `Expected the result of a run in ${name}, found another document. Nothing was imported.`,
    );
  }
  const { trials, strategies, next } = parsed.data;
  return inTransaction(database, () => {
    const now = options.now();
    const job = createUlid(now);
    insertJob(database, {
      id: job,
      kind: 'run',
      subject: id,
      title: `${config.experiment.name} (imported)`,
      payload: {},
      createdAt: run.createdAt,
    });
    updateJob(database, job, { status: 'succeeded', startedAt: run.createdAt, finishedAt: run.finishedAt });
    appendJobEvent(database, job, now, { type: 'status', status: 'succeeded' });
    const portfolio = createUlid(now);
    const rerunOf =
      provenance.rerunOf !== null && table.find(provenance.rerunOf) !== undefined ? provenance.rerunOf : null;
    table.insert({
      id,
      name,
      job,
      dataset: dataset.id,
      created_at: run.createdAt,
      config: canonicalJson({ ...config, data: { ...config.data, dataset: dataset.id } }),
      tags: canonicalJson(config.experiment.tags),
      provenance: canonicalJson(provenance),
      rerun_of: rerunOf,
    });
    for (const [tag, value] of Object.entries({ ...run.tags, ...factTags(config, dataset) }))
      trackingTable.setTag(id, tag, value);
    if (run.note !== '') trackingTable.setNote(id, run.note);
    for (const metric of run.metrics) trackingTable.insertMetric(id, metric);
    for (const { key } of trials) table.insertTrial(provenance.datasetHash, sha256(key), id, now);
    for (const { name: artifact, ...object } of stored) table.insertResult(id, artifact, object);
    portfolios.insert({
      id: portfolio,
      run: id,
      strategy: strategies.find(({ role }) => role === 'primary')?.name ?? '',
      created_at: now,
      decided_on: next.decidedOn,
      fill_on: next.fillOn,
      document: canonicalJson(next),
    });
    table.seal(id, {
      provenance: canonicalJson({ ...provenance, datasetId: dataset.id }),
      headline: canonicalJson(run.headline),
      summary: canonicalJson({ ...run.summary, portfolio }),
      at: now,
    });
    complete(now);
    return { run: id, name };
  });
}
