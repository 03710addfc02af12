/** A statistical factor model: the leading principal components of the correlation matrix, and what is left of each asset alone. */
import { AppError } from '#base/errors';
import { symmetricEigen } from '../array/eigen';
import { gram } from '../kernels/gram';
import { correlationOf, sampleCovariance } from './moments';

export interface FactorCovariance {
  readonly matrix: Float64Array;
  readonly components: number;
  /** Share of the total standardized variance that the components explain. */
  readonly explained: number;
}

/**
 * D (Σ_k λ_k v_k v_kᵀ + diag(1 − Σ_k λ_k v_ik²)) D over the K largest eigenvalues (Connor, Korajczyk 1988). X [T, N].
 * @param components K; absent = as many as lie above the noise edge (1 + √(N/T))², at least one.
 * Errors: BAD_REQUEST for more components than assets, INVALID_DATA for a constant column.
 */
export function factorCovariance(X: Float64Array, T: number, N: number, components?: number): FactorCovariance {
  if (components !== undefined && components > N) {
    throw new AppError('BAD_REQUEST', `Expected at most ${N} components, one per asset, found ${components}.`);
  }
  const covariance = sampleCovariance(X, T, N);
  const { values, vectors } = symmetricEigen(correlationOf(covariance, N), N);
  const edge = (1 + Math.sqrt(N / T)) ** 2;
  const K = components ?? Math.max(1, values.filter((value) => value > edge).length);
  const weights = values.slice(N - K).map((value) => Math.max(value, 0));
  const common = gram(vectors.subarray((N - K) * N), K, N, { weights });
  for (let i = 0; i < N; i++) common[i * N + i] = 1;
  const matrix = common.map((value, k) => {
    const i = Math.floor(k / N);
    const j = k % N;
    return value * Math.sqrt(covariance[i * N + i] * covariance[j * N + j]);
  });
  return { matrix, components: K, explained: weights.reduce((sum, value) => sum + value, 0) / N };
}
