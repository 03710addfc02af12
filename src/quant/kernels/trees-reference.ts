/** The plain definitions that the tree kernel is tested against: histograms as sums over rows, splits by trying every cut. */
import type { Bounds, SplitRules } from './trees';

export interface PlainHistogram {
  /** [features, 256] Σ gradient and Σ count. */
  readonly gradients: Float64Array;
  readonly counts: Float64Array;
}

/** bins [rows, features] row-major, 255 = missing; integer gradients and weights per row. */
export function plainHistogram(
  bins: Uint8Array,
  features: number,
  rows: Uint32Array,
  gradients: Float64Array,
  weights: Uint8Array,
): PlainHistogram {
  const result = { gradients: new Float64Array(features * 256), counts: new Float64Array(features * 256) };
  for (const row of rows) {
    for (let k = 0; k < features; k++) {
      const cell = k * 256 + bins[row * features + k];
      result.gradients[cell] += gradients[row] * weights[row];
      result.counts[cell] += weights[row];
    }
  }
  return result;
}

export interface PlainSplit {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  /** Null where the node misses no value of the feature. */
  readonly missingLeft: boolean | null;
}

/** The first of the splits that lower Σ (G v + ½ (n + λ) v²) most, v clamped to the bounds; null where none does. */
export function plainBestSplit(
  { gradients, counts }: PlainHistogram,
  features: number,
  rules: SplitRules,
  { lower, upper }: Bounds,
): PlainSplit | null {
  const valueOf = (G: number, n: number) => Math.min(Math.max(-G / (n + rules.l2), lower), upper);
  const fall = (G: number, n: number) => {
    const v = valueOf(G, n);
    return -2 * (G * v + 0.5 * (n + rules.l2) * v * v);
  };
  let best: PlainSplit | null = null;
  for (let k = 0; k < features; k++) {
    const g = gradients.subarray(k * 256, (k + 1) * 256);
    const n = counts.subarray(k * 256, (k + 1) * 256);
    const sum = (values: Float64Array, from: number, to: number) => values.slice(from, to).reduce((a, b) => a + b, 0);
    const [G, N] = [sum(g, 0, 256), sum(n, 0, 256)];
    for (const missingLeft of n[255] > 0 ? [false, true] : [null]) {
      for (let bin = 0; bin < 255; bin++) {
        if (n[bin] === 0) continue;
        const GL = sum(g, 0, bin + 1) + (missingLeft === true ? g[255] : 0);
        const nL = sum(n, 0, bin + 1) + (missingLeft === true ? n[255] : 0);
        if (nL < rules.minCount || N - nL < rules.minCount) continue;
        const both = fall(GL, nL) + fall(G - GL, N - nL);
        const gain = both - fall(G, N);
        const rise = valueOf(G - GL, N - nL) - valueOf(GL, nL);
        if (rise * (rules.monotone?.[k] ?? 0) < 0) continue;
        if (gain > (best?.gain ?? 0) && gain > 1e-11 * both) best = { gain, feature: k, bin, missingLeft };
      }
    }
  }
  return best;
}
