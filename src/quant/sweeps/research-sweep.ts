/**
 * Many configurations of one research run on one panel. Stages are shared by content key: features, labels and moments, forecasts,
 * and target weights where the optimizer provably did not look at what is held. Every configuration is one trial with its key.
 */
import { canonicalJson } from '#base/canonical-json';
import { AppError } from '#base/errors';
import { mean, standardDeviation } from '../array/stats';
import { equityReturns } from '../backtest/simulation';
import type { Panel } from '../panel';
import { type ResearchConfig, researchConfigSchema } from '../research/config';
import type { ResearchContext } from '../research/context';
import { scopedContext } from '../research/panel-context';
import { productPieces, type ResearchPieces } from '../research/pieces';
import {
  forecastWith,
  prepareResearch,
  type ResearchStage,
  stageCache,
  strategyInput,
} from '../research/prepare-research';
import { runStrategy } from '../research/run-strategy';
import { PERIODS_PER_YEAR } from '../research/statistics';
import type { ForecastPlan } from '../research/strategies';

const MOST_CONFIGURATIONS = 10_000;

/** Dotted path in the configuration → values to try, e.g. `model.optimizer.params.count`. */
export type SweepAxes = Readonly<Record<string, readonly unknown[]>>;

export interface ResearchTrial {
  /** Canonical text of what decides the weights, as in a single run: what a trial ledger counts. */
  readonly key: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Annual; null where the returns do not vary. */
  readonly sharpe: number | null;
  readonly cagr: number;
  /** Daily net returns from the first decision on; lengths differ where the history needed does. */
  readonly returns: Float64Array;
  readonly firstDate: string;
}

export interface ResearchSweep {
  readonly trials: readonly ResearchTrial[];
  /** Position of the largest Sharpe ratio, −1 where none exists. */
  readonly best: number;
  /** Distinct stages computed, against configurations × 1 without sharing. */
  readonly computed: {
    readonly configurations: number;
    readonly featureSets: number;
    readonly trainingTables: number;
    readonly forecasts: number;
    readonly weightSets: number;
  };
}

/** Errors: INVALID_CONFIG with path and value; what a single run reports; CANCELLED. */
export async function sweepResearch(
  config: ResearchConfig,
  axes: SweepAxes,
  panel: Panel,
  context: ResearchContext,
  pieces: ResearchPieces = productPieces,
): Promise<ResearchSweep> {
  const points = sweepPoints(config, axes);
  const cache = stageCache();
  const forecasts = new Map<string, Float64Array>();
  const weights = new Map<string, Map<number, Float64Array>>();
  const trials: ResearchTrial[] = [];
  const quiet: ResearchContext = { ...context, emit: () => undefined, breathe: () => context.breathe() };
  for (const [k, point] of points.entries()) {
    context.emit({ stage: 'sweep', detail: '', step: k, of: points.length });
    await context.breathe();
    const stage = await prepareResearch(point.config, panel, quiet, pieces, cache);
    const [plan] = stage.plans;
    const schedule = canonicalJson({ rows: stage.schedule.decisionRows, due: stage.schedule.due });
    const values = plan.forecast ? await sharedForecast(stage, plan.forecast, schedule, forecasts, quiet) : undefined;
    const targets = `${plan.key}/${schedule}`;
    const memo = weights.get(targets) ?? new Map<number, Float64Array>();
    weights.set(targets, memo);
    const { simulation } = await runStrategy({ ...strategyInput(stage, plan, values), memo }, quiet);
    const returns = equityReturns(simulation.equity);
    trials.push({
      key: plan.key,
      values: point.values,
      returns,
      ...numbersOf(returns),
      firstDate: panel.dates[simulation.firstRow],
    });
  }
  let best = -1;
  trials.forEach(({ sharpe }, i) => {
    if (sharpe !== null && (best < 0 || sharpe > (trials[best].sharpe ?? -Infinity))) best = i;
  });
  return {
    trials,
    best,
    computed: {
      configurations: points.length,
      featureSets: cache.selections.size,
      trainingTables: cache.tables.size,
      forecasts: forecasts.size,
      weightSets: weights.size,
    },
  };
}

async function sharedForecast(
  stage: ResearchStage,
  plan: ForecastPlan,
  schedule: string,
  known: Map<string, Float64Array>,
  context: ResearchContext,
): Promise<Float64Array | undefined> {
  const { window, purge, embargo, lag, universe } = stage.config.backtest;
  const seed = stage.config.experiment.seed;
  const key = canonicalJson({ plan: plan.key, window, purge: purge ?? null, embargo, lag, universe, seed, schedule });
  const found = known.get(key);
  if (found) return found;
  const prepared = stage.prepared.get(plan.key);
  if (!prepared) return undefined;
  const { values } = await forecastWith(prepared, stage, scopedContext(context, key));
  known.set(key, values);
  return values;
}

interface SweepPoint {
  readonly config: ResearchConfig;
  readonly values: Readonly<Record<string, unknown>>;
}

/** All combinations, the last axis running fastest, each a checked configuration of its primary strategy alone. */
export function sweepPoints(config: ResearchConfig, axes: SweepAxes): SweepPoint[] {
  let combinations: Readonly<Record<string, unknown>>[] = [{}];
  for (const [path, values] of Object.entries(axes)) {
    combinations = combinations.flatMap((chosen) => values.map((value) => ({ ...chosen, [path]: value })));
  }
  if (combinations.length === 0 || combinations.length > MOST_CONFIGURATIONS) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected 1 to ${MOST_CONFIGURATIONS} configurations in a sweep, found ${combinations.length}. Name fewer values.`,
      { data: { most: MOST_CONFIGURATIONS, found: combinations.length } },
    );
  }
  const single = { ...config, experiment: { ...config.experiment, compare: [] } };
  return combinations.map((values) => {
    const changed = Object.entries(values).reduce(
      (tree, [path, value]) => withValue(tree, path.split('.'), value),
      single,
    );
    const parsed = researchConfigSchema.safeParse(changed);
    if (parsed.success) return { config: parsed.data, values };
    const [issue] = parsed.error.issues;
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a valid configuration for ${canonicalJson(values)}, found at ${issue.path.map(String).join('.')}: ${issue.message}.`,
      { data: { values, path: issue.path.map(String).join('.') } },
    );
  });
}

/** A copy of a tree of plain objects with one value replaced. */
function withValue<Tree extends object>(tree: Tree, [name, ...rest]: readonly string[], value: unknown): Tree {
  const branch: unknown = Object.entries(tree).find(([key]) => key === name)?.[1];
  const inner = typeof branch === 'object' && branch !== null ? branch : {};
  return { ...tree, [name]: rest.length === 0 ? value : withValue(inner, rest, value) };
}

function numbersOf(returns: Float64Array): Pick<ResearchTrial, 'sharpe' | 'cagr'> {
  const deviation = standardDeviation(returns);
  const growth = returns.reduce((product, r) => product * (1 + r), 1);
  return {
    sharpe: deviation > 0 ? (mean(returns) / deviation) * Math.sqrt(PERIODS_PER_YEAR) : null,
    cagr: growth ** (PERIODS_PER_YEAR / returns.length) - 1,
  };
}
