/**
 * Recursive smoothers over the rows of a [T, N] table, every asset at once.
 * A missing value (NaN) gives NaN and starts the recursion anew after it, so a gap costs a warm-up and poisons nothing.
 */
import type { TableSize } from './rolling';

/**
 * y_t = y_{t−1} + α (x_t − y_{t−1}). Seeded with the mean of the first `seedRows` values, at the last of them; NaN before.
 * `seedRows` 1 is the convention of pandas (`adjust=False`), n is the one of TA-Lib and of Wilder (1978).
 */
export function exponentialAverage(x: Float64Array, size: TableSize, alpha: number, seedRows: number): Float64Array {
  const { rows, columns } = size;
  const result = new Float64Array(x.length).fill(NaN);
  const seen = new Int32Array(columns);
  const state = new Float64Array(columns);
  for (let t = 0; t < rows; t++) {
    const row = t * columns;
    for (let j = 0; j < columns; j++) {
      const value = x[row + j];
      if (value !== value) {
        seen[j] = 0;
        state[j] = 0;
        continue;
      }
      if (seen[j] >= seedRows) {
        state[j] += alpha * (value - state[j]);
        result[row + j] = state[j];
        continue;
      }
      seen[j] += 1;
      state[j] += (value - state[j]) / seen[j];
      if (seen[j] === seedRows) result[row + j] = state[j];
    }
  }
  return result;
}

/** Wilder's average: α = 1/period, seeded with the mean of the first `period` values (Wilder 1978). */
export function wilderAverage(x: Float64Array, size: TableSize, period: number): Float64Array {
  return exponentialAverage(x, size, 1 / period, period);
}

/** Smoothing factor of the exponential average that is named by its span n: 2 / (n + 1). */
export function spanAlpha(span: number): number {
  return 2 / (span + 1);
}

/** Rows after which what came before weighs less than 1e-14, two digits under what features promise. */
export function rowsToForget(alpha: number): number {
  return alpha >= 1 ? 0 : Math.ceil(Math.log(1e-14) / Math.log1p(-alpha));
}
