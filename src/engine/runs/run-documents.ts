/**
 * A research result as stored documents, and back: one bundle with everything that is decided by the run's identity
 * (its hash is the run's result hash), and a summary for lists and pages.
 */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { runSchema, type runs } from '#contract/runs';
import type { RerunCheck } from '#contract/run-tracking';
import type { ResearchResult, StrategyOutcome } from '#quant/research/result';
import { decodeBundle, encodeBundle, type BundleArray } from '../store/array-bundle';

type OutputOf<Name extends 'series' | 'weights'> = z.infer<NonNullable<(typeof runs)[Name]['~orpc']['outputSchema']>>;

const { trials: trialsField, capacity: capacityField } = runSchema.shape;
const { deflatedSharpe } = trialsField.unwrap().shape;
const stored = 'The run was stored by a version that did not compute it. Run it again.';

/** Summaries of earlier versions lack what is made up for here, with the reason. */
export const runSummaryDocument = runSchema
  .pick({ strategies: true, comparisons: true, folds: true, audit: true, portfolio: true, warnings: true })
  .extend({
    trials: trialsField
      .unwrap()
      .extend({ deflatedSharpe: deflatedSharpe.default({ value: null, reason: stored, trials: null }) })
      .nullable(),
    capacity: capacityField.default({
      netAssetValue: { value: null, reason: stored },
      verdict: stored,
      estimate: null,
    }),
    rerun: runSchema.shape.rerun.default(null),
  });
export type LedgerDeflation = NonNullable<z.infer<typeof trialsField>>['deflatedSharpe'];
export type RunSummaryDocument = z.infer<typeof runSummaryDocument>;

/** What a run stored about the holdings of one strategy. */
export interface StoredHoldings {
  readonly sectors: readonly string[];
  readonly strategy: {
    readonly name: string;
    readonly dates: readonly string[];
    readonly equity: Float64Array;
    /** Days on which the targets were filled. */
    readonly fills: readonly string[];
    /** [fills, N] row-major target weights. */
    readonly weights: Float64Array;
  };
}

const SERIES = ['equity', 'gross', 'exposure', 'rollingSharpe', 'weights'] as const;

const rebalancesSchema = z.array(
  z.object({ decided: z.string(), filled: z.string(), turnover: z.number(), cost: z.number(), holdings: z.number() }),
);

const bundleDocument = z.object({
  dates: z.array(z.string()),
  assets: z.array(z.string()),
  sectors: z.array(z.string()),
  strategies: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['primary', 'compare', 'baseline', 'benchmark']),
      rebalances: rebalancesSchema,
    }),
  ),
});

function described({ name, role, summary, metrics, drawdowns, monthly }: StrategyOutcome) {
  return { name, role, summary, metrics: { ...metrics }, drawdowns: [...drawdowns], monthly: [...monthly] };
}

/** Annual Sharpe ratios of the strategies that stored summaries tell of; equal ones (reruns) once. */
export function triedSharpes(summaries: readonly string[]): number[] {
  const sharpes = new Set<number>();
  for (const summary of summaries) {
    for (const { role, metrics } of runSummaryDocument.parse(JSON.parse(summary)).strategies) {
      const sharpe = metrics['sharpe']?.value;
      if ((role === 'primary' || role === 'compare') && typeof sharpe === 'number') sharpes.add(sharpe);
    }
  }
  return [...sharpes];
}

/** Errors: INVALID_DATA where the result holds a number that is not finite; such a run must fail, not succeed. */
export function encodeResult(result: ResearchResult): Uint8Array {
  const { strategies, ...rest } = result;
  const arrays: Record<string, BundleArray> = {};
  strategies.forEach((strategy, i) => {
    for (const name of SERIES) arrays[`${name}.${i}`] = strategy[name];
    checkFinite(strategy);
  });
  const document = {
    ...rest,
    strategies: strategies.map((strategy) => ({ ...described(strategy), rebalances: strategy.rebalances })),
  };
  return encodeBundle({ document, arrays });
}

function checkFinite({ name, equity, gross, weights }: StrategyOutcome): void {
  for (const [what, values] of Object.entries({ equity, gross, weights })) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      throw new AppError(
        'INVALID_DATA',
        `Expected finite ${what} of ${name}, found ${values[at]} at position ${at}. The run is not stored as a success; report this.`,
      );
    }
  }
}

export function summaryDocument(
  result: ResearchResult,
  stored: {
    readonly portfolio: string | null;
    readonly trialsOnDataset: number;
    readonly deflation: LedgerDeflation;
    readonly rerun: RerunCheck | null;
  },
): RunSummaryDocument {
  return {
    trials: {
      inRun: result.trials.length,
      onDataset: stored.trialsOnDataset,
      deflatedSharpe: stored.deflation,
    },
    capacity: { ...result.capacity },
    rerun: stored.rerun,
    strategies: result.strategies.map(described),
    comparisons: [...result.comparisons],
    folds: result.folds.map((fold) => ({ ...fold, metrics: { ...fold.metrics } })),
    audit: result.audit,
    portfolio: stored.portfolio,
    warnings: [...result.warnings],
  };
}

function floats(arrays: Readonly<Record<string, BundleArray>>, name: string): Float64Array {
  const array = arrays[name];
  if (!(array instanceof Float64Array)) {
    throw new AppError('WORKSPACE_DAMAGED', `Expected the stored series "${name}", found none. Run it again.`);
  }
  return array;
}

/** Depth below the highest equity so far, ≤ 0. */
function drawdownOf(equity: Float64Array): number[] {
  let peak = -Infinity;
  return Array.from(equity, (value) => {
    peak = Math.max(peak, value);
    return value / peak - 1;
  });
}

export function decodeSeries(bytes: Uint8Array): OutputOf<'series'> {
  const { document, arrays } = decodeBundle(bytes);
  const { dates, strategies } = bundleDocument.parse(document);
  return {
    dates,
    strategies: strategies.map(({ name, role, rebalances }, i) => {
      const equity = floats(arrays, `equity.${i}`);
      return {
        name,
        role,
        equity: Array.from(equity),
        gross: Array.from(floats(arrays, `gross.${i}`)),
        drawdown: drawdownOf(equity),
        rollingSharpe: Array.from(floats(arrays, `rollingSharpe.${i}`), (value) =>
          Number.isNaN(value) ? null : value,
        ),
        exposure: Array.from(floats(arrays, `exposure.${i}`)),
        rebalances,
      };
    }),
  };
}

/** What the risk of one strategy is computed from; the primary strategy where none is named. Errors: NOT_FOUND, CONFLICT. */
export function decodeHoldings(bytes: Uint8Array, strategyName: string | undefined): StoredHoldings {
  const { document, arrays } = decodeBundle(bytes);
  const { dates, sectors, strategies } = bundleDocument.parse(document);
  const i = strategies.findIndex(({ name, role }) =>
    strategyName === undefined ? role === 'primary' : name === strategyName,
  );
  if (i < 0) throw noStrategy(strategies, strategyName ?? 'primary');
  const { name, rebalances } = strategies[i];
  const weights = floats(arrays, `weights.${i}`);
  if (weights.length === 0) {
    throw new AppError(
      'CONFLICT',
      `Expected a strategy whose holdings are stored, found ${name}, an index without weights. Choose another strategy.`,
    );
  }
  return {
    sectors,
    strategy: {
      name,
      dates,
      equity: floats(arrays, `equity.${i}`),
      fills: rebalances.map(({ filled }) => filled),
      weights,
    },
  };
}

function noStrategy(strategies: readonly { readonly name: string }[], found: string): AppError {
  const names = strategies.map((strategy) => strategy.name).join(', ');
  return new AppError('NOT_FOUND', `Expected a strategy of this run (${names}), found "${found}".`);
}

export function decodeWeights(bytes: Uint8Array, strategyName: string): OutputOf<'weights'> {
  const { document, arrays } = decodeBundle(bytes);
  const { assets, sectors, strategies } = bundleDocument.parse(document);
  const i = strategies.findIndex((strategy) => strategy.name === strategyName);
  if (i < 0) throw noStrategy(strategies, strategyName);
  const { rebalances } = strategies[i];
  const weights = floats(arrays, `weights.${i}`);
  const width = assets.length;
  const rows =
    weights.length === 0 ? [] : rebalances.map((_, r) => Array.from(weights.subarray(r * width, (r + 1) * width)));
  return { dates: rebalances.map((rebalance) => rebalance.decided), assets, sectors, weights: rows };
}
