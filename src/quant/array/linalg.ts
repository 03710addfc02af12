/**
 * Dense linear algebra on row-major Float64Array: products, Cholesky, LU.
 * Shapes are explicit arguments; nothing here allocates more than its result. Errors: SINGULAR naming the pivot.
 */
import { AppError } from '#base/errors';

/** Σ x_i y_i over `n` entries from the given offsets; four accumulators, so the order of summation is fixed. */
export function dot(x: Float64Array, xOffset: number, y: Float64Array, yOffset: number, n: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    a += x[xOffset + i] * y[yOffset + i];
    b += x[xOffset + i + 1] * y[yOffset + i + 1];
    c += x[xOffset + i + 2] * y[yOffset + i + 2];
    d += x[xOffset + i + 3] * y[yOffset + i + 3];
  }
  for (; i < n; i++) a += x[xOffset + i] * y[yOffset + i];
  return a + b + (c + d);
}

/** A x, A [rows, columns] → length rows. */
export function multiplyVector(A: Float64Array, x: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows);
  for (let i = 0; i < rows; i++) result[i] = dot(A, i * columns, x, 0, columns);
  return result;
}

/** Aᵀ x, A [rows, columns] → length columns. */
export function multiplyTransposeVector(A: Float64Array, x: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const scale = x[i];
    if (scale === 0) continue;
    for (let j = 0, k = i * columns; j < columns; j++, k++) result[j] += scale * A[k];
  }
  return result;
}

/** A B, A [m, k], B [k, n] → [m, n]. */
export function multiply(A: Float64Array, B: Float64Array, m: number, k: number, n: number): Float64Array {
  const result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const row = i * n;
    for (let p = 0; p < k; p++) {
      const scale = A[i * k + p];
      if (scale === 0) continue;
      for (let j = 0, q = p * n; j < n; j++, q++) result[row + j] += scale * B[q];
    }
  }
  return result;
}

/** Aᵀ for A [rows, columns] → [columns, rows]; in blocks, so that both sides stay in cache. */
export function transpose(A: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  const block = 32;
  for (let i0 = 0; i0 < rows; i0 += block) {
    const i1 = Math.min(rows, i0 + block);
    for (let j0 = 0; j0 < columns; j0 += block) {
      const j1 = Math.min(columns, j0 + block);
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) result[j * rows + i] = A[i * columns + j];
    }
  }
  return result;
}

/** xᵀ A x for symmetric A [n, n]. */
export function quadraticForm(A: Float64Array, x: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) if (x[i] !== 0) sum += x[i] * dot(A, i * n, x, 0, n);
  return sum;
}

/**
 * Lower Cholesky factor L with L Lᵀ = A; entries above the diagonal are 0.
 * @throws SINGULAR where a pivot is not above n · 2⁻⁵² of its diagonal entry.
 */
export function cholesky(A: Float64Array, n: number): Float64Array {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) L[row + j] = (A[row + j] - dot(L, row, L, j * n, j)) / L[j * n + j];
    const pivot = A[row + i] - dot(L, row, L, row, i);
    if (!(pivot > n * Number.EPSILON * Math.abs(A[row + i]))) {
      throw new AppError(
        'SINGULAR',
        `Expected a positive definite ${n} × ${n} matrix, found pivot ${pivot} at row ${i + 1}. ` +
          'Remove duplicated or constant series, use more observations, or choose a shrinkage estimator.',
        { data: { row: i, pivot } },
      );
    }
    L[row + i] = Math.sqrt(pivot);
  }
  return L;
}

/** Solves L Lᵀ x = b for the factor of {@link cholesky}. */
export function choleskySolve(L: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice(0, n);
  for (let i = 0; i < n; i++) x[i] = (x[i] - dot(L, i * n, x, 0, i)) / L[i * n + i];
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i] / L[i * n + i];
    x[i] = value;
    for (let j = 0, k = i * n; j < i; j++, k++) x[j] -= value * L[k];
  }
  return x;
}

/** A⁻¹ from its Cholesky factor. */
export function choleskyInverse(L: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit.fill(0);
    unit[j] = 1;
    inverse.set(choleskySolve(L, n, unit), j * n);
  }
  return inverse;
}

/**
 * Solves A x = b by LU with partial pivoting; A [n, n] is not changed.
 * @throws SINGULAR where the largest pivot of a column is not above n · 2⁻⁵² of the largest entry of A.
 */
export function solve(A: Float64Array, n: number, b: Float64Array): Float64Array {
  const work = A.slice(0, n * n);
  const x = b.slice(0, n);
  let scale = 0;
  for (let i = 0; i < n * n; i++) scale = Math.max(scale, Math.abs(work[i]));
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(work[i * n + k]) > Math.abs(work[best * n + k])) best = i;
    if (!(Math.abs(work[best * n + k]) > n * Number.EPSILON * scale)) {
      throw new AppError(
        'SINGULAR',
        `Expected an invertible ${n} × ${n} matrix, found no usable pivot in column ${k + 1}. ` +
          'Remove columns that are combinations of others.',
        { data: { column: k } },
      );
    }
    if (best !== k) swapRows(work, n, x, best, k);
    const pivot = work[k * n + k];
    for (let i = k + 1; i < n; i++) {
      const factor = work[i * n + k] / pivot;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) work[i * n + j] -= factor * work[k * n + j];
      x[i] -= factor * x[k];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let value = x[i];
    for (let j = i + 1; j < n; j++) value -= work[i * n + j] * x[j];
    x[i] = value / work[i * n + i];
  }
  return x;
}

function swapRows(A: Float64Array, n: number, b: Float64Array, i: number, k: number): void {
  for (let j = 0; j < n; j++) {
    const held = A[i * n + j];
    A[i * n + j] = A[k * n + j];
    A[k * n + j] = held;
  }
  const held = b[i];
  b[i] = b[k];
  b[k] = held;
}
