/**
 * Prices prepared once for many simulations: what a holding is worth on every day, what can be traded, and which assets ended.
 * Everything at row t depends on rows ≤ t only; in particular an asset counts as delisted because it stopped trading,
 * not because it is known never to trade again.
 */
import { AppError } from '#base/errors';
import type { Panel } from '../panel';

/** Rows without a price after which a holding is given up and booked with the delisting return. */
export const DELISTED_AFTER_ROWS = 5;

/** Something that changes what a share is; raw (unadjusted) prices need it, adjusted ones must not have it. */
export interface CorporateAction {
  /** Ex-date: first row that trades without the entitlement. */
  readonly row: number;
  readonly asset: number;
  /** New shares per old share; 1 = no split. */
  readonly splitRatio: number;
  /** Cash per old share, currency. */
  readonly cashPerShare: number;
}

export interface Market {
  readonly dates: readonly string[];
  readonly assets: readonly string[];
  /** [T, N] close; NaN = no trade possible at that close. */
  readonly close: Float64Array;
  /** [T, N] open where the panel has it. */
  readonly open: Float64Array | undefined;
  /** [T, N] the last close seen up to row t; 0 before the first one. */
  readonly valuation: Float64Array;
  /** [T, N] traded shares where the panel has them. */
  readonly volume: Float64Array | undefined;
  /** Ascending by row. */
  readonly actions: readonly CorporateAction[];
  /** Rows, ascending, at which assets are given up, and which ones. */
  readonly delistings: readonly { readonly row: number; readonly asset: number }[];
}

/** `actions` belong to raw prices. Errors: INVALID_DATA for a price or split ratio that is not positive, or a row outside the data. */
export function prepareMarket(panel: Panel, actions: readonly CorporateAction[] = []): Market {
  const { dates, assets, fields } = panel;
  const n = assets.length;
  const { close } = fields;
  const valuation = new Float64Array(close.length);
  const silent = new Int32Array(n);
  const delistings: { row: number; asset: number }[] = [];
  const ordered = checkActions(panel, actions);
  let nextAction = 0;
  for (let t = 0; t < dates.length; t++) {
    const base = t * n;
    if (t > 0) valuation.copyWithin(base, base - n, base);
    for (; ordered[nextAction]?.row === t; nextAction++) {
      const { asset, splitRatio, cashPerShare } = ordered[nextAction];
      valuation[base + asset] = Math.max(0, valuation[base + asset] - cashPerShare) / splitRatio;
    }
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
      silent[i] += 1;
      if (silent[i] === DELISTED_AFTER_ROWS && valuation[base + i] > 0) delistings.push({ row: t, asset: i });
    }
  }
  return { dates, assets, close, open: fields.open, valuation, volume: fields.volume, actions: ordered, delistings };
}

function checkActions({ dates, assets }: Panel, actions: readonly CorporateAction[]): readonly CorporateAction[] {
  for (const { row, asset, splitRatio, cashPerShare } of actions) {
    const placed = row >= 0 && row < dates.length && asset >= 0 && asset < assets.length;
    if (!placed || !(splitRatio > 0) || !(cashPerShare >= 0)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected corporate actions on rows 0 to ${dates.length - 1} with a positive split ratio and cash of at least 0, found row ` +
          `${row}, ratio ${splitRatio}, cash ${cashPerShare}. Correct the actions.`,
        { data: { row, asset, splitRatio, cashPerShare } },
      );
    }
  }
  return [...actions].sort((a, b) => a.row - b.row || a.asset - b.asset);
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
