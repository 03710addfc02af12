/** Returns and ranges that several features start from. All [T, N] row-major; NaN where a price is missing. */
import { AppError } from '#base/errors';
import type { Panel, PriceField } from '../panel';
import type { TableSize } from './rolling';

export function sizeOf(panel: Panel): TableSize {
  return { rows: panel.dates.length, columns: panel.assets.length };
}

/** A field of the panel. Errors: INVALID_DATA naming the field that is absent. */
export function requireField(panel: Panel, field: PriceField): Float64Array {
  const values = panel.fields[field];
  if (values !== undefined) return values;
  throw new AppError(
    'INVALID_DATA',
    `Expected the field "${field}" in the panel, found ${Object.keys(panel.fields).join(', ')}. Import it or leave the feature out.`,
    { data: { field } },
  );
}

/** x[t − skip] / x[t − rows − skip] − 1. */
export function changeOver(x: Float64Array, size: TableSize, rows: number, skip = 0): Float64Array {
  const result = new Float64Array(x.length).fill(NaN);
  const recent = skip * size.columns;
  const old = (rows + skip) * size.columns;
  for (let i = old; i < x.length; i++) result[i] = x[i - recent] / x[i - old] - 1;
  return result;
}

/** max(H − L, |H − C₋₁|, |L − C₋₁|); the first row, which has no previous close, is NaN (Wilder 1978). */
export function trueRange(panel: Panel): Float64Array {
  const high = requireField(panel, 'high');
  const low = requireField(panel, 'low');
  const { close } = panel.fields;
  const n = panel.assets.length;
  const result = new Float64Array(close.length).fill(NaN);
  for (let i = n; i < close.length; i++) {
    const previous = close[i - n];
    result[i] = Math.max(high[i] - low[i], Math.abs(high[i] - previous), Math.abs(low[i] - previous));
  }
  return result;
}

/** Gains and losses of one row to the next, both ≥ 0. */
export function gainsAndLosses(x: Float64Array, size: TableSize): { gains: Float64Array; losses: Float64Array } {
  const n = size.columns;
  const gains = new Float64Array(x.length).fill(NaN);
  const losses = new Float64Array(x.length).fill(NaN);
  for (let i = n; i < x.length; i++) {
    const change = x[i] - x[i - n];
    if (change !== change) continue;
    gains[i] = change > 0 ? change : 0;
    losses[i] = change < 0 ? -change : 0;
  }
  return { gains, losses };
}

/** x / y, entry by entry, into x. */
export function divideBy(x: Float64Array, y: Float64Array): Float64Array {
  for (let i = 0; i < x.length; i++) x[i] /= y[i];
  return x;
}
