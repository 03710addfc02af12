/** Principal components of returns from a covariance or correlation matrix, with one sign convention. */
import { symmetricEigen } from '../array/eigen';

export interface PrincipalComponents {
  /** Descending, length N. */
  readonly eigenvalues: Float64Array;
  /** [N, N]: row k belongs to eigenvalue k; unit length, its largest loading (in magnitude) positive. */
  readonly loadings: Float64Array;
}

export function principalComponents(matrix: Float64Array, n: number): PrincipalComponents {
  const { values, vectors } = symmetricEigen(matrix, n);
  const eigenvalues = values.slice().reverse();
  const loadings = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const vector = vectors.subarray((n - 1 - k) * n, (n - k) * n);
    let largest = 0;
    for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
    for (let j = 0; j < n; j++) loadings[k * n + j] = largest < 0 ? -vector[j] : vector[j];
  }
  return { eigenvalues, loadings };
}

/** (Σλ)² / Σλ²: how many equally strong components would be as concentrated. */
export function participationRatio(eigenvalues: Float64Array): number {
  const sum = eigenvalues.reduce((a, b) => a + b, 0);
  return (sum * sum) / eigenvalues.reduce((a, b) => a + b * b, 0);
}

/** Share of the variance in the largest fifth of the components (Kritzman, Li, Page, Rigobon 2011). */
export function absorptionRatio(eigenvalues: Float64Array, share: number): number {
  const count = Math.max(1, Math.floor(share * eigenvalues.length + 1e-9));
  const sum = eigenvalues.reduce((a, b) => a + b, 0);
  return eigenvalues.subarray(0, count).reduce((a, b) => a + b, 0) / sum;
}
