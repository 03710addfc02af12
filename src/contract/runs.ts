/** Runs: one walk-forward experiment each, with its configuration frozen, its provenance and its results. */
import { z } from 'zod';
import { researchConfigSchema } from '#quant/research/config';
import { auditRequestSchema, leakageAuditSchema } from './audits';
import { operation, stream } from './operation';
import {
  dateField,
  idField,
  instantField,
  measureSchema,
  pageInput,
  refField,
  sha256Field,
  wireErrorSchema,
} from './fields';
import { runCapacitySchema } from './run-capacity';
import { timingLuckSchema } from './run-luck';
import { runPlanSchema, trainingCurvesSchema } from './run-plan';
import { riskReportSchema } from './run-risk';
import { rerunCheckSchema, runFilterInput, runTracking } from './run-tracking';
import { jobEventSchema, jobStatusSchema, progressSchema } from './jobs';

export const runConfigSchema = z
  .strictObject({
    data: z
      .strictObject({
        dataset: refField.meta({ title: 'Dataset', description: 'Name (latest version) or identifier.' }),
        from: dateField.optional().meta({ title: 'From' }),
        to: dateField.optional().meta({ title: 'To' }),
        benchmark: z
          .string()
          .optional()
          .meta({ title: 'Benchmark', description: 'The index of the dataset unless an asset is named.' }),
        holdout: dateField.optional().meta({
          title: 'Holdout from',
          description: 'First day of a period that the run does not see; an audit may open it once, on record.',
        }),
      })
      .meta({ title: 'Data' }),
    ...researchConfigSchema.shape,
  })
  .meta({ id: 'RunConfig' });
export type RunConfig = z.infer<typeof runConfigSchema>;

export const provenanceSchema = z
  .object({
    appVersion: z.string(),
    gitCommit: z.string().nullable(),
    lockHash: z.string(),
    configHash: sha256Field,
    datasetId: idField,
    datasetHash: sha256Field,
    seed: z.number().int(),
    device: z.string(),
    /** What computed: `javascript`, or the training engine on the device. */
    backend: z.string().default('javascript'),
    node: z.string(),
    platform: z.string(),
    /** Of the artifact `environment.json`: versions of everything the program runs on. Null in runs of earlier versions. */
    environmentHash: sha256Field.nullable().default(null),
    /** Hash of everything that decides the bits of the result; equal identity, equal result hash. */
    identity: sha256Field,
    resultHash: sha256Field.nullable(),
    timings: z.record(z.string(), z.number()).meta({ unit: 'ms' }),
    rerunOf: idField.nullable(),
  })
  .meta({ id: 'Provenance' });
export type Provenance = z.infer<typeof provenanceSchema>;

export const strategyResultSchema = z
  .object({
    name: z.string(),
    role: z.enum(['primary', 'compare', 'baseline', 'benchmark']),
    summary: z.string(),
    /** Measure name → value; names are those of the measures reference (sharpe, cagr, max_drawdown, …). */
    metrics: z.record(z.string(), measureSchema),
    drawdowns: z.array(
      z.object({
        depth: z.number(),
        peak: z.string().nullable(),
        trough: z.string(),
        recovery: z.string().nullable(),
        days: z.number().int(),
      }),
    ),
    monthly: z.array(z.object({ month: z.string(), return: z.number() })),
  })
  .meta({ id: 'StrategyResult' });

export const strategyComparisonSchema = z
  .object({
    strategy: z.string(),
    against: z.string(),
    sharpeDifference: measureSchema,
    pValue: z.number().nullable(),
    method: z.string(),
    verdict: z.string(),
    distinguishable: z.boolean().nullable(),
  })
  .meta({ id: 'StrategyComparison' });

export const foldSchema = z
  .object({
    trainFrom: z.string(),
    trainTo: z.string(),
    testFrom: z.string(),
    testTo: z.string(),
    purged: z.number().int(),
    trainRows: z.number().int(),
    metrics: z.record(z.string(), z.number().nullable()),
  })
  .meta({ id: 'Fold' });

export const runSummarySchema = z
  .object({
    id: idField,
    /** `<strategy>-<horizon>d-<date>-<id>` */
    name: z.string(),
    experiment: z.string(),
    job: idField,
    status: jobStatusSchema,
    createdAt: instantField,
    finishedAt: instantField.nullable(),
    dataset: z.object({ id: idField, name: z.string(), version: z.number().int() }),
    tags: z.record(z.string(), z.string()),
    /** Left out of lists. */
    archived: z.boolean(),
    progress: progressSchema.nullable(),
    error: wireErrorSchema.nullable(),
    /** Headline of the primary strategy once the run has succeeded. */
    headline: z
      .object({
        sharpe: measureSchema,
        psr: z.number().nullable(),
        cagr: z.number().nullable(),
        maxDrawdown: z.number().nullable(),
        verdict: z.string(),
        distinguishable: z.boolean().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runSchema = runSummarySchema
  .extend({
    config: runConfigSchema,
    provenance: provenanceSchema,
    note: z.string(),
    /** What a rerun proved about the run it repeats; null where this run is none, or has not finished. */
    rerun: rerunCheckSchema.nullable(),
    trials: z
      .object({
        inRun: z.number().int(),
        onDataset: z.number().int(),
        /** Of the primary strategy, by all `trials` on the dataset when the run finished; `dsr` of a strategy knows the run only. */
        deflatedSharpe: measureSchema.extend({ trials: z.number().int().nullable() }),
      })
      .nullable(),
    strategies: z.array(strategyResultSchema),
    comparisons: z.array(strategyComparisonSchema),
    folds: z.array(foldSchema),
    audit: z
      .object({
        overlaps: z.number().int(),
        checkedPairs: z.number().int(),
        sameBarFills: z.number().int(),
        passed: z.boolean(),
      })
      .nullable(),
    /** How much money the primary strategy could carry; null until the run has succeeded. */
    capacity: runCapacitySchema.nullable(),
    /** The latest leakage audit, guard by guard; null where none was asked for (`runs audit`). */
    leakage: leakageAuditSchema.nullable(),
    portfolio: idField.nullable(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;

const nullableSeries = z.array(z.number().nullable());

export const runs = {
  start: operation({
    method: 'POST',
    path: '/runs',
    summary: 'Start a run; it is queued at once and worked on in a child process',
    scope: 'train',
    input: z.strictObject({ config: runConfigSchema }),
    output: z.object({ run: idField, job: idField, name: z.string() }),
  }),
  validate: operation({
    method: 'POST',
    path: '/runs/validate',
    summary: 'Check a YAML configuration; problems come with line and column',
    input: z.strictObject({ text: z.string().max(200_000), file: z.string().default('run.yaml') }),
    output: z.object({
      config: runConfigSchema.nullable(),
      problems: z.array(
        z.object({
          file: z.string(),
          line: z.number().int(),
          column: z.number().int(),
          path: z.string(),
          message: z.string(),
        }),
      ),
    }),
  }),
  plan: operation({
    method: 'POST',
    path: '/runs/plan',
    summary: 'What a configuration will do and take: folds, rows, memory, time by a probe batch, trials',
    scope: 'train',
    input: z.strictObject({ config: runConfigSchema }),
    output: runPlanSchema,
  }),
  training: operation({
    method: 'GET',
    path: '/runs/{run}/training',
    summary: 'Learning curves of the networks of a run, fit by fit and seed by seed',
    positional: ['run'],
    input: z.strictObject({ run: refField }),
    output: trainingCurvesSchema,
  }),
  list: operation({
    method: 'GET',
    path: '/runs',
    summary: 'Runs, newest first unless told; searched, filtered and ordered',
    input: z.strictObject({
      ...pageInput,
      ...runFilterInput,
      status: jobStatusSchema.optional(),
      dataset: refField.optional(),
    }),
    output: z.object({ runs: z.array(runSummarySchema), total: z.number().int() }),
  }),
  show: operation({
    method: 'GET',
    path: '/runs/{run}',
    summary: 'One run: verdict, metrics with intervals, folds, provenance',
    positional: ['run'],
    input: z.strictObject({ run: refField }),
    output: runSchema,
  }),
  series: operation({
    method: 'GET',
    path: '/runs/{run}/series',
    summary: 'Daily series of every strategy: equity net and gross, drawdown, rolling Sharpe, turnover',
    positional: ['run'],
    input: z.strictObject({ run: refField }),
    output: z.object({
      dates: z.array(z.string()),
      strategies: z.array(
        z.object({
          name: z.string(),
          role: strategyResultSchema.shape.role,
          equity: z.array(z.number()),
          gross: z.array(z.number()),
          drawdown: z.array(z.number()),
          rollingSharpe: nullableSeries,
          exposure: z.array(z.number()),
          rebalances: z.array(
            z.object({
              decided: z.string(),
              filled: z.string(),
              turnover: z.number(),
              cost: z.number(),
              holdings: z.number().int(),
            }),
          ),
        }),
      ),
    }),
  }),
  weights: operation({
    method: 'GET',
    path: '/runs/{run}/weights/{strategy}',
    summary: 'Target weights of one strategy at every rebalance',
    sensitive: true,
    positional: ['run', 'strategy'],
    input: z.strictObject({ run: refField, strategy: z.string().min(1) }),
    output: z.object({
      dates: z.array(z.string()),
      assets: z.array(z.string()),
      sectors: z.array(z.string()),
      weights: z.array(z.array(z.number())),
    }),
  }),
  risk: operation({
    method: 'GET',
    path: '/runs/{run}/risk',
    summary:
      'Risk of one strategy: value at risk, contributions of what is held, exposures, stress, drawdowns by asset',
    positional: ['run'],
    input: z.strictObject({
      run: refField,
      strategy: z.string().min(1).optional().meta({ title: 'Strategy', description: 'The primary one unless named.' }),
    }),
    output: riskReportSchema,
  }),
  luck: operation({
    method: 'GET',
    path: '/runs/{run}/luck',
    summary: 'How much of the result is the choice of the rebalance day',
    positional: ['run'],
    input: z.strictObject({ run: refField }),
    output: timingLuckSchema,
  }),
  events: stream({
    method: 'GET',
    path: '/runs/{run}/events',
    summary: 'Events of a run from the first, or after a sequence number; ends when the run ends',
    positional: ['run'],
    input: z.strictObject({ run: refField, after: z.coerce.number().int().min(0).default(0) }),
    output: jobEventSchema,
  }),
  cancel: operation({
    method: 'POST',
    path: '/runs/{run}/cancel',
    summary: 'Cancel a run; what it had finished is kept',
    scope: 'train',
    whenFull: true,
    positional: ['run'],
    input: z.strictObject({ run: refField }),
    output: runSummarySchema,
  }),
  rerun: operation({
    method: 'POST',
    path: '/runs/{run}/rerun',
    summary: 'Run the same frozen configuration again; same identity gives the same bits',
    scope: 'train',
    positional: ['run'],
    input: z.strictObject({ run: refField }),
    output: z.object({ run: idField, job: idField, name: z.string() }),
  }),
  audit: operation({
    method: 'POST',
    path: '/runs/{run}/audit',
    summary: 'Audit a finished run for leakage: eight guards on its own data, and what survivorship is worth',
    scope: 'train',
    positional: ['run'],
    input: z.strictObject({ run: refField, ...auditRequestSchema }),
    output: z.object({ run: idField, job: idField }),
  }),
  compare: operation({
    method: 'GET',
    path: '/runs/compare',
    summary: 'What differs between runs, and nothing else: parameters and metrics',
    positional: ['runs'],
    input: z.strictObject({
      runs: z
        .union([z.array(refField), refField.transform((value) => value.split(','))])
        .pipe(z.array(refField).min(2).max(20)),
    }),
    output: z.object({
      runs: z.array(z.object({ id: idField, name: z.string() })),
      parameters: z.array(z.object({ path: z.string(), values: z.array(z.string()) })),
      metrics: z.array(z.object({ name: z.string(), values: z.array(measureSchema) })),
      sameIdentity: z.boolean(),
      /** Runs that were named and do not exist, for example because one was removed meanwhile. */
      missing: z.array(z.string()),
    }),
  }),
  ...runTracking,
};
