/**
 * Runs: start, read, compare, rerun. A run is stored with its frozen configuration and its job in one transaction,
 * and sealed with its results in one transaction.
 */
import { z } from 'zod';
import { canonicalJson } from '#base/canonical-json';
import { AppError, type WireError } from '#base/errors';
import { leakageAuditSchema } from '#contract/audits';
import { progressSchema } from '#contract/jobs';
import { wireErrorSchema } from '#contract/fields';
import {
  provenanceSchema,
  runConfigSchema,
  runSummarySchema,
  type Provenance,
  type Run,
  type RunConfig,
  type RunSummary,
} from '#contract/runs';
import type { ResearchResult } from '#quant/research/result';
import type { DatasetService } from '../datasets/dataset-service';
import type { Host } from '../host';
import type { JobRequest } from '../jobs/queue';
import type { ModelService, NewBundle, StoredBundle } from '../models/model-service';
import type { JobRow } from '../store/jobs-table';
import type { PortfolioTable } from '../portfolios/portfolio-table';
import { inTransaction, type Database } from '../store/database';
import type { ObjectStore } from '../store/object-store';
import { sha256 } from '../store/sha256';
import { createUlid } from '../store/ulid';
import type { Publish } from '../topics/outbox';
import { adoptRun, type AdoptedRun } from './adopt-run';
import { environment, ENVIRONMENT_ARTIFACT } from './environment';
import { epochTimes, metricsOf } from './metrics-over-steps';
import { pretrainedOf } from './pretrained';
import { factTags, identityOf, provenanceOf, runName } from './provenance';
import {
  decodeHoldings,
  encodeResult,
  runSummaryDocument,
  summaryDocument,
  triedSharpes,
  type LedgerDeflation,
} from './run-documents';
import { checkRerun } from './rerun-check';
import { publishEnded, publishSucceeded } from './run-events';
import type { RunFilter } from './run-query';
import { createRunTable, type RunRow } from './run-table';
import { createRunTracking } from './run-tracking';
import { createTrackingTable } from './tracking-table';

export interface RunServiceOptions {
  readonly database: Database;
  readonly objects: ObjectStore;
  /** Stores a job within the caller's transaction and returns its identifier. */
  enqueue(request: JobRequest): string;
  readonly datasets: DatasetService;
  readonly portfolios: PortfolioTable;
  readonly models: ModelService;
  readonly host: Pick<Host, 'now' | 'version'>;
  readonly publish: Publish;
}

/** What the worker of a run hands back. */
export interface RunAnswer {
  readonly result: ResearchResult;
  readonly timings: Record<string, number>;
  readonly deflation: LedgerDeflation;
  readonly bundles: readonly NewBundle[];
  readonly device: string | null;
}

const headlineSchema = runSummarySchema.shape.headline;
const tagsSchema = z.record(z.string(), z.string());
const instant = (at: number): string => new Date(at).toISOString();

function parsed<Schema extends z.ZodType>(schema: Schema, text: string | null): z.infer<Schema> | null {
  return text === null ? null : schema.parse(JSON.parse(text));
}

export function toSummary(row: RunRow): RunSummary {
  return {
    id: row.id,
    name: row.name,
    experiment: row.experiment,
    job: row.job,
    status: runSummarySchema.shape.status.parse(row.status),
    createdAt: instant(row.created_at),
    finishedAt: row.finished_at === null ? null : instant(row.finished_at),
    dataset: { id: row.dataset, name: row.dataset_name, version: row.dataset_version },
    tags: tagsSchema.parse(JSON.parse(row.tags)),
    archived: row.archived_at !== null,
    progress: parsed(progressSchema, row.progress),
    error: parsed(wireErrorSchema, row.error),
    headline: parsed(headlineSchema, row.headline),
  };
}

export function toRun(row: RunRow): Run {
  const summary = parsed(runSummaryDocument, row.summary);
  return {
    ...toSummary(row),
    config: runConfigSchema.parse(JSON.parse(row.config)),
    provenance: provenanceSchema.parse(JSON.parse(row.provenance)),
    note: row.note ?? '',
    rerun: summary?.rerun ?? null,
    trials: summary?.trials ?? null,
    strategies: summary?.strategies ?? [],
    comparisons: summary?.comparisons ?? [],
    folds: summary?.folds ?? [],
    audit: summary?.audit ?? null,
    capacity: summary?.capacity ?? null,
    leakage: parsed(leakageAuditSchema, row.leakage),
    portfolio: summary?.portfolio ?? null,
    warnings: summary?.warnings ?? [],
  };
}

function headlineOf(result: ResearchResult): RunSummary['headline'] {
  const primary = result.strategies.find((strategy) => strategy.role === 'primary');
  const value = (name: string) => primary?.metrics[name]?.value ?? null;
  return {
    sharpe: primary?.metrics['sharpe'] ?? { value: null, reason: 'The run has no primary strategy.' },
    psr: value('psr'),
    cagr: value('cagr'),
    maxDrawdown: value('max_drawdown'),
    verdict: result.verdict,
    distinguishable: result.distinguishable,
  };
}

export function createRunService({
  database,
  objects,
  enqueue,
  datasets,
  portfolios,
  models,
  host,
  publish,
}: RunServiceOptions) {
  const table = createRunTable(database);
  const trackingTable = createTrackingTable(database);

  function find(ref: string, options?: { finished: boolean }): RunRow {
    const row = table.find(ref, options);
    if (row === undefined) {
      throw new AppError(
        'NOT_FOUND',
        `Expected a run named or numbered "${ref}", found none. List them with: sextant runs list.`,
      );
    }
    return row;
  }

  function start(config: RunConfig, rerunOf: string | null = null): { run: string; job: string; name: string } {
    const dataset = datasets.find(config.data.dataset);
    const now = host.now();
    const run = createUlid(now);
    const name = runName(config, run, instant(now));
    const frozen: RunConfig = { ...config, data: { ...config.data, dataset: dataset.id } };
    const provenance = provenanceOf({
      version: host.version,
      config: frozen,
      datasetId: dataset.id,
      datasetHash: dataset.contentHash,
      rerunOf,
    });
    return inTransaction(database, () => {
      const job = enqueue({ kind: 'run', subject: run, title: config.experiment.name, payload: {} });
      table.insert({
        id: run,
        name,
        job,
        dataset: dataset.id,
        created_at: now,
        config: canonicalJson(frozen),
        tags: canonicalJson(config.experiment.tags),
        provenance: canonicalJson(provenance),
        rerun_of: rerunOf,
      });
      const tags = { phase: 'research', ...config.experiment.tags, ...factTags(config, dataset) };
      for (const [tag, value] of Object.entries(tags)) trackingTable.setTag(run, tag, value);
      return { run, job, name };
    });
  }

  function rerun(ref: string): { run: string; job: string; name: string } {
    const row = find(ref);
    return start(runConfigSchema.parse(JSON.parse(row.config)), row.id);
  }

  /** What the worker needs: the configuration, the prices, and what was tried on them before; that never enters the result. */
  async function prepare(job: JobRow) {
    const row = find(job.subject);
    const { datasetHash } = provenanceSchema.parse(JSON.parse(row.provenance));
    const prior = {
      strategies: table.trialHashesOn(datasetHash),
      sharpes: triedSharpes(table.summariesOn(datasetHash)),
    };
    const config = runConfigSchema.parse(JSON.parse(row.config));
    const { app, gitCommit, lockHash } = host.version;
    return {
      config,
      prior,
      facts: { datasetHash, codeHash: sha256(canonicalJson({ app, gitCommit, lockHash })) },
      pretrained: await pretrainedOf(config, models),
      ...(await datasets.history(row.dataset)),
    };
  }

  /** What planning needs. */
  async function planInput(config: RunConfig) {
    const dataset = datasets.find(config.data.dataset);
    return { config, ...(await datasets.history(dataset.id)) };
  }

  /** Of the trials named, how many are new to the dataset. */
  function trialsAfter(config: RunConfig, hashes: readonly string[]): { before: number; after: number } {
    const known = table.trialHashesOn(datasets.find(config.data.dataset).contentHash);
    const all = new Set([...known, ...hashes]);
    return { before: known.length, after: all.size };
  }

  /** Stores the objects first; the transaction that `store` runs in then makes all of the result visible at once. */
  async function complete(
    job: JobRow,
    { result, timings, deflation, bundles, device }: RunAnswer,
  ): Promise<() => void> {
    const row = find(job.subject);
    const bytes = encodeResult(result);
    const object = await objects.putObject([bytes]);
    const fitted: StoredBundle[] = [];
    for (const bundle of bundles) fitted.push(await models.store(bundle));
    const surroundings = environment();
    const environmentObject = await objects.putObject([new TextEncoder().encode(surroundings.text)]);
    const facts: Provenance = {
      ...provenanceSchema.parse(JSON.parse(row.provenance)),
      resultHash: object.hash,
      environmentHash: surroundings.hash,
      timings,
      ...(device === null ? {} : { device }),
    };
    // What a network ran on is known only now, and decides its bits.
    const provenance: Provenance = { ...facts, identity: identityOf(facts) };
    const rerun = await rerunCheck(row, provenance, bytes);
    return () => {
      const now = host.now();
      const portfolio = createUlid(now);
      for (const { key } of result.trials) table.insertTrial(provenance.datasetHash, sha256(key), row.id, now);
      for (const write of fitted) write(row.id, now);
      table.insertResult(row.id, 'result', object);
      table.insertResult(row.id, ENVIRONMENT_ARTIFACT, environmentObject);
      for (const metric of metricsOf(result, epochTimes(database, job.id))) trackingTable.insertMetric(row.id, metric);
      portfolios.insert({
        id: portfolio,
        run: row.id,
        strategy: result.strategies.find((strategy) => strategy.role === 'primary')?.name ?? '',
        created_at: now,
        decided_on: result.next.decidedOn,
        fill_on: result.next.fillOn,
        document: canonicalJson(result.next),
      });
      const trialsOnDataset = table.trialsOn(provenance.datasetHash);
      table.seal(row.id, {
        provenance: canonicalJson(provenance),
        headline: canonicalJson(headlineOf(result)),
        summary: canonicalJson(summaryDocument(result, { portfolio, trialsOnDataset, deflation, rerun })),
        at: now,
      });
      publishSucceeded(publish, row, portfolio, result);
    };
  }

  /** What this run proves about the one it repeats; null for a run that repeats none. */
  async function rerunCheck(row: RunRow, provenance: Provenance, bytes: Uint8Array) {
    if (row.rerun_of === null) return null;
    const original = find(row.rerun_of);
    const hash = table.resultHash(original.id, 'result');
    return checkRerun(
      {
        id: original.id,
        name: original.name,
        provenance: provenanceSchema.parse(JSON.parse(original.provenance)),
        bytes: hash === undefined ? null : await objects.getObject(hash),
      },
      { provenance, bytes },
    );
  }

  function finished(ref: string): { row: RunRow; resultHash: string } {
    const row = find(ref, { finished: true });
    const resultHash = table.resultHash(row.id, 'result');
    if (resultHash === undefined) {
      throw new AppError(
        'CONFLICT',
        `Expected a finished run, found ${row.name} ${row.status}. Wait for it, or start it again.`,
      );
    }
    return { row, resultHash };
  }

  const resultBytes = async (ref: string): Promise<Uint8Array> => objects.getObject(finished(ref).resultHash);

  /** What the risk job needs: the dataset, the run's part of it, and what the run stored about the strategy. */
  async function riskInput(ref: string, strategy: string | undefined) {
    const holdings = decodeHoldings(await resultBytes(ref), strategy);
    const row = find(ref, { finished: true });
    const { data } = runConfigSchema.parse(JSON.parse(row.config));
    return { ...(await datasets.history(row.dataset)), ...holdings, selection: data };
  }

  /** What the timing job needs: the configuration and the prices of a run that has succeeded. Errors: NOT_FOUND, CONFLICT. */
  async function luckInput(ref: string) {
    const { row } = finished(ref);
    return { config: runConfigSchema.parse(JSON.parse(row.config)), ...(await datasets.history(row.dataset)) };
  }

  /** The runs that exist, and the references that no longer name one. Errors: NOT_FOUND where fewer than two are left. */
  function several(refs: readonly string[]): { runs: Run[]; missing: string[] } {
    const rows = refs.map((ref) => [ref, table.find(ref)] as const);
    const missing = rows.flatMap(([ref, row]) => (row === undefined ? [ref] : []));
    const runs = rows.flatMap(([, row]) => (row === undefined ? [] : [toRun(row)]));
    if (runs.length >= 2) return { runs, missing };
    throw new AppError(
      'NOT_FOUND',
      `Expected at least two runs to compare, found ${runs.length}; ${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not exist. Choose others.`,
      { data: { missing } },
    );
  }

  /** A finished run as another workspace takes it in. */
  function documentOf(ref: string): AdoptedRun {
    const { row } = finished(ref);
    const { headline, summary } = row;
    if (headline === null || summary === null || row.finished_at === null) {
      throw new AppError('WORKSPACE_DAMAGED', `Expected the summary of ${row.name}, found none. Run it again.`);
    }
    return {
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      config: runConfigSchema.parse(JSON.parse(row.config)),
      provenance: provenanceSchema.parse(JSON.parse(row.provenance)),
      headline: headlineSchema.unwrap().parse(JSON.parse(headline)),
      summary: runSummaryDocument.parse(JSON.parse(summary)),
      tags: tagsSchema.parse(JSON.parse(row.tags)),
      note: row.note ?? '',
      metrics: trackingTable.metrics(row.id),
    };
  }

  const adoptOptions = { database, table, trackingTable, portfolios, datasets, now: () => host.now() };

  return {
    find,
    documentOf,
    adopt: (
      run: AdoptedRun,
      stored: Parameters<typeof adoptRun>[2],
      result: Uint8Array,
      complete: (now: number) => void,
    ) => adoptRun(adoptOptions, run, stored, result, complete),
    several,
    tracking: createRunTracking({ database, table: trackingTable, find, host }),
    riskInput,
    luckInput,
    planInput,
    trialsAfter,
    start,
    rerun,
    prepare,
    complete,
    /** Tells that the run of a job failed or was cancelled, inside the transaction that ends it. */
    ended: (job: JobRow, error: WireError): void => publishEnded(publish, find(job.subject), error),
    resultBytes,
    show: (ref: string): Run => toRun(find(ref)),
    summary: (ref: string): RunSummary => toSummary(find(ref)),
    ofJob: (job: string): RunRow | undefined => table.ofJob(job),
    list(filter: RunFilter) {
      const dataset = filter.dataset === undefined ? undefined : datasets.find(filter.dataset).id;
      const { rows, total } = table.list({ ...filter, dataset });
      return { runs: rows.map(toSummary), total };
    },
  };
}
export type RunService = ReturnType<typeof createRunService>;
