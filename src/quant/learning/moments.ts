/**
 * First and second moments of pooled training rows: everything that a linear model needs of them.
 * Moments of disjoint rows add up, so a walk-forward refit is a sum of small matrices instead of a pass over the data.
 */
import { AppError } from '#base/errors';
import { gram } from '../kernels/gram';

export interface Moments {
  readonly rows: number;
  /** Features K; the target is column K of what follows. */
  readonly features: number;
  /** Length K + 1. */
  readonly mean: Float64Array;
  /** [K+1, K+1] symmetric: Σ (z − mean)(z − mean)ᵀ over rows z = (x, y). */
  readonly scatter: Float64Array;
}

/** Rows that stay in the second-level cache while they are centered and multiplied. */
const BLOCK = 1024;

/** One pass over X [rows, K] row-major and y. Errors: INVALID_DATA where the sizes disagree or a value is not finite. */
export function momentsOf(X: Float64Array, y: Float64Array, features: number): Moments {
  const rows = y.length;
  if (X.length !== rows * features) {
    throw new AppError('INVALID_DATA', `Expected ${rows} × ${features} feature values, found ${X.length}.`);
  }
  const width = (features + 4) & ~3;
  const block = new Float64Array(BLOCK * width);
  const total = new MomentSum(features);
  for (let start = 0; start < rows; start += BLOCK) {
    const count = Math.min(BLOCK, rows - start);
    const mean = fillBlock(X, y, features, start, count, block, width);
    const squares = gram(block.subarray(0, count * width), count, width, { center: mean });
    total.add(count, mean, squares, width);
  }
  const moments = total.finish();
  if (moments.scatter.some((value) => !Number.isFinite(value))) {
    throw new AppError(
      'INVALID_DATA',
      'Expected finite training rows, found a missing or infinite value. Drop such rows.',
    );
  }
  return moments;
}

/** Moments of the union of disjoint sets of rows. Errors: INVALID_DATA where the features differ or nothing is given. */
export function mergeMoments(parts: readonly Moments[]): Moments {
  const features = parts.length === 0 ? 0 : parts[0].features;
  if (parts.length === 0 || parts.some((part) => part.features !== features)) {
    throw new AppError('INVALID_DATA', 'Expected moments of the same features, found none or different ones.');
  }
  const total = new MomentSum(features);
  for (const part of parts) total.add(part.rows, part.mean, part.scatter, features + 1);
  return total.finish();
}

/** Copies rows and targets side by side, padded with zeros to `width`; returns their means. */
function fillBlock(
  X: Float64Array,
  y: Float64Array,
  features: number,
  start: number,
  count: number,
  block: Float64Array,
  width: number,
): Float64Array {
  const mean = new Float64Array(width);
  const first = X.subarray(start * features, start * features + features);
  // Summing differences from the first row keeps the mean of a constant column exact.
  let from = start * features;
  for (let t = 0; t < count; t++) {
    const row = t * width;
    for (let k = 0; k < features; k++) {
      const value = X[from + k];
      block[row + k] = value;
      mean[k] += value - first[k];
    }
    from += features;
    const target = y[start + t];
    block[row + features] = target;
    mean[features] += target - y[start];
  }
  for (let k = 0; k < features; k++) mean[k] = first[k] + mean[k] / count;
  mean[features] = y[start] + mean[features] / count;
  return mean;
}

/** Pairwise update of means and scatter (Chan, Golub, LeVeque 1983). */
class MomentSum {
  readonly #features: number;
  readonly #mean: Float64Array;
  readonly #scatter: Float64Array;
  readonly #gap: Float64Array;
  #rows = 0;

  constructor(features: number) {
    this.#features = features;
    this.#mean = new Float64Array(features + 1);
    this.#gap = new Float64Array(features + 1);
    this.#scatter = new Float64Array((features + 1) ** 2);
  }

  /** scatter has rows of `stride` entries. */
  add(rows: number, mean: Float64Array, scatter: Float64Array, stride: number): void {
    if (rows === 0) return;
    const m = this.#features + 1;
    const total = this.#rows + rows;
    const weight = (this.#rows * rows) / total;
    for (let i = 0; i < m; i++) this.#gap[i] = mean[i] - this.#mean[i];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        this.#scatter[i * m + j] += scatter[i * stride + j] + weight * (this.#gap[i] * this.#gap[j]);
      }
    }
    for (let i = 0; i < m; i++) this.#mean[i] += this.#gap[i] * (rows / total);
    this.#rows = total;
  }

  finish(): Moments {
    return { rows: this.#rows, features: this.#features, mean: this.#mean, scatter: this.#scatter };
  }
}
