/**
 * Returns from prices. A missing price gives a missing return on its own date and on the next observed one: nothing is filled.
 * Arrays are row-major [rows, assets].
 */
import { AppError } from '#base/errors';
import { type Frequency, periodKey } from '../calendar/rebalance-dates';
import type { Frame } from '../panel';

/** `simple`: P_t / P_{t−1} − 1; `log`: ln(P_t / P_{t−1}). */
export type ReturnKind = 'simple' | 'log';

/** [T, N] prices → [T−1, N] one-period returns. */
export function returnsOf(prices: Float64Array, assets: number, kind: ReturnKind = 'simple'): Float64Array {
  const returns = new Float64Array(Math.max(0, prices.length - assets));
  if (kind === 'simple') {
    for (let i = 0; i < returns.length; i++) returns[i] = prices[i + assets] / prices[i] - 1;
  } else {
    for (let i = 0; i < returns.length; i++) returns[i] = Math.log(prices[i + assets] / prices[i]);
  }
  return returns;
}

/** The frame of returns; the first date is dropped. */
export function returnFrame(prices: Frame, kind: ReturnKind = 'simple'): Frame {
  return {
    dates: prices.dates.slice(1),
    assets: prices.assets,
    values: returnsOf(prices.values, prices.assets.length, kind),
  };
}

/** The last row of every calendar period, the final and possibly incomplete period included; true dates are kept. */
export function lastOfPeriod(frame: Frame, frequency: Frequency): Frame {
  const n = frame.assets.length;
  const rows: number[] = [];
  for (let t = 0; t < frame.dates.length; t++) {
    const isLast = t + 1 === frame.dates.length;
    if (isLast || periodKey(frame.dates[t], frequency) !== periodKey(frame.dates[t + 1], frequency)) rows.push(t);
  }
  const values = new Float64Array(rows.length * n);
  rows.forEach((t, i) => {
    values.set(frame.values.subarray(t * n, (t + 1) * n), i * n);
  });
  return { dates: rows.map((t) => frame.dates[t]), assets: frame.assets, values };
}

/** Chosen columns in the given order. Errors: NOT_FOUND naming the first absent asset. */
export function selectAssets(frame: Frame, assets: readonly string[]): Frame {
  const n = frame.assets.length;
  const columns = assets.map((asset) => {
    const column = frame.assets.indexOf(asset);
    if (column < 0) {
      throw new AppError(
        'NOT_FOUND',
        `Expected a column "${asset}", found none. Choose among: ${listed(frame.assets)}.`,
      );
    }
    return column;
  });
  const values = new Float64Array(frame.dates.length * columns.length);
  for (let t = 0; t < frame.dates.length; t++) {
    for (let j = 0; j < columns.length; j++) values[t * columns.length + j] = frame.values[t * n + columns[j]];
  }
  return { dates: frame.dates, assets: [...assets], values };
}

function listed(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, … (${names.length})` : names.join(', ');
}

/**
 * Index of the daily rebalanced equal-weight portfolio, base 1 before the first return: ∏(1 + mean_i r_{i,s}).
 * The mean is over the returns present on the date; a date without any leaves the index where it was.
 */
export function equalWeightIndex(returns: Float64Array, assets: number): Float64Array {
  const index = new Float64Array(assets === 0 ? 0 : returns.length / assets);
  let level = 1;
  for (let t = 0; t < index.length; t++) {
    let sum = 0;
    let count = 0;
    for (let i = t * assets; i < (t + 1) * assets; i++) {
      if (Number.isNaN(returns[i])) continue;
      sum += returns[i];
      count += 1;
    }
    if (count > 0) level *= 1 + sum / count;
    index[t] = level;
  }
  return index;
}

/** Mean over assets of last / first price: equal amounts bought once and held. Assets without both prices are left out. */
export function buyAndHoldFinal(prices: Float64Array, assets: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < assets; i++) {
    const growth = prices[prices.length - assets + i] / prices[i];
    if (Number.isNaN(growth)) continue;
    sum += growth;
    count += 1;
  }
  return sum / count;
}
