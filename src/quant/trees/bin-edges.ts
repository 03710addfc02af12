/**
 * Cuts of a feature's values into at most 255 bins: between neighboring values where there are few, at quantiles where there are
 * many. A value x lies in the first bin whose edge is not below it; the order of rows plays no part.
 */

/** Bins of values that are there; one more is for missing ones. */
const MOST_BINS = 255;

/** Rows that decide the quantiles; more change the cuts by less than a tenth of a bin. */
export const MOST_SAMPLED_ROWS = 200_000;

/**
 * Ascending edges per feature, at most 254 each; none for a constant or wholly missing feature.
 * X [rows, columns] row-major, NaN = missing; `sample`: rows to look at.
 */
export function binEdges(X: Float64Array, columns: number, sample: Uint32Array): Float64Array[] {
  const values = new Float64Array(sample.length);
  return Array.from({ length: columns }, (_, k) => {
    let count = 0;
    for (const row of sample) {
      const value = X[row * columns + k];
      // Adding 0 makes −0 and 0 one value.
      if (value - value === 0) values[count++] = value + 0;
    }
    return edgesOf(values.subarray(0, count).sort());
  });
}

/** Of values in ascending order. */
function edgesOf(sorted: Float64Array): Float64Array {
  const steps: number[] = [];
  for (let i = 1; i < sorted.length && steps.length < MOST_BINS; i++) {
    if (sorted[i] !== sorted[i - 1]) steps.push(i);
  }
  if (steps.length < MOST_BINS) return Float64Array.from(steps, (i) => between(sorted[i - 1], sorted[i]));
  const edges: number[] = [];
  for (let j = 1; j < MOST_BINS; j++) {
    const at = Math.floor((j * sorted.length) / MOST_BINS);
    // Equal neighbors cannot be cut; the cut moves down to where they begin.
    let first = at;
    while (first > 0 && sorted[first] === sorted[first - 1]) first = lowerBound(sorted, sorted[first]);
    if (first === 0) continue;
    const edge = between(sorted[first - 1], sorted[first]);
    if (edges.length === 0 || edge > edges[edges.length - 1]) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** First position of `value`. */
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

/** A number from a (included) to b (excluded), half-way where there is one. */
function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle >= a && middle < b ? middle : a;
}
