/**
 * Shrinkage estimators: the sample covariance pulled toward a structured target by an amount that the data choose.
 * X [T, N] row-major finite returns; divisor T throughout, as in the papers and in scikit-learn.
 */
import { gram } from '../kernels/gram';
import { columnMeans, requireFinite, requireRows } from './moments';

export interface ShrunkCovariance {
  /** [N, N]. */
  readonly matrix: Float64Array;
  /** Weight of the target, 0 … 1. */
  readonly shrinkage: number;
}

/** Target μI (Ledoit, Wolf 2004, Journal of Multivariate Analysis 88). */
export function ledoitWolf(X: Float64Array, T: number, N: number): ShrunkCovariance {
  const { S, center } = centered(X, T, N);
  const mu = trace(S, N) / N;
  const square = sumOfSquares(S);
  const delta = (square - N * mu * mu) / N;
  const beta = Math.min(delta, (sumOfSquaredNorms(X, T, N, center) / T - square) / (N * T));
  const shrinkage = delta > 0 ? Math.max(0, beta) / delta : 0;
  return { matrix: towardIdentity(S, N, mu, shrinkage), shrinkage };
}

/** Oracle approximating shrinkage toward μI (Chen, Wiesel, Eldar, Hero 2010), with scikit-learn's formula. */
export function oracleApproximatingShrinkage(X: Float64Array, T: number, N: number): ShrunkCovariance {
  const { S } = centered(X, T, N);
  const mu = trace(S, N) / N;
  const alpha = sumOfSquares(S) / (N * N);
  const numerator = alpha + mu * mu;
  const denominator = (T + 1) * (alpha - (mu * mu) / N);
  const shrinkage = denominator > 0 ? Math.min(numerator / denominator, 1) : 1;
  return { matrix: towardIdentity(S, N, mu, shrinkage), shrinkage };
}

export interface ConstantCorrelationCovariance extends ShrunkCovariance {
  /** Mean off-diagonal correlation of the sample. */
  readonly averageCorrelation: number;
}

/**
 * Target with the sample variances and one common correlation (Ledoit, Wolf 2004, "Honey, I shrunk the sample covariance
 * matrix"). The sums π and ρ over all pairs factor into sums over dates, so they cost O(T N).
 */
export function ledoitWolfConstantCorrelation(X: Float64Array, T: number, N: number): ConstantCorrelationCovariance {
  const { S, center } = centered(X, T, N);
  const deviation = new Float64Array(N);
  for (let i = 0; i < N; i++) deviation[i] = Math.sqrt(S[i * N + i]);
  const averageCorrelation = meanCorrelation(S, deviation, N);
  const { pi, diagonalPi, theta } = asymptoticSums(X, T, N, center, S, deviation);
  const rho = diagonalPi + averageCorrelation * theta;
  let gamma = 0;
  const target = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const k = i * N + j;
      target[k] = i === j ? S[k] : averageCorrelation * deviation[i] * deviation[j];
      gamma += (target[k] - S[k]) ** 2;
    }
  }
  const shrinkage = gamma > 0 ? Math.min(1, Math.max(0, (pi - rho) / gamma / T)) : 0;
  const matrix = target.map((value, k) => shrinkage * value + (1 - shrinkage) * S[k]);
  return { matrix, shrinkage, averageCorrelation };
}

function centered(X: Float64Array, T: number, N: number): { S: Float64Array; center: Float64Array } {
  requireRows(T, 2);
  const center = columnMeans(X, T, N);
  requireFinite(center);
  return { S: gram(X, T, N, { center, scale: 1 / T }), center };
}

function trace(S: Float64Array, N: number): number {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += S[i * N + i];
  return sum;
}

function sumOfSquares(S: Float64Array): number {
  let sum = 0;
  for (const value of S) sum += value * value;
  return sum;
}

/** Σ_t ‖x_t‖⁴ of the centered rows. */
function sumOfSquaredNorms(X: Float64Array, T: number, N: number, center: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < T; t++) {
    let norm = 0;
    for (let j = 0, k = t * N; j < N; j++, k++) norm += (X[k] - center[j]) ** 2;
    sum += norm * norm;
  }
  return sum;
}

function towardIdentity(S: Float64Array, N: number, mu: number, shrinkage: number): Float64Array {
  const result = S.map((value) => (1 - shrinkage) * value);
  for (let i = 0; i < N; i++) result[i * N + i] += shrinkage * mu;
  return result;
}

function meanCorrelation(S: Float64Array, deviation: Float64Array, N: number): number {
  if (N < 2) return 0;
  let sum = 0;
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < i; j++) {
      const product = deviation[i] * deviation[j];
      if (product > 0) sum += S[i * N + j] / product;
    }
  }
  return (2 * sum) / (N * (N - 1));
}

/** π = Σ_ij π_ij, Σ_i π_ii and Σ_{i≠j} √(s_jj/s_ii) θ_ij with θ_ij = mean(x_i³ x_j) − s_ii s_ij. */
function asymptoticSums(
  X: Float64Array,
  T: number,
  N: number,
  center: Float64Array,
  S: Float64Array,
  deviation: Float64Array,
): { pi: number; diagonalPi: number; theta: number } {
  let pi = 0;
  let diagonalPi = 0;
  let theta = 0;
  for (let t = 0; t < T; t++) {
    let norm = 0;
    let cubes = 0;
    let scaled = 0;
    for (let j = 0, k = t * N; j < N; j++, k++) {
      const x = X[k] - center[j];
      const square = x * x;
      norm += square;
      diagonalPi += square * square;
      theta -= square * square;
      if (deviation[j] > 0) cubes += (square * x) / deviation[j];
      scaled += deviation[j] * x;
    }
    pi += norm * norm;
    theta += cubes * scaled;
  }
  pi = pi / T - sumOfSquares(S);
  diagonalPi /= T;
  theta /= T;
  for (let i = 0; i < N; i++) {
    const variance = S[i * N + i];
    diagonalPi -= variance * variance;
    for (let j = 0; j < N; j++) if (i !== j) theta -= deviation[j] * deviation[i] * S[i * N + j];
  }
  return { pi, diagonalPi, theta };
}
