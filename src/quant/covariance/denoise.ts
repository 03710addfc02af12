/**
 * Marchenko–Pastur denoising (López de Prado 2020, Machine Learning for Asset Managers, §2.5): eigenvalues of the correlation
 * matrix that noise alone would explain are replaced by their average.
 */
import { symmetricEigen } from '../array/eigen';
import { gram } from '../kernels/gram';
import { correlationOf, sampleCovariance } from './moments';

export interface DenoisedCovariance {
  readonly matrix: Float64Array;
  /** Upper edge (1 + √(N/T))² of the noise spectrum with unit variance. */
  readonly edge: number;
  /** Eigenvalues above the edge. */
  readonly signals: number;
}

/**
 * X [T, N] → covariance with the sample standard deviations (divisor T − 1). Errors: INVALID_DATA for a constant column.
 * @param detoned Removes the largest component above the edge, the market (§2.6): the matrix becomes singular by construction.
 */
export function marchenkoPasturCovariance(X: Float64Array, T: number, N: number, detoned = false): DenoisedCovariance {
  const covariance = sampleCovariance(X, T, N);
  const { values, vectors } = symmetricEigen(correlationOf(covariance, N), N);
  const edge = (1 + Math.sqrt(N / T)) ** 2;
  let noise = 0;
  let noiseSum = 0;
  while (noise < N && values[noise] <= edge) noiseSum += values[noise++];
  const average = noise === 0 ? 0 : noiseSum / noise;
  const signals = N - noise;
  const weights = values.slice(noise).map((value) => value - average);
  const rebuilt = gram(vectors.subarray(noise * N), signals, N, { weights });
  for (let i = 0; i < N; i++) rebuilt[i * N + i] += average;
  if (detoned && signals > 0 && N > 1) removeComponent(rebuilt, values[N - 1], vectors.subarray((N - 1) * N));
  const matrix = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const scale = Math.sqrt(rebuilt[i * N + i] * rebuilt[j * N + j]);
      const deviation = Math.sqrt(covariance[i * N + i] * covariance[j * N + j]);
      matrix[i * N + j] = (rebuilt[i * N + j] / scale) * deviation;
    }
  }
  return { matrix, edge, signals };
}

/** A ← A − λ v vᵀ. */
function removeComponent(A: Float64Array, lambda: number, v: Float64Array): void {
  const N = v.length;
  for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) A[i * N + j] -= lambda * v[i] * v[j];
}
