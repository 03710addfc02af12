/** What the portfolio kinds read: a wide table of closes as returns, with one rule for missing prices. */
import { z } from 'zod';
import { AppError } from '#base/errors';
import { checkFrame, type Frame } from '../panel';
import type { CalcInput } from './kind';
import { readWidePrices, requireInput } from './tables';

export const PRICES_INPUT = 'CSV, gzip allowed: date,TICKER… one row per day, closes, empty = missing';

export const returnsParam = z.enum(['simple', 'log']).default('simple').meta({ title: 'Return kind' });

export interface ReturnTable {
  readonly assets: readonly string[];
  /** ISO day of each row. */
  readonly dates: readonly string[];
  /** [T, N] row-major; NaN where either price is missing. */
  readonly X: Float64Array;
  readonly T: number;
  readonly N: number;
}

/** Prices → returns; rows without any return are dropped. `tickers` picks and orders columns. */
export function readReturns(
  inputs: Readonly<Record<string, CalcInput>>,
  options: {
    readonly input?: string;
    readonly returns?: 'simple' | 'log';
    readonly tickers?: readonly string[];
    readonly dropRowsWithMissing?: boolean;
  } = {},
): ReturnTable {
  const input = requireInput(inputs, options.input ?? 'prices');
  let prices = readWidePrices(input);
  if (options.tickers !== undefined) prices = pickAssets(prices, options.tickers, input.name);
  if (options.dropRowsWithMissing === true) prices = dropIncompleteRows(prices);
  return toReturns(prices, options.returns ?? 'simple');
}

/** Errors: INVALID_DATA naming the first asset and day without a return. */
export function requireComplete(table: ReturnTable): ReturnTable {
  const position = table.X.findIndex((value) => !Number.isFinite(value));
  if (position < 0) return table;
  const asset = table.assets[position % table.N];
  const day = table.dates[Math.floor(position / table.N)];
  throw new AppError(
    'INVALID_DATA',
    `Expected a return of every asset on every day, found none of ${asset} on ${day}. ` +
      'Use covariance "sample_pairwise", set drop_rows_with_missing, or remove the asset.',
    { data: { asset, day } },
  );
}

function toReturns(prices: Frame, kind: 'simple' | 'log'): ReturnTable {
  const N = prices.assets.length;
  const values = prices.values;
  const X = new Float64Array(Math.max(0, prices.dates.length - 1) * N);
  const dates: string[] = [];
  for (let t = 1; t < prices.dates.length; t++) {
    const row = dates.length * N;
    let present = 0;
    for (let j = 0; j < N; j++) {
      const ratio = values[t * N + j] / values[(t - 1) * N + j];
      const value = kind === 'simple' ? ratio - 1 : Math.log(ratio);
      X[row + j] = value;
      if (!Number.isNaN(value)) present++;
    }
    if (present > 0) dates.push(prices.dates[t]);
  }
  return { assets: prices.assets, dates, X: X.subarray(0, dates.length * N), T: dates.length, N };
}

function pickAssets(frame: Frame, tickers: readonly string[], name: string): Frame {
  const positions = tickers.map((ticker) => {
    const position = frame.assets.indexOf(ticker);
    if (position >= 0) return position;
    throw new AppError(
      'INVALID_DATA',
      `Expected a column "${ticker}" in ${name}, found none. Check the list of tickers.`,
    );
  });
  const N = frame.assets.length;
  const values = new Float64Array(frame.dates.length * tickers.length);
  for (let t = 0; t < frame.dates.length; t++) {
    for (let j = 0; j < tickers.length; j++) values[t * tickers.length + j] = frame.values[t * N + positions[j]];
  }
  return checkFrame({ dates: frame.dates, assets: tickers, values });
}

function dropIncompleteRows(frame: Frame): Frame {
  const N = frame.assets.length;
  const kept = frame.dates
    .map((_, t) => t)
    .filter((t) => !frame.values.subarray(t * N, (t + 1) * N).some(Number.isNaN));
  const values = new Float64Array(kept.length * N);
  kept.forEach((from, to) => values.set(frame.values.subarray(from * N, (from + 1) * N), to * N));
  return { dates: kept.map((t) => frame.dates[t]), assets: frame.assets, values };
}
