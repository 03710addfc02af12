/** Means of returns that discount noise or age. X [T, N] row-major, finite; results per row of X. */
import { cholesky, choleskySolve, dot } from '../array/linalg';
import { columnMeans, sampleCovariance } from '../covariance/moments';
import { ledoitWolf } from '../covariance/shrinkage';

/** Σ_k λ^k x_{T−k} / Σ_k λ^k, k = 0 newest. 0 ≤ λ < 1. */
export function exponentialMeans(X: Float64Array, T: number, N: number, decay: number): Float64Array {
  const sums = new Float64Array(N);
  let weight = 1;
  let total = 0;
  for (let t = T - 1; t >= 0; t--) {
    for (let j = 0; j < N; j++) sums[j] += weight * X[t * N + j];
    total += weight;
    weight *= decay;
  }
  return sums.map((sum) => sum / total);
}

/**
 * Bayes–Stein means (Jorion 1986, equations 14–17): (1 − w) r̄ + w r₀ 1 with r₀ the mean of the minimum-variance portfolio and
 * w = (N + 2) / (N + 2 + T (r̄ − r₀1)ᵀ Σ⁻¹ (r̄ − r₀1)). Σ carries his correction (T − 1)/(T − N − 2) where there are days enough, and
 * is shrunk (Ledoit, Wolf 2004) where there are not.
 */
export function jamesSteinMeans(X: Float64Array, T: number, N: number): { mu: Float64Array; shrinkage: number } {
  const means = columnMeans(X, T, N);
  if (N === 1) return { mu: means, shrinkage: 0 };
  const correction = (T - 1) / (T - N - 2);
  const covariance =
    T > N + 2 ? sampleCovariance(X, T, N).map((value) => value * correction) : ledoitWolf(X, T, N).matrix;
  const L = cholesky(covariance, N);
  const inverseOnes = choleskySolve(L, N, new Float64Array(N).fill(1));
  const scale = inverseOnes.reduce((sum, value) => sum + value, 0);
  const center = dot(inverseOnes, 0, means, 0, N) / scale;
  const gap = means.map((value) => value - center);
  const distance = T * dot(gap, 0, choleskySolve(L, N, gap), 0, N);
  const shrinkage = (N + 2) / (N + 2 + distance);
  return { mu: gap.map((value) => center + (1 - shrinkage) * value), shrinkage };
}
