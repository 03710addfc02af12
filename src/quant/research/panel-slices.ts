/**
 * What a panel model is handed: consecutive rows that end with the last training row or the decision. Training rows may have gaps (a purged
 * fold): the slice goes on through a gap, since windows and graphs need the days before a row, and the labels there are taken out.
 */
import { AppError } from '#base/errors';
import type { Market } from '../backtest/market';
import { mergeMoments } from '../learning/moments';
import { scalerOf } from '../learning/scaler';
import type { MomentLedger, TrainingTable } from '../learning/training-rows';
import type { PanelModel, PanelSlice, PanelTraining } from '../models/panel-model';
import type { Range } from '../validation/splits';
import { returnOver } from './labels';
import type { ForecastPlan } from './strategies';

export interface PanelSource {
  readonly plan: ForecastPlan;
  readonly table: TrainingTable;
  /** Of the same table. */
  readonly ledger: MomentLedger;
  readonly market: Market;
  readonly sectors: readonly string[];
  readonly dates: readonly string[];
}

/** Rows, the decision included, that a forecast needs; of a tuned model those of its most demanding combination. */
export function historyOf(
  model: PanelModel,
  { params, tuning }: Pick<ForecastPlan, 'params' | 'tuning'>,
): { readonly features: number; readonly returns: number } {
  const each = [params, ...(tuning?.candidates ?? [])].map((candidate) => model.history(candidate));
  return {
    features: Math.max(...each.map(({ features }) => features)),
    returns: Math.max(...each.map(({ returns }) => returns)),
  };
}

function reachOf(model: PanelModel, plan: ForecastPlan): number {
  const { features, returns } = historyOf(model, plan);
  return Math.max(features, returns);
}

/**
 * The rows of ascending ranges as one training set; scaler and target are those of these rows alone.
 * @param knownAt row at whose close the labels of a range are known; the ledger refuses any that are not
 * Errors: NOT_ENOUGH_DATA with the rows needed and found.
 */
export function trainingSlice(
  model: PanelModel,
  source: PanelSource,
  ranges: readonly Range[],
  knownAt: (range: Range) => number,
): PanelTraining {
  const { plan, table, ledger, dates } = source;
  const K = table.names.length;
  const moments = mergeMoments(ranges.map((range) => ledger.between(range[0], range[1], knownAt(range))));
  const least = plan.spec.minRows(K);
  const [firstRow, lastRow] = ranges.length > 0 ? [ranges[0][0], ranges[ranges.length - 1][1]] : [0, 0];
  if (moments.rows < least) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${least} training rows for "${plan.spec.id}" with ${K} features until ${dates[lastRow]}, found ` +
        `${moments.rows}. Lengthen backtest.window.train, use fewer features, folds or groups, or import more assets.`,
      { data: { needed: least, found: moments.rows, date: dates[lastRow] } },
    );
  }
  const first = Math.max(0, firstRow - reachOf(model, plan) + 1);
  const N = table.assets;
  const labels = table.labels.subarray(first * N, (lastRow + 1) * N);
  return {
    ...sliceOf(source, first, lastRow),
    labels: ranges.length > 1 ? withoutGaps(labels, ranges, first, N) : labels,
    firstTrainRow: firstRow - first,
    reach: table.lag + table.horizon,
    scaler: scalerOf(moments),
    target: {
      mean: moments.mean[K],
      deviation: Math.sqrt(Math.max(0, moments.scatter[K * (K + 1) + K]) / moments.rows),
    },
  };
}

/** A copy in which only labels of rows in the ranges are left. */
function withoutGaps(labels: Float64Array, ranges: readonly Range[], first: number, N: number): Float64Array {
  const kept = new Float64Array(labels.length).fill(NaN);
  for (const [from, to] of ranges) {
    kept.set(labels.subarray((from - first) * N, (to + 1 - first) * N), (from - first) * N);
  }
  return kept;
}

/** The rows that a forecast for a decision at `row` looks at. */
export function decisionSlice(model: PanelModel, source: PanelSource, row: number): PanelSlice {
  return sliceOf(source, row - reachOf(model, source.plan) + 1, row);
}

function sliceOf({ table, market, sectors, dates }: PanelSource, first: number, last: number): PanelSlice {
  const N = table.assets;
  const from = Math.max(0, first);
  const rows = Array.from({ length: last - from + 1 }, (_, r) => from + r);
  const returns = new Float64Array(rows.length * N);
  rows.forEach((row, r) => {
    for (let i = 0; i < N; i++) returns[r * N + i] = returnOver(market, row, i);
  });
  return {
    names: table.names,
    assets: market.assets,
    sectors,
    dates: dates.slice(from, last + 1),
    columns: table.columns.map((column) => column.subarray(from * N, (last + 1) * N)),
    returns,
  };
}
