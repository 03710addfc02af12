/**
 * Trailing windows over the rows of a [T, N] table, every asset at once, in time that does not depend on the window.
 * A window is the tail of one block of rows merged with the head of the next (van Herk 1992; Gil, Werman 1993), so nothing outside
 * the window touches its value, not even by rounding, and a missing value (NaN) is forgotten with the row that held it.
 */

/** Size of a [T, N] row-major table. */
export interface TableSize {
  readonly rows: number;
  readonly columns: number;
}

/** Mean of rows t−window+1 … t; NaN where one of them is missing. Constant windows give their value exactly. */
export function rollingMean(x: Float64Array, size: TableSize, window: number): Float64Array {
  const { rows, columns } = size;
  const result = new Float64Array(x.length).fill(NaN);
  const tail = new Float64Array(window * columns);
  const head = new Float64Array(columns);
  for (let start = 0; start < rows; start += window) {
    const end = Math.min(start + window, rows);
    for (let t = start; t < end; t++) {
      const row = t * columns;
      const count = t - start + 1;
      const share = 1 / count;
      if (count === 1) head.set(x.subarray(row, row + columns));
      else for (let j = 0; j < columns; j++) head[j] += (x[row + j] - head[j]) * share;
      if (count === window) result.set(head, row);
      else if (start > 0) {
        const merged = count / window;
        const from = count * columns;
        for (let j = 0; j < columns; j++) result[row + j] = tail[from + j] + (head[j] - tail[from + j]) * merged;
      }
    }
    if (end - start === window) tailMeans(x, start, window, columns, tail);
  }
  return result;
}

/** Standard deviation of rows t−window+1 … t with divisor window − ddof; NaN where one is missing. Constant windows give 0. */
export function rollingDeviation(x: Float64Array, size: TableSize, window: number, ddof: 0 | 1): Float64Array {
  const { rows, columns } = size;
  const result = new Float64Array(x.length).fill(NaN);
  const tail = new Float64Array(window * columns);
  const tailScatter = new Float64Array(window * columns);
  const head = new Float64Array(columns);
  const headScatter = new Float64Array(columns);
  const scale = 1 / (window - ddof);
  for (let start = 0; start < rows; start += window) {
    const end = Math.min(start + window, rows);
    for (let t = start; t < end; t++) {
      const row = t * columns;
      const count = t - start + 1;
      extendScatter(x, row, columns, count, head, headScatter);
      if (count === window) {
        for (let j = 0; j < columns; j++) result[row + j] = Math.sqrt(headScatter[j] * scale);
      } else if (start > 0) {
        const weight = (count * (window - count)) / window;
        const from = count * columns;
        for (let j = 0; j < columns; j++) {
          const gap = head[j] - tail[from + j];
          result[row + j] = Math.sqrt((headScatter[j] + tailScatter[from + j] + gap * gap * weight) * scale);
        }
      }
    }
    if (end - start === window) tailScatters(x, start, window, columns, tail, tailScatter);
  }
  return result;
}

/** Largest value of rows t−window+1 … t; NaN where one of them is missing. */
export function rollingMaximum(x: Float64Array, size: TableSize, window: number): Float64Array {
  const { rows, columns } = size;
  const result = new Float64Array(x.length).fill(NaN);
  const tail = new Float64Array(window * columns);
  const head = new Float64Array(columns);
  for (let start = 0; start < rows; start += window) {
    const end = Math.min(start + window, rows);
    for (let t = start; t < end; t++) {
      const row = t * columns;
      const count = t - start + 1;
      if (count === 1) head.set(x.subarray(row, row + columns));
      // Math.max keeps NaN, which is what makes a gap visible.
      else for (let j = 0; j < columns; j++) head[j] = Math.max(head[j], x[row + j]);
      if (count === window) result.set(head, row);
      else if (start > 0) {
        const from = count * columns;
        for (let j = 0; j < columns; j++) result[row + j] = Math.max(head[j], tail[from + j]);
      }
    }
    if (end - start === window) tailMaxima(x, start, window, columns, tail);
  }
  return result;
}

/** Welford's update of means and sums of squared deviations by one row, the `count`-th. */
function extendScatter(
  x: Float64Array,
  row: number,
  columns: number,
  count: number,
  mean: Float64Array,
  scatter: Float64Array,
): void {
  if (count === 1) {
    mean.set(x.subarray(row, row + columns));
    for (let j = 0; j < columns; j++) scatter[j] = x[row + j] - x[row + j];
    return;
  }
  const share = 1 / count;
  for (let j = 0; j < columns; j++) {
    const value = x[row + j];
    const gap = value - mean[j];
    const next = mean[j] + gap * share;
    mean[j] = next;
    scatter[j] += gap * (value - next);
  }
}

/** tail[o] = mean of rows start+o … start+window−1, for every o. */
function tailMeans(x: Float64Array, start: number, window: number, columns: number, tail: Float64Array): void {
  const last = (window - 1) * columns;
  tail.set(x.subarray(start * columns + last, start * columns + last + columns), last);
  for (let o = window - 2; o >= 0; o--) {
    const row = (start + o) * columns;
    const to = o * columns;
    const from = to + columns;
    const share = 1 / (window - o);
    for (let j = 0; j < columns; j++) tail[to + j] = tail[from + j] + (x[row + j] - tail[from + j]) * share;
  }
}

function tailScatters(
  x: Float64Array,
  start: number,
  window: number,
  columns: number,
  tail: Float64Array,
  scatter: Float64Array,
): void {
  const mean = new Float64Array(columns);
  const sum = new Float64Array(columns);
  for (let o = window - 1; o >= 0; o--) {
    extendScatter(x, (start + o) * columns, columns, window - o, mean, sum);
    tail.set(mean, o * columns);
    scatter.set(sum, o * columns);
  }
}

function tailMaxima(x: Float64Array, start: number, window: number, columns: number, tail: Float64Array): void {
  const last = (window - 1) * columns;
  tail.set(x.subarray(start * columns + last, start * columns + last + columns), last);
  for (let o = window - 2; o >= 0; o--) {
    const row = (start + o) * columns;
    const to = o * columns;
    for (let j = 0; j < columns; j++) tail[to + j] = Math.max(tail[to + columns + j], x[row + j]);
  }
}
