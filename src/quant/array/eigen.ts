/**
 * Eigenvalues and eigenvectors of real symmetric matrices: Householder tridiagonalization, then implicit QL
 * (Wilkinson, Reinsch 1971; EISPACK tred2 and tql2), with rows instead of columns as the fast direction.
 */
import { AppError } from '#base/errors';
import { dot } from './linalg';

export interface SymmetricEigen {
  /** Ascending, length n. */
  readonly values: Float64Array;
  /** [n, n]: row k is the unit eigenvector of `values[k]`. */
  readonly vectors: Float64Array;
}

/** A [n, n] symmetric (the lower triangle is read) → its spectrum. Errors: NOT_CONVERGED (only for non-finite input). */
export function symmetricEigen(A: Float64Array, n: number): SymmetricEigen {
  const V = A.slice(0, n * n);
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  if (n === 0) return { values: d, vectors: V };
  tridiagonalize(V, d, e, n);
  implicitQl(V, d, e, n);
  return sortAscending(V, d, n);
}

/** Eigenvalues alone, ascending: the same algorithm without its rotations, several times cheaper. */
export function symmetricEigenvalues(A: Float64Array, n: number): Float64Array {
  const d = new Float64Array(n);
  if (n === 0) return d;
  const V = A.slice(0, n * n);
  const e = new Float64Array(n);
  reduce(V, d, e, n);
  for (let i = 0; i < n; i++) d[i] = V[i * n + i];
  implicitQl(undefined, d, e, n);
  return d.sort();
}

/** Overwrites V with the transposed transformation; d gets the diagonal, e the subdiagonal in e[1 …]. */
function tridiagonalize(V: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  reduce(V, d, e, n);
  accumulate(V, d, n);
}

/** Householder reflections: their vectors stay in the rows of V, their norms in d, the subdiagonal in e[1 …]. */
function reduce(V: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  // The lower triangle of A in rows is what EISPACK keeps in columns of the upper one.
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(V[row + k]);
    if (i === 1 || scale === 0) {
      e[i] = V[row + i - 1];
      d[i] = 0;
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k++) {
      V[row + k] /= scale;
      h += V[row + k] * V[row + k];
    }
    const f = V[row + i - 1];
    const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    V[row + i - 1] = f - g;
    reflect(V, e, n, i, h);
    d[i] = h;
  }
  d[0] = 0;
  e[0] = 0;
}

/** A ← A − u qᵀ − q uᵀ on the leading i × i block, u in row i of V, h = uᵀu / 2. */
function reflect(V: Float64Array, e: Float64Array, n: number, i: number, h: number): void {
  const row = i * n;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const u = V[row + j];
    const base = j * n;
    e[j] += dot(V, base, V, row, j) + V[base + j] * u;
    for (let k = 0; k < j; k++) e[k] += V[base + k] * u;
  }
  let product = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    product += e[j] * V[row + j];
  }
  const half = product / (h + h);
  for (let j = 0; j < i; j++) e[j] -= half * V[row + j];
  for (let j = 0; j < i; j++) {
    const u = V[row + j];
    const q = e[j];
    const base = j * n;
    for (let k = 0; k <= j; k++) V[base + k] -= u * e[k] + q * V[row + k];
  }
}

/** Forms the product of the reflections; afterwards row k of V is the k-th basis vector (Q transposed). */
function accumulate(V: Float64Array, d: Float64Array, n: number): void {
  const diagonal = new Float64Array(n);
  const reflector = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    diagonal[i] = V[row + i];
    if (d[i] !== 0) {
      const h = d[i];
      for (let k = 0; k < i; k++) reflector[k] = V[row + k];
      // Rows 0 … i−1 hold Qᵀ so far: Qᵀ ← Qᵀ (I − u uᵀ / h) read in rows.
      weights.fill(0, 0, i);
      for (let j = 0; j < i; j++) weights[j] = dot(V, j * n, reflector, 0, i) / h;
      for (let j = 0; j < i; j++) {
        const weight = weights[j];
        const base = j * n;
        for (let k = 0; k < i; k++) V[base + k] -= weight * reflector[k];
      }
    }
    for (let k = 0; k < i; k++) {
      V[row + k] = 0;
      V[k * n + i] = 0;
    }
    V[row + i] = 1;
  }
  d.set(diagonal);
}

/** QL with implicit shifts on (d, e); rotations are applied to the rows of V where there is one. */
function implicitQl(V: Float64Array | undefined, d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  let shift = 0;
  let size = 0;
  for (let l = 0; l < n; l++) {
    size = Math.max(size, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * size) m++;
    let iterations = 0;
    while (m > l && Math.abs(e[l]) > Number.EPSILON * size) {
      if (++iterations > 60 || !Number.isFinite(size)) {
        throw new AppError(
          'NOT_CONVERGED',
          `Expected eigenvalue ${l + 1} of ${n} within 60 iterations, found none. Check the matrix for non-finite values.`,
        );
      }
      shift += qlStep(V, d, e, n, l, m);
    }
    d[l] += shift;
    e[l] = 0;
  }
}

/** One implicit QL sweep over rows l … m; returns the shift that was taken off the diagonal. */
function qlStep(
  V: Float64Array | undefined,
  d: Float64Array,
  e: Float64Array,
  n: number,
  l: number,
  m: number,
): number {
  const first = d[l];
  let p = (d[l + 1] - first) / (2 * e[l]);
  let r = Math.hypot(p, 1);
  if (p < 0) r = -r;
  d[l] = e[l] / (p + r);
  d[l + 1] = e[l] * (p + r);
  const next = d[l + 1];
  const shift = first - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= shift;
  p = d[m];
  let c = 1;
  let c2 = 1;
  let c3 = 1;
  const following = e[l + 1];
  let s = 0;
  let s2 = 0;
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i];
    const h = c * p;
    r = Math.sqrt(p * p + e[i] * e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    if (V !== undefined) rotateRows(V, n, i, c, s);
  }
  p = (-s * s2 * c3 * following * e[l]) / next;
  e[l] = s * p;
  d[l] = c * p;
  return shift;
}

function rotateRows(V: Float64Array, n: number, i: number, c: number, s: number): void {
  const low = i * n;
  const high = low + n;
  for (let k = 0; k < n; k++) {
    const above = V[high + k];
    const here = V[low + k];
    V[high + k] = s * here + c * above;
    V[low + k] = c * here - s * above;
  }
}

function sortAscending(V: Float64Array, d: Float64Array, n: number): SymmetricEigen {
  const order = Array.from(d.keys()).sort((a, b) => d[a] - d[b]);
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    values[to] = d[from];
    vectors.set(V.subarray(from * n, from * n + n), to * n);
  });
  return { values, vectors };
}
