/** Least-squares systems A x = b with A [n, n] symmetric positive semidefinite, as normal equations give them. */
import { AppError } from '#base/errors';
import { symmetricEigen } from '../array/eigen';
import { cholesky, choleskyInverse, choleskySolve, dot, multiplyVector } from '../array/linalg';

/** Share of the largest eigenvalue (after scaling to unit diagonal) below which a direction counts as undetermined. */
const RANK_TOLERANCE = 1e-11;

/**
 * The solution; where A is singular, the one of least norm in the units of the scaled columns (columns of unit variance).
 * Columns that are zero get 0.
 */
export function leastNormSolve(A: Float64Array, n: number, b: Float64Array): Float64Array {
  const scale = inverseRoots(A, n);
  const scaled = scaleSymmetric(A, n, scale);
  const right = b.map((value, i) => value * scale[i]);
  const x = solveDefinite(scaled, n, right) ?? solveSemidefinite(scaled, n, right);
  return x.map((value, i) => value * scale[i]);
}

/** A⁻¹, scaled to unit diagonal while computing. Errors: SINGULAR. */
export function definiteInverse(A: Float64Array, n: number): Float64Array {
  const scale = inverseRoots(A, n);
  const inverse = choleskyInverse(cholesky(scaleSymmetric(A, n, scale), n), n);
  return scaleSymmetric(inverse, n, scale);
}

/** The solution of a definite system with one step of refinement, or undefined where A is not safely definite. */
function solveDefinite(A: Float64Array, n: number, b: Float64Array): Float64Array | undefined {
  let L: Float64Array;
  try {
    L = cholesky(A, n);
  } catch (error) {
    if (error instanceof AppError && error.code === 'SINGULAR') return undefined;
    throw error;
  }
  for (let i = 0; i < n; i++) if (L[i * n + i] ** 2 < n * RANK_TOLERANCE) return undefined;
  const x = choleskySolve(L, n, b);
  const product = multiplyVector(A, x, n, n);
  const correction = choleskySolve(
    L,
    n,
    b.map((value, i) => value - product[i]),
  );
  return x.map((value, i) => value + correction[i]);
}

function solveSemidefinite(A: Float64Array, n: number, b: Float64Array): Float64Array {
  const { values, vectors } = symmetricEigen(A, n);
  const least = RANK_TOLERANCE * Math.max(...values);
  const x = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    if (!(values[k] > least)) continue;
    const coordinate = dot(vectors, k * n, b, 0, n) / values[k];
    for (let i = 0; i < n; i++) x[i] += coordinate * vectors[k * n + i];
  }
  return x;
}

function inverseRoots(A: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (A[i * n + i] > 0 ? 1 / Math.sqrt(A[i * n + i]) : 0));
}

function scaleSymmetric(A: Float64Array, n: number, scale: Float64Array): Float64Array {
  return A.map((value, at) => value * scale[Math.floor(at / n)] * scale[at % n]);
}
