/**
 * Sample moments of a table of returns: means, covariance, correlation, complete or pairwise.
 * Tables are [T, N] row-major; matrices are [N, N] row-major in units of one period (daily returns → daily covariance).
 */
import { AppError } from '#base/errors';
import { rankAverage } from '../array/stats';
import { gram } from '../kernels/gram';

/** Column means of X [T, N]. */
export function columnMeans(X: Float64Array, T: number, N: number): Float64Array {
  const means = new Float64Array(N);
  for (let t = 0; t < T; t++) for (let j = 0, k = t * N; j < N; j++, k++) means[j] += X[k];
  for (let j = 0; j < N; j++) means[j] /= T;
  return means;
}

/** Column variances of X [T, N] with divisor T − 1, in two passes. */
export function columnVariances(X: Float64Array, T: number, N: number): Float64Array {
  const means = columnMeans(X, T, N);
  const sums = new Float64Array(N);
  for (let t = 0; t < T; t++) for (let j = 0, k = t * N; j < N; j++, k++) sums[j] += (X[k] - means[j]) ** 2;
  return sums.map((sum) => sum / (T - 1));
}

/** Covariance with divisor T − ddof. Errors: NOT_ENOUGH_DATA when T ≤ ddof, INVALID_DATA for missing values. */
export function sampleCovariance(X: Float64Array, T: number, N: number, ddof = 1): Float64Array {
  requireRows(T, ddof + 1);
  const center = columnMeans(X, T, N);
  requireFinite(center);
  return gram(X, T, N, { center, scale: 1 / (T - ddof) });
}

/** Correlation of a covariance matrix, diagonal exactly 1. Errors: INVALID_DATA naming the first constant column. */
export function correlationOf(covariance: Float64Array, N: number): Float64Array {
  const inverse = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    const variance = covariance[i * N + i];
    if (!(variance > 0)) {
      throw new AppError(
        'INVALID_DATA',
        `Expected a positive variance in every column, found ${variance} in column ${i + 1}: its correlation is undefined. Remove the constant series.`,
        { data: { column: i } },
      );
    }
    inverse[i] = 1 / Math.sqrt(variance);
  }
  const correlation = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    const row = i * N;
    const scale = inverse[i];
    for (let j = 0; j < N; j++) {
      const value = covariance[row + j] * scale * inverse[j];
      correlation[row + j] = value > 1 ? 1 : value < -1 ? -1 : value;
    }
    correlation[row + i] = 1;
  }
  return correlation;
}

/** Pearson correlation of the columns of X. */
export function pearsonCorrelation(X: Float64Array, T: number, N: number): Float64Array {
  return correlationOf(sampleCovariance(X, T, N), N);
}

/** Spearman correlation: Pearson's on average ranks. */
export function spearmanCorrelation(X: Float64Array, T: number, N: number): Float64Array {
  const ranks = new Float64Array(T * N);
  const column = new Float64Array(T);
  for (let j = 0; j < N; j++) {
    for (let t = 0; t < T; t++) column[t] = X[t * N + j];
    requireFinite(column);
    const ranked = rankAverage(column);
    for (let t = 0; t < T; t++) ranks[t * N + j] = ranked[t];
  }
  return pearsonCorrelation(ranks, T, N);
}

export interface PairwiseCovariance {
  /** [N, N], each entry from the rows where both columns have a value; not necessarily positive semidefinite. */
  readonly matrix: Float64Array;
  /** [N, N] rows used. */
  readonly counts: Float64Array;
}

/**
 * Pairwise-complete covariance: own means and divisor n_ij − 1 for each pair; NaN = missing.
 * One Gram matrix of the values (missing as 0) beside their presence gives all three sums at once.
 * Errors: NOT_ENOUGH_DATA naming the first pair with fewer than two common rows.
 */
export function pairwiseCovariance(X: Float64Array, T: number, N: number): PairwiseCovariance {
  const { width, sums } = pairwiseSums(X, T, N, 2);
  const matrix = new Float64Array(N * N);
  const counts = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const n = pairCount(sums, width, N, i, j);
      const sumI = sums[i * width + N + j];
      const sumJ = sums[j * width + N + i];
      counts[i * N + j] = n;
      matrix[i * N + j] = (sums[i * width + j] - (sumI * sumJ) / n) / (n - 1);
    }
  }
  return { matrix, counts };
}

/** Pairwise-complete Pearson correlation: means and deviations, too, from the common rows of each pair (as pandas). */
export function pairwiseCorrelation(X: Float64Array, T: number, N: number): Float64Array {
  const { width, sums } = pairwiseSums(X, T, N, 3);
  const correlation = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j <= i; j++) {
      const n = pairCount(sums, width, N, i, j);
      const sumI = sums[i * width + N + j];
      const sumJ = sums[j * width + N + i];
      const squareI = sums[(2 * N + i) * width + N + j] - (sumI * sumI) / n;
      const squareJ = sums[(2 * N + j) * width + N + i] - (sumJ * sumJ) / n;
      const value = (sums[i * width + j] - (sumI * sumJ) / n) / Math.sqrt(squareI * squareJ);
      requireFinite(Float64Array.of(value));
      correlation[i * N + j] = i === j ? 1 : Math.min(1, Math.max(-1, value));
      correlation[j * N + i] = correlation[i * N + j];
    }
  }
  return correlation;
}

/** Gram matrix of [values − mean | presence | squares], the first `blocks` of them, missing as 0. */
function pairwiseSums(
  X: Float64Array,
  T: number,
  N: number,
  blocks: 2 | 3,
): { readonly width: number; readonly sums: Float64Array } {
  const centers = presentMeans(X, T, N);
  const width = blocks * N;
  const joined = new Float64Array(T * width);
  for (let t = 0; t < T; t++) {
    for (let j = 0; j < N; j++) {
      const value = X[t * N + j] - centers[j];
      if (Number.isNaN(value)) continue;
      joined[t * width + j] = value;
      joined[t * width + N + j] = 1;
      if (blocks === 3) joined[t * width + 2 * N + j] = value * value;
    }
  }
  return { width, sums: gram(joined, T, width) };
}

function pairCount(sums: Float64Array, width: number, N: number, i: number, j: number): number {
  const n = sums[(N + i) * width + N + j];
  if (n >= 2) return n;
  throw new AppError(
    'NOT_ENOUGH_DATA',
    `Expected at least 2 common rows of columns ${i + 1} and ${j + 1}, found ${n}. Use a longer window or drop one of them.`,
    { data: { columns: [i, j], needed: 2, found: n } },
  );
}

/** Errors: NOT_ENOUGH_DATA with the number needed. */
export function requireRows(T: number, needed: number): void {
  if (T >= needed) return;
  throw new AppError(
    'NOT_ENOUGH_DATA',
    `Expected at least ${needed} rows of returns, found ${T}. Use a longer window.`,
    {
      data: { needed, found: T },
    },
  );
}

/** Errors: INVALID_DATA naming the first column that is not finite. */
export function requireFinite(columns: Float64Array): void {
  const column = columns.findIndex((value) => !Number.isFinite(value));
  if (column < 0) return;
  throw new AppError(
    'INVALID_DATA',
    `Expected finite returns, found a missing or infinite value (position ${column + 1}). Drop the asset or the rows, or use the pairwise estimator.`,
    { data: { column } },
  );
}

function presentMeans(X: Float64Array, T: number, N: number): Float64Array {
  const sums = new Float64Array(N);
  const counts = new Float64Array(N);
  for (let t = 0; t < T; t++) {
    for (let j = 0; j < N; j++) {
      const value = X[t * N + j];
      if (Number.isNaN(value)) continue;
      sums[j] += value;
      counts[j]++;
    }
  }
  return sums.map((sum, j) => (counts[j] === 0 ? 0 : sum / counts[j]));
}
