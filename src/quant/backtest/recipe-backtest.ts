/**
 * The reference recipe of a walk-forward backtest, for numbers that must equal a written definition to the last digits:
 * complete prices, a cost rate on two-way turnover, and fills `lag` rows after the decision, where 0 means the decision's own close.
 * The product's account is `Simulator`, which refuses lag 0.
 */
import { AppError } from '#base/errors';
import { type Frequency, periodEndRows } from '../calendar/rebalance-dates';
import type { Frame } from '../panel';

interface RecipeRebalance {
  readonly decisionRow: number;
  readonly fillRow: number;
  readonly weights: Float64Array;
  /** Two-way: Σ|w_target − w_before|. */
  readonly turnover: number;
  readonly cost: number;
  readonly equityBefore: number;
  readonly equityAfter: number;
}

export interface RecipeBacktest {
  /** Row of the first entry of `equity`. */
  readonly firstRow: number;
  readonly equity: Float64Array;
  readonly rebalances: readonly RecipeRebalance[];
}

export interface RecipeOptions {
  readonly lookback: number;
  readonly frequency: Frequency;
  readonly costRate: number;
  readonly lag: number;
  /** Rows after the period end on which the decision is made; 0 = on it. */
  readonly offset?: number;
}

/** `weightsAt(row)` may use prices up to and including `row` only. Errors: INVALID_DATA for a gap, NOT_ENOUGH_DATA without a decision. */
export function recipeBacktest(
  prices: Frame,
  options: RecipeOptions,
  weightsAt: (row: number) => Float64Array,
): RecipeBacktest {
  const n = prices.assets.length;
  const T = prices.dates.length;
  const P = prices.values;
  if (!P.every((price) => price > 0)) {
    throw new AppError(
      'INVALID_DATA',
      'Expected a positive price on every date, found a gap. Remove incomplete tickers.',
    );
  }
  const decisions = periodEndRows(prices.dates, options.frequency)
    .map((row) => row + (options.offset ?? 0))
    .filter((row) => row >= options.lookback && row + options.lag < T);
  if (decisions.length === 0) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected a period end after ${options.lookback} rows of history, found none in ${T} rows. Use a longer file or shorter look-back.`,
      { data: { needed: options.lookback + 2, found: T } },
    );
  }
  const shares = new Float64Array(n);
  const firstRow = decisions[0] + options.lag;
  const equity = new Float64Array(T - firstRow);
  const rebalances: RecipeRebalance[] = [];
  let next = 0;
  for (let t = firstRow; t < T; t++) {
    let value = 0;
    for (let i = 0; i < n; i++) value += shares[i] * P[t * n + i];
    if (next < decisions.length && decisions[next] + options.lag === t) {
      const equityBefore = next === 0 ? 1 : value;
      const weights = weightsAt(decisions[next]);
      let turnover = 0;
      for (let i = 0; i < n; i++) turnover += Math.abs(weights[i] - (shares[i] * P[t * n + i]) / equityBefore);
      const cost = options.costRate * turnover * equityBefore;
      const equityAfter = equityBefore - cost;
      for (let i = 0; i < n; i++) shares[i] = (equityAfter * weights[i]) / P[t * n + i];
      rebalances.push({ decisionRow: decisions[next], fillRow: t, weights, turnover, cost, equityBefore, equityAfter });
      value = equityAfter;
      next += 1;
    }
    equity[t - firstRow] = value;
  }
  return { firstRow, equity, rebalances };
}
