/**
 * Has a distribution moved since training? The population stability index over quantile bins of the reference: Σ (p − q) ln(p / q).
 * Usual reading (Siddiqi 2006, Credit Risk Scorecards, ch. 7): below 0.1 stable, 0.1 to 0.25 moved, above 0.25 another population.
 */
import { AppError } from '#base/errors';

/** An empty bin counts as half an observation, so that the index stays finite. */
const EMPTY = 0.5;

/**
 * @param reference what the model was trained on; NaN is left out
 * @param recent what it sees now; NaN is left out
 * @param bins equal shares of the reference; equal values share a bin
 * @returns index ≥ 0. Errors: NOT_ENOUGH_DATA where either side has fewer values than bins.
 */
export function populationStability(reference: Float64Array, recent: Float64Array, bins = 10): number {
  const sorted = reference.filter(Number.isFinite).sort();
  const seen = recent.filter(Number.isFinite);
  if (sorted.length < bins || seen.length < bins) {
    throw new AppError(
      'NOT_ENOUGH_DATA',
      `Expected at least ${bins} values on either side, found ${sorted.length} and ${seen.length}.`,
      { data: { needed: bins, reference: sorted.length, recent: seen.length } },
    );
  }
  const edges = [
    ...new Set(Array.from({ length: bins - 1 }, (_, b) => sorted[Math.floor(((b + 1) * sorted.length) / bins)])),
  ];
  const before = shares(sorted, edges);
  const after = shares(seen, edges);
  return before.reduce((sum, p, b) => sum + (p - after[b]) * Math.log(p / after[b]), 0);
}

/** Shares of values in (−∞, e₀), [e₀, e₁), … */
function shares(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value < edges[middle]) high = middle;
      else low = middle + 1;
    }
    counts[low]++;
  }
  const filled = counts.map((count) => Math.max(count, EMPTY));
  const total = filled.reduce((sum, count) => sum + count, 0);
  return filled.map((count) => count / total);
}
