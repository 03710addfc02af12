/**
 * Structural audit of any split, contiguous or not: rows are samples, the label of row s reads the prices of rows s + lag … s + lag + horizon.
 * It trusts nothing but the row numbers.
 */

export interface RowSets {
  /** Sample rows, any order; a row that occurs twice counts twice. */
  readonly train: ArrayLike<number>;
  readonly test: ArrayLike<number>;
  readonly horizon: number;
  readonly lag: number;
  /** Rows that must lie between a training label and a tested decision after it, and between a tested label and training after it. */
  readonly embargoBefore: number;
  readonly embargoAfter: number;
}

/**
 * Number of training samples whose label reads a row that a tested decision t does not know yet and is tested on,
 * t + 1 … t + lag + horizon, or that lie inside an embargo. 0 = the split is clean. O((n + m) log m).
 */
export function countOverlaps({ train, test, horizon, lag, embargoBefore, embargoAfter }: RowSets): number {
  const reach = lag + horizon;
  const tested = Float64Array.from(test).sort();
  let overlaps = 0;
  for (let k = 0; k < train.length; k++) {
    const first = lowerBound(tested, train[k] + lag - reach - embargoAfter);
    if (first < tested.length && tested[first] < train[k] + reach + embargoBefore) overlaps += 1;
  }
  return overlaps;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
