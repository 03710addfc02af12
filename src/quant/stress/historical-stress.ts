/**
 * What today's portfolio would have done in past declines: bought at the first close, held to the last, split by asset.
 * Assets without a price at the start are reported as uncovered, never filled in.
 */
import { AppError } from '#base/errors';
import type { CrisisWindow } from './crisis-windows';

export interface StressPrices {
  /** ISO days, ascending, length T. */
  readonly dates: readonly string[];
  /** [T, N] row-major, NaN = missing. */
  readonly close: Float64Array;
  readonly N: number;
}

export interface WindowOutcome {
  readonly window: CrisisWindow;
  /** First and last row used. */
  readonly fromRow: number;
  readonly toRow: number;
  /** Σ contribution; fraction of net asset value. */
  readonly return: number;
  /** Lowest value on the way, ≤ 0. */
  readonly worst: number;
  /** w_i (P_to / P_from − 1), length N; 0 for uncovered assets. */
  readonly contribution: Float64Array;
  /** Share of Σ|w| with a price at the start. */
  readonly covered: number;
}

export interface SkippedWindow {
  readonly window: CrisisWindow;
  readonly reason: string;
}

export interface HistoricalStress {
  readonly outcomes: readonly WindowOutcome[];
  readonly skipped: readonly SkippedWindow[];
}

/** `weights` [N]. Windows outside the dates, or in which nothing held had a price, are skipped with the reason. Errors: INVALID_DATA. */
export function historicalStress(
  prices: StressPrices,
  weights: Float64Array,
  windows: readonly CrisisWindow[],
): HistoricalStress {
  const { dates, N } = prices;
  if (weights.length !== N || prices.close.length !== dates.length * N) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${N} weights and ${dates.length} × ${N} prices, found ${weights.length} and ${prices.close.length} numbers.`,
    );
  }
  const outcomes: WindowOutcome[] = [];
  const skipped: SkippedWindow[] = [];
  const last = dates.at(-1) ?? '';
  for (const window of windows) {
    if (dates.length === 0 || window.from < dates[0] || window.to > last) {
      skipped.push({ window, reason: `Outside the data, which span ${dates[0] ?? '–'} to ${last || '–'}.` });
      continue;
    }
    const fromRow = dates.findLastIndex((date) => date <= window.from);
    const toRow = dates.findLastIndex((date) => date <= window.to);
    if (toRow <= fromRow) {
      skipped.push({ window, reason: 'The data have no trading day inside the window.' });
      continue;
    }
    const outcome = holdThrough(prices, weights, window, fromRow, toRow);
    if (outcome.covered > 0) outcomes.push(outcome);
    else skipped.push({ window, reason: 'Nothing in the portfolio had a price at the start of the window.' });
  }
  return { outcomes, skipped };
}

function holdThrough(
  { close, N }: StressPrices,
  weights: Float64Array,
  window: CrisisWindow,
  fromRow: number,
  toRow: number,
): WindowOutcome {
  const contribution = new Float64Array(N);
  const start = close.subarray(fromRow * N, (fromRow + 1) * N);
  let gross = 0;
  let known = 0;
  for (let i = 0; i < N; i++) {
    gross += Math.abs(weights[i]);
    if (start[i] > 0) known += Math.abs(weights[i]);
  }
  let worst = 0;
  for (let t = fromRow + 1; t <= toRow; t++) {
    let value = 0;
    for (let i = 0; i < N; i++) {
      const price = close[t * N + i];
      // A day without a price keeps the last known value.
      if (start[i] > 0 && price > 0) contribution[i] = weights[i] * (price / start[i] - 1);
      value += contribution[i];
    }
    worst = Math.min(worst, value);
  }
  return {
    window,
    fromRow,
    toRow,
    return: contribution.reduce((sum, value) => sum + value, 0),
    worst,
    contribution,
    covered: gross > 0 ? known / gross : 0,
  };
}

const OWN_WINDOWS = [
  { days: 1, title: 'Worst day of the data' },
  { days: 5, title: 'Worst week of the data' },
  { days: 21, title: 'Worst month of the data' },
  { days: 63, title: 'Worst quarter of the data' },
] as const;

/**
 * The stretches of 1, 5, 21 and 63 days in which a level fell most: crises of the data themselves, whatever the data are.
 * `levels` [T], NaN = missing; lengths that do not fit are left out.
 */
export function worstWindows(dates: readonly string[], levels: Float64Array): CrisisWindow[] {
  return OWN_WINDOWS.flatMap(({ days, title }) => {
    let at = -1;
    let lowest = 0;
    for (let t = days; t < levels.length; t++) {
      const change = levels[t] / levels[t - days] - 1;
      if (change < lowest) {
        lowest = change;
        at = t;
      }
    }
    return at < 0 ? [] : [{ id: `worst-${days}d`, title, from: dates[at - days], to: dates[at] }];
  });
}
