/**
 * Statistical factors: principal components of returns as a factor model, from the smaller of the two Gram matrices, so that more
 * assets than dates cost nothing extra (Connor, Korajczyk 1986). One sign convention: the largest loading of a factor is positive.
 */
import { AppError } from '#base/errors';
import { transpose } from '../array/linalg';
import { columnMeans, columnVariances, requireFinite, requireRows } from '../covariance/moments';
import { gram } from '../kernels/gram';
import { principalComponents } from '../learning/principal-components';

export interface PcaFactors {
  readonly T: number;
  readonly N: number;
  readonly K: number;
  /** [N, K]: return of asset i per unit of factor k. */
  readonly loadings: Float64Array;
  /** [T, K], mean 0, uncorrelated with each other. */
  readonly factorReturns: Float64Array;
  /** All that are positive, descending, of the covariance (or correlation) matrix with divisor T − 1. */
  readonly eigenvalues: Float64Array;
  /** Share of the total variance per factor, length K. */
  readonly explained: Float64Array;
  readonly means: Float64Array;
  /** Variance (divisor T − 1) that the factors leave, length N. */
  readonly specificVariance: Float64Array;
  /** Share of each asset's variance that the factors explain, length N. */
  readonly r2: Float64Array;
}

export interface PcaOptions {
  /** A number of factors, or a rule: Bai-Ng 2002 IC_p2, or the eigenvalue ratio of Ahn-Horenstein 2013. */
  readonly factors: number | 'bai-ng' | 'eigenvalue-ratio';
  /** Most factors that a rule may choose. */
  readonly most: number;
  /** Give every asset variance 1 first (correlation matrix). */
  readonly standardize: boolean;
}

/** X [T, N] finite returns. Errors: NOT_ENOUGH_DATA, INVALID_DATA for holes or constant assets, BAD_REQUEST for too many factors. */
export function pcaFactors(X: Float64Array, T: number, N: number, options: PcaOptions): PcaFactors {
  requireRows(T, 3);
  const means = columnMeans(X, T, N);
  requireFinite(means);
  const variances = columnVariances(X, T, N);
  const scale = options.standardize ? variances.map(Math.sqrt) : new Float64Array(N).fill(1);
  const constant = variances.findIndex((value) => !(value > 0));
  if (constant >= 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected returns that vary, found variance ${variances[constant]} of asset ${constant + 1}. Leave it out.`,
      { data: { asset: constant } },
    );
  }
  const Z = X.map((value, at) => (value - means[at % N]) / scale[at % N]);
  const { eigenvalues, vectors } = spectrum(Z, T, N);
  const K = chooseCount(eigenvalues, T, N, options);
  const loadings = new Float64Array(N * K);
  const factorReturns = new Float64Array(T * K);
  for (let k = 0; k < K; k++) {
    for (let i = 0; i < N; i++) loadings[i * K + k] = scale[i] * vectors[k * N + i];
    for (let t = 0; t < T; t++) {
      let sum = 0;
      for (let i = 0; i < N; i++) sum += Z[t * N + i] * vectors[k * N + i];
      factorReturns[t * K + k] = sum;
    }
  }
  const total = options.standardize ? N : variances.reduce((sum, value) => sum + value, 0);
  const specificVariance = variances.map((value, i) => {
    let explained = 0;
    for (let k = 0; k < K; k++) explained += loadings[i * K + k] ** 2 * eigenvalues[k];
    return Math.max(0, value - explained);
  });
  return {
    T,
    N,
    K,
    loadings,
    factorReturns,
    eigenvalues,
    explained: eigenvalues.slice(0, K).map((value) => value / total),
    means,
    specificVariance,
    r2: specificVariance.map((value, i) => 1 - value / variances[i]),
  };
}

/** Eigenvalues of ZᵀZ / (T − 1) and their unit vectors in rows, from whichever of ZᵀZ and ZZᵀ is smaller. */
function spectrum(Z: Float64Array, T: number, N: number): { eigenvalues: Float64Array; vectors: Float64Array } {
  const dual = T < N;
  const S = dual ? gram(transpose(Z, T, N), N, T, { scale: 1 / (T - 1) }) : gram(Z, T, N, { scale: 1 / (T - 1) });
  const size = dual ? T : N;
  const { eigenvalues, loadings } = principalComponents(S, size);
  // The last eigenvalue of the dual is the mean that was removed; rounding leaves it near, not at, zero.
  const floor = eigenvalues[0] * size * Number.EPSILON * 8;
  let rank = 0;
  while (rank < size && eigenvalues[rank] > floor) rank++;
  if (!dual) return { eigenvalues: eigenvalues.slice(0, rank), vectors: loadings };
  const vectors = new Float64Array(rank * N);
  for (let k = 0; k < rank; k++) {
    const row = vectors.subarray(k * N, (k + 1) * N);
    for (let t = 0; t < T; t++) {
      const u = loadings[k * T + t];
      for (let i = 0; i < N; i++) row[i] += u * Z[t * N + i];
    }
    let length = 0;
    let largest = 0;
    for (const value of row) {
      length += value * value;
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    const factor = (largest < 0 ? -1 : 1) / Math.sqrt(length);
    for (let i = 0; i < N; i++) row[i] *= factor;
  }
  return { eigenvalues: eigenvalues.slice(0, rank), vectors };
}

function chooseCount(eigenvalues: Float64Array, T: number, N: number, { factors, most }: PcaOptions): number {
  const rank = eigenvalues.length;
  if (typeof factors === 'number') {
    if (Number.isInteger(factors) && factors >= 1 && factors <= rank) return factors;
    throw new AppError(
      'BAD_REQUEST',
      `Expected 1 to ${rank} factors for ${T} returns of ${N} assets, found ${factors}.`,
      { data: { most: rank, found: factors } },
    );
  }
  const limit = Math.max(1, Math.min(most, rank - 1));
  return factors === 'bai-ng' ? baiNgCount(eigenvalues, T, N, limit) : eigenvalueRatioCount(eigenvalues, limit);
}

/** k that minimizes ln V(k) + k (N+T)/(NT) ln min(N, T), V(k) = mean squared residual (Bai, Ng 2002, IC_p2); at least 1. */
export function baiNgCount(eigenvalues: Float64Array, T: number, N: number, most: number): number {
  const penalty = ((N + T) / (N * T)) * Math.log(Math.min(N, T));
  let left = eigenvalues.reduce((sum, value) => sum + value, 0);
  let best = 1;
  let least = Infinity;
  for (let k = 1; k <= most; k++) {
    left -= eigenvalues[k - 1];
    const criterion = Math.log((left * (T - 1)) / (N * T)) + k * penalty;
    if (criterion < least) {
      least = criterion;
      best = k;
    }
  }
  return best;
}

/** k that maximizes λ_k / λ_{k+1} (Ahn, Horenstein 2013, ER). */
export function eigenvalueRatioCount(eigenvalues: Float64Array, most: number): number {
  let best = 1;
  let largest = -Infinity;
  for (let k = 1; k <= Math.min(most, eigenvalues.length - 1); k++) {
    const ratio = eigenvalues[k - 1] / eigenvalues[k];
    if (ratio > largest) {
      largest = ratio;
      best = k;
    }
  }
  return best;
}
