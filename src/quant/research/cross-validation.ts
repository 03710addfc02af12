/**
 * Combinatorial purged cross-validation of a whole strategy (López de Prado 2018, ch. 12): models are trained on every choice of
 * groups and tested on the rest, and the tests are joined to several backtest paths over the same dates, each out of sample.
 * One Sharpe ratio becomes a distribution of them. Training here may lie after the test: it judges robustness, it is not a track record.
 */
import { AppError } from '#base/errors';
import { deriveSeed } from '../array/random';
import { mean, quantile, standardDeviation } from '../array/stats';
import { equityReturns } from '../backtest/simulation';
import { forecastRows, type TrainingTable } from '../learning/training-rows';
import type { Model } from '../models/model';
import { isPanelModel, type PanelModel } from '../models/panel-model';
import type { Panel } from '../panel';
import { fitOnRanges } from '../tuning/tune-window';
import { combinatorialSplits, type Range } from '../validation/splits';
import type { ResearchConfig } from './config';
import type { ResearchContext } from './context';
import { panelContext } from './panel-context';
import { decisionSlice, trainingSlice } from './panel-slices';
import { productPieces, type ResearchPieces } from './pieces';
import { type Prepared, prepareResearch, type ResearchStage, strategyInput } from './prepare-research';
import { runStrategy } from './run-strategy';
import { PERIODS_PER_YEAR, sharpeOrNull } from './statistics';

export interface CrossValidationOptions {
  /** N groups of consecutive decisions. */
  readonly groups: number;
  /** k groups tested together; 1 = purged K-fold with one path. */
  readonly testGroups: number;
}

export interface ValidationSplit {
  /** Groups tested. */
  readonly tested: readonly number[];
  /** Rows of dates trained on, inclusive. */
  readonly train: readonly Range[];
  /** Rows of dates from the first to the last day that a tested decision is held, per tested group. */
  readonly test: readonly Range[];
  /** Pooled training rows. */
  readonly trainRows: number;
}

export interface CrossValidationReport {
  readonly strategy: string;
  readonly splits: readonly ValidationSplit[];
  /** Daily net returns of every path, same dates. */
  readonly paths: readonly Float64Array[];
  /** Annual Sharpe ratio of every path; null where returns do not vary. */
  readonly sharpes: readonly (number | null)[];
  readonly distribution: {
    readonly mean: number;
    readonly standardDeviation: number;
    readonly low: number;
    readonly median: number;
    readonly high: number;
    /** Share of paths with a Sharpe ratio ≤ 0. */
    readonly shareBelowZero: number;
  };
  /** Training labels that reach into a test, by recounting; 0 or the function throws. */
  readonly overlaps: number;
  readonly verdict: string;
}

/** Errors: INVALID_CONFIG for a strategy without a forecast; NOT_ENOUGH_DATA; what optimizers and models report; CANCELLED. */
export async function crossValidate(
  config: ResearchConfig,
  panel: Panel,
  options: CrossValidationOptions,
  context: ResearchContext,
  pieces: ResearchPieces = productPieces,
): Promise<CrossValidationReport> {
  const single = { ...config, experiment: { ...config.experiment, compare: [], baselines: false } };
  const stage = await prepareResearch(single, panel, context, pieces);
  const [plan] = stage.plans;
  const prepared = plan.forecast && stage.prepared.get(plan.forecast.key);
  if (!prepared) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a strategy with a forecast to cross-validate, found ${plan.name}, which fits nothing: every path would be the same.`,
      { data: { strategy: plan.name } },
    );
  }
  if (prepared.plan.tuning !== null) {
    throw new AppError(
      'INVALID_CONFIG',
      'Expected fixed model parameters in combinatorial cross-validation, found model.forecast.tune. Leave it out or validate the chosen values.',
      { data: { path: 'model.forecast.tune' } },
    );
  }
  const plans = planSplits(stage, prepared, options);
  const { paths: count, pathOfGroup } = combinatorialSplits(options.groups, options.testGroups);
  const n = stage.market.assets.length;
  const rows = [...stage.schedule.decisionRows, stage.schedule.finalRow];
  const values = Array.from({ length: count }, () => new Float64Array(rows.length * n).fill(NaN));
  const splits: ValidationSplit[] = [];
  for (const [s, split] of plans.entries()) {
    context.emit({ stage: 'fit', detail: prepared.plan.spec.id, step: s, of: plans.length });
    await context.breathe();
    const asked: SplitForecast = { stage, split, rows, valuesOf: (group) => values[pathOfGroup[s].get(group) ?? 0] };
    const { model } = prepared.plan;
    const trainRows = isPanelModel(model)
      ? await forecastPanelSplit(model, prepared, asked, context)
      : forecastSplit(model, prepared, asked);
    splits.push({ ...split, trainRows });
  }
  const paths: Float64Array[] = [];
  for (const forecasts of values) {
    const { simulation } = await runStrategy(strategyInput(stage, plan, forecasts), context);
    paths.push(equityReturns(simulation.equity));
  }
  return report(plan.name, splits, paths, options);
}

interface SplitPlan {
  readonly tested: readonly number[];
  readonly train: readonly Range[];
  readonly test: readonly Range[];
  /** Per tested group: first and last decision, the final row included in the last group. */
  readonly decisions: readonly Range[];
}

/** Groups of consecutive decisions; a group is held from its first decision to the day before the next group's. */
function planSplits(stage: ResearchStage, prepared: Prepared, options: CrossValidationOptions): SplitPlan[] {
  const { groups, testGroups } = options;
  const { decisionRows, finalRow } = stage.schedule;
  const { splits } = combinatorialSplits(groups, testGroups);
  const D = decisionRows.length;
  if (D < 2 * groups) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${2 * groups} decisions for ${groups} groups, found ${D}. Use fewer groups or a longer history.`,
      { data: { needed: 2 * groups, found: D } },
    );
  }
  const start = (group: number) => Math.floor((group * D) / groups);
  const spans = Array.from({ length: groups }, (_, g): { rows: Range; decisions: Range } => {
    const last = g === groups - 1;
    return {
      rows: [decisionRows[start(g)], last ? finalRow : decisionRows[start(g + 1)] - 1],
      decisions: [start(g), last ? D : start(g + 1) - 1],
    };
  });
  const { lag, embargo } = stage.config.backtest;
  const reach = lag + prepared.plan.horizon;
  const lastLabelled = finalRow - reach;
  return splits.map((tested) => {
    const test = tested.map((g) => spans[g].rows);
    const train = trainingRanges(prepared.warmUp, lastLabelled, test, reach, embargo);
    if (countOverlaps(train, test, reach, embargo) > 0) {
      throw new AppError('INTERNAL', 'A cross-validation split trains on labels that reach into its test; stopped.');
    }
    return { tested, train, test, decisions: tested.map((g) => spans[g].decisions) };
  });
}

/**
 * What is left of [first, last] when every row goes whose label (reach rows ahead) meets a test, or that lies within reach + embargo
 * after one.
 */
export function trainingRanges(
  first: number,
  last: number,
  tests: readonly Range[],
  reach: number,
  embargo: number,
): Range[] {
  let ranges: Range[] = first <= last ? [[first, last]] : [];
  for (const [a, b] of tests) {
    const from = a - reach;
    const to = b + reach + embargo;
    ranges = ranges.flatMap(([x, y]): Range[] => {
      const parts: Range[] = [];
      if (x < from) parts.push([x, Math.min(y, from - 1)]);
      if (y > to) parts.push([Math.max(x, to + 1), y]);
      return parts;
    });
  }
  return ranges;
}

/** Rows whose label interval meets a test's, counted one by one: an audit that trusts nothing of the planner. */
export function countOverlaps(
  train: readonly Range[],
  tests: readonly Range[],
  reach: number,
  embargo: number,
): number {
  let overlaps = 0;
  for (const [x, y] of train) {
    for (let row = x; row <= y; row++) {
      if (tests.some(([a, b]) => row + reach >= a && row <= b + reach + embargo)) overlaps += 1;
    }
  }
  return overlaps;
}

interface SplitForecast {
  readonly stage: ResearchStage;
  readonly split: SplitPlan;
  /** Rows of all decisions and the final one. */
  readonly rows: readonly number[];
  /** The forecasts of the path that a tested group belongs to. */
  readonly valuesOf: (group: number) => Float64Array;
}

function splitSeed({ config }: ResearchStage, key: string): number {
  return deriveSeed(deriveSeed(config.experiment.seed, 'cpcv'), key);
}

/** Fits once and writes the forecasts of every tested group into the matrix of its path. Returns the pooled training rows. */
function forecastSplit(
  model: Model,
  { plan, table, ledger }: Prepared,
  { stage, split, rows, valuesOf }: SplitForecast,
): number {
  const { spec, features } = plan;
  const seed = splitSeed(stage, `${plan.key}/${split.tested.join('-')}`);
  const scale = features.transform === 'none';
  const fit = fitOnRanges({ spec, model, table, ledger, scale }, split.train, labelsKnown(table), { seed });
  const fitted = fit.fitted(plan.params);
  const n = table.assets;
  split.tested.forEach((group, j) => {
    const values = valuesOf(group);
    const [first, last] = split.decisions[j];
    for (let k = first; k <= last; k++) {
      const asked = forecastRows(table, rows[k]);
      fit.prepare(asked.X);
      const forecasts = model.forecast(fitted, asked.X);
      asked.cells.forEach((cell, i) => {
        values[k * n + cell - rows[k] * n] = forecasts[i];
      });
    }
  });
  return fit.rows;
}

/** The same for a model of windows or graphs: the slice goes through the tested groups, whose labels are taken out. */
async function forecastPanelSplit(
  model: PanelModel,
  { plan, table, ledger }: Prepared,
  { stage, split, rows, valuesOf }: SplitForecast,
  context: ResearchContext,
): Promise<number> {
  const { market, sectors } = stage;
  const source = { plan, table, ledger, market, sectors, dates: market.dates };
  const key = `${plan.key}/cpcv/${split.tested.join('-')}`;
  const title = `${plan.spec.id} without groups ${split.tested.join(', ')}`;
  const given = panelContext(context, { seed: splitSeed(stage, key), key, title, model: plan.spec.id });
  const slice = trainingSlice(model, source, split.train, labelsKnown(table));
  const fit = await model.fit(slice, plan.params, given);
  for (const [j, group] of split.tested.entries()) {
    const [first, last] = split.decisions[j];
    for (let k = first; k <= last; k++) {
      await context.breathe();
      const forecasts = await model.forecast(fit.fitted, decisionSlice(model, source, rows[k]), given.networks);
      valuesOf(group).set(forecasts, k * table.assets);
    }
  }
  return fit.rows;
}

function labelsKnown({ lag, horizon }: TrainingTable): (range: Range) => number {
  return ([, last]) => last + lag + horizon;
}

function report(
  strategy: string,
  splits: readonly ValidationSplit[],
  paths: readonly Float64Array[],
  { groups, testGroups }: CrossValidationOptions,
): CrossValidationReport {
  const sharpes = paths.map((returns) => {
    const sample = sharpeOrNull(returns);
    return sample && sample.sharpe * Math.sqrt(PERIODS_PER_YEAR);
  });
  const known = sharpes.filter((sharpe) => sharpe !== null);
  if (known.length === 0) {
    throw new AppError('INVALID_DATA', 'Expected returns that vary on at least one path, found none.', {
      data: { paths: paths.length },
    });
  }
  const losing = known.filter((sharpe) => sharpe <= 0).length;
  return {
    strategy,
    splits,
    paths,
    sharpes,
    distribution: {
      mean: mean(known),
      standardDeviation: known.length > 1 ? standardDeviation(known) : 0,
      low: Math.min(...known),
      median: quantile(known, 0.5),
      high: Math.max(...known),
      shareBelowZero: losing / known.length,
    },
    overlaps: 0,
    verdict:
      `${strategy}: ${paths.length} out-of-sample paths from ${splits.length} fits (${groups} groups, ${testGroups} tested together) have Sharpe ` +
      `ratios from ${Math.min(...known).toFixed(2)} to ${Math.max(...known).toFixed(2)}, median ${quantile(known, 0.5).toFixed(2)}; ` +
      `${losing} of ${known.length} are not above 0.`,
  };
}
