/**
 * Prices prepared once for many simulations: what a holding is worth on every day, what can be traded, and which assets ended.
 * Everything at row t depends on rows ≤ t only; in particular an asset counts as delisted because it stopped trading,
 * not because it is known never to trade again.
 */
import { AppError } from '#base/errors';
import type { Panel } from '../panel';

/** Rows without a price after which a holding is given up and booked with the delisting return. */
export const DELISTED_AFTER_ROWS = 5;

export interface Market {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  /** [T, N] close; NaN = no trade possible at that close. */
  readonly close: Float64Array;
  /** [T, N] open where the panel has it. */
  readonly open: Float64Array | undefined;
  /** [T, N] the last close seen up to row t; 0 before the first one. */
  readonly valuation: Float64Array;
  /** Rows, ascending, at which assets are given up, and which ones. */
  readonly delistings: readonly { readonly row: number; readonly asset: number }[];
}

/** Errors: INVALID_DATA for a price that is not positive. */
export function prepareMarket(panel: Panel): Market {
  const { dates, assets, fields } = panel;
  const n = assets.length;
  const { close } = fields;
  const valuation = new Float64Array(close.length);
  const silent = new Int32Array(n);
  const delistings: { row: number; asset: number }[] = [];
  for (let t = 0; t < dates.length; t++) {
    const base = t * n;
    for (let i = 0; i < n; i++) {
      const price = close[base + i];
      if (price > 0) {
        valuation[base + i] = price;
        silent[i] = 0;
        continue;
      }
      if (!Number.isNaN(price)) {
        throw new AppError(
          'INVALID_DATA',
          `Expected positive prices, found ${price} for ${assets[i]} on ${dates[t]}. Correct the data or mark it missing.`,
          { data: { asset: assets[i], date: dates[t], price } },
        );
      }
      if (t > 0) valuation[base + i] = valuation[base - n + i];
      silent[i] += 1;
      if (silent[i] === DELISTED_AFTER_ROWS && valuation[base + i] > 0) delistings.push({ row: t, asset: i });
    }
  }
  return { dates, assets, close, open: fields.open, valuation, delistings };
}

/** Σ_i shares_i · values[offset + i], summed in order of i. */
export function holdingsValue(shares: Float64Array, values: Float64Array, offset: number): number {
  let sum = 0;
  for (let i = 0; i < shares.length; i++) sum += shares[i] * values[offset + i];
  return sum;
}

/** The same for four consecutive rows from `offset` on, in one pass over the shares; equal bits to four single calls. */
export function holdingsValues(
  shares: Float64Array,
  values: Float64Array,
  offset: number,
): readonly [number, number, number, number] {
  const n = shares.length;
  const second = offset + n;
  const third = second + n;
  const fourth = third + n;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < n; i++) {
    const held = shares[i];
    a += held * values[offset + i];
    b += held * values[second + i];
    c += held * values[third + i];
    d += held * values[fourth + i];
  }
  return [a, b, c, d];
}
