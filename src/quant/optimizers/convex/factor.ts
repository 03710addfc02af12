/** Cholesky factor for the interior-point method, where pivots lost to rounding are expected and skipped, not an error. */
import { dot } from '#quant/array/linalg';

/** A pivot below this share of its diagonal entry is rounding. */
const LOST = 1e-17;
/** Stands in for a lost pivot: its variable does not move in this step (Wright 1999, Modified Cholesky factorizations). */
const SKIPPED = 1e64;

/** Lower triangle of A [n, n] → L with L Lᵀ = A up to skipped pivots; in place of A. */
export function forgivingCholesky(A: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const diagonal = A[row + i];
    for (let j = 0; j < i; j++) A[row + j] = (A[row + j] - dot(A, row, A, j * n, j)) / A[j * n + j];
    const pivot = diagonal - dot(A, row, A, row, i);
    A[row + i] = pivot > LOST * diagonal ? Math.sqrt(pivot) : SKIPPED;
  }
  return A;
}
