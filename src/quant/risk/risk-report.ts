/**
 * Everything about the risk of one strategy in one pass: tails, their back-tests, contributions of what is held, exposures over
 * time, stress and drawdown anatomy. Pure; numbers about a past day use only what was known at the close before it.
 */
import { AppError } from '#base/errors';
import { equityReturns } from '../backtest/simulation';
import type { ResearchContext } from '../research/context';
import { driftedWeights } from './drawdown-anatomy';
import { drawdownTable, exposureHistory, stressTable } from './report-history';
import { coverageTable, portfolioRisk, tailTable, type HeldScenarios } from './report-portfolio';
import type { RiskReport, RiskReportInput } from './report-types';

/** Two years of days: enough for a 99 % tail, recent enough to be about today's assets. */
const WINDOW = 504;
const LEAST_DAYS = 60;
const HELD = 1e-9;

/** Errors: INVALID_DATA for shapes that do not fit; NOT_ENOUGH_DATA where the strategy has no holdings or fewer than 3 days. */
export async function riskReport(
  input: RiskReportInput,
  { breathe }: Pick<ResearchContext, 'breathe'>,
): Promise<RiskReport> {
  checkInput(input);
  const { dates, assets, strategy } = input;
  const N = assets.length;
  const first = dates.indexOf(strategy.dates[0]);
  const days = strategy.dates.length;
  const filled = lastKnown(input.close, dates.length, N);
  const returns = dailyReturns(filled, first, days, N);
  const fills = strategy.fills.map((day, k) => ({
    row: dates.indexOf(day) - first,
    weights: strategy.weights.subarray(k * N, (k + 1) * N),
  }));
  const weights = driftedWeights(fills, returns, days, N);
  const lastRow = first + days - 1;
  const present = weights
    .slice((days - 1) * N, days * N)
    // What has no price on the last day was sold or delisted.
    .map((weight, i) => (Number.isFinite(input.close[lastRow * N + i]) ? weight : 0));
  const held = heldScenarios(input, lastRow, present);
  const realized = equityReturns(strategy.equity);
  return {
    strategy: strategy.name,
    benchmark: input.benchmark?.name ?? null,
    from: strategy.dates[0],
    to: strategy.dates[days - 1],
    window: WINDOW,
    tails: tailTable(realized, held),
    coverage: await coverageTable(realized, breathe),
    portfolio: typeof held === 'string' ? null : portfolioRisk(held, dates[lastRow]),
    portfolioReason: typeof held === 'string' ? held : null,
    exposures: await exposureHistory(input, (row, at) => heldScenarios(input, row, at), breathe),
    ...stressTable(input, present),
    drawdowns: drawdownTable(input, weights, returns),
  };
}

function checkInput({ dates, assets, sectors, close, strategy }: RiskReportInput): void {
  const N = assets.length;
  const R = strategy.fills.length;
  if (close.length !== dates.length * N || sectors.length !== N || strategy.weights.length !== R * N) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${dates.length} × ${N} prices, ${N} sectors and ${R} × ${N} weights, found ${close.length}, ${sectors.length} and ${strategy.weights.length}.`,
    );
  }
  if (strategy.dates.length < 3 || R === 0 || strategy.equity.length !== strategy.dates.length) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least 3 days and 1 rebalance of ${strategy.name}, found ${strategy.dates.length} and ${R}.`,
      { data: { days: strategy.dates.length, rebalances: R } },
    );
  }
  const first = dates.indexOf(strategy.dates[0]);
  if (first < 0 || dates[first + strategy.dates.length - 1] !== strategy.dates.at(-1)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected the days of the strategy, ${strategy.dates[0]} to ${strategy.dates.at(-1)}, as consecutive days of the prices.`,
    );
  }
}

/** Prices with gaps bridged by the last one: what an account values its holdings at. */
function lastKnown(close: Float64Array, T: number, N: number): Float64Array {
  const result = close.slice();
  for (let t = 1; t < T; t++) {
    for (let i = 0, k = t * N; i < N; i++, k++) if (Number.isNaN(result[k])) result[k] = result[k - N];
  }
  return result;
}

/** [days, N]; row 0 is 0. */
function dailyReturns(close: Float64Array, first: number, days: number, N: number): Float64Array {
  const result = new Float64Array(days * N);
  const offset = first * N;
  for (let k = N; k < days * N; k++) result[k] = close[offset + k] / close[offset + k - N] - 1;
  return result;
}

/** Returns of what is held on the last WINDOW days up to `row` on which everything held has one; or why there are too few. */
function heldScenarios(input: RiskReportInput, row: number, weights: Float64Array): HeldScenarios | string {
  const { assets, sectors, close, benchmark } = input;
  const width = assets.length;
  const columns = [...weights.keys()].filter((i) => Math.abs(weights[i]) > HELD);
  if (columns.length === 0) return 'Nothing is held.';
  const rows: number[] = [];
  for (let t = Math.max(1, row - WINDOW + 1); t <= row; t++) {
    const known = columns.every((i) => close[t * width + i] > 0 && close[(t - 1) * width + i] > 0);
    if (known) rows.push(t);
  }
  if (rows.length < LEAST_DAYS) {
    return `Expected at least ${LEAST_DAYS} days with a return of everything held, found ${rows.length}.`;
  }
  const N = columns.length;
  const returns = new Float64Array(rows.length * N);
  rows.forEach((t, at) => {
    columns.forEach((i, j) => {
      returns[at * N + j] = close[t * width + i] / close[(t - 1) * width + i] - 1;
    });
  });
  const index = benchmark && Float64Array.from(rows, (t) => benchmark.levels[t] / benchmark.levels[t - 1] - 1);
  return {
    returns,
    T: rows.length,
    N,
    weights: Float64Array.from(columns, (i) => weights[i]),
    assets: columns.map((i) => assets[i]),
    sectors: columns.map((i) => sectors[i]),
    benchmark: index?.every(Number.isFinite) ? index : undefined,
  };
}
