/**
 * Analytical nonlinear shrinkage (Ledoit, Wolf 2020, Analytical nonlinear shrinkage of large-dimensional covariance matrices,
 * Annals of Statistics 48): every sample eigenvalue is moved by itself, with a kernel estimate of the spectrum and its Hilbert
 * transform. The names are those of the paper's listing: n observations after demeaning, p assets.
 */
import { symmetricEigen } from '../array/eigen';
import { gram } from '../kernels/gram';
import { requireRows, sampleCovariance } from './moments';

/** Below this the paper's bandwidth n^(−1/3) is too wide for its kernel: √5 h must stay under 1. */
const FEWEST = 13;
/** Eigenvalues under this share of the largest count as this share. */
const LEAST_SHARE = 1e-15;
/** Beyond it the Hilbert transform of the kernel is its tail: the closed form would cancel. */
const FAR = 1e3;
const SQRT5 = Math.sqrt(5);

/** X [T, N] → [N, N]. Errors: NOT_ENOUGH_DATA below 13 rows, INVALID_DATA. */
export function nonlinearShrinkage(X: Float64Array, T: number, N: number): Float64Array {
  requireRows(T, FEWEST);
  const { values, vectors } = symmetricEigen(sampleCovariance(X, T, N), N);
  return gram(vectors, N, N, { weights: shrunkEigenvalues(values, T - 1) });
}

/** Ascending sample eigenvalues [p], n degrees of freedom → the paper's d̃. */
function shrunkEigenvalues(values: Float64Array, n: number): Float64Array {
  const p = values.length;
  const least = LEAST_SHARE * values[p - 1];
  const lambda = values.slice(Math.max(0, p - n)).map((value) => Math.max(value, least));
  const m = lambda.length;
  const h = n ** (-1 / 3);
  const c = p / n;
  const shrunk = new Float64Array(p);
  for (let i = 0; i < m; i++) {
    let f = 0;
    let Hf = 0;
    for (let j = 0; j < m; j++) {
      const width = h * lambda[j];
      const x = (lambda[i] - lambda[j]) / width;
      f += Math.max(1 - (x * x) / 5, 0) / width;
      Hf += kernelHilbert(x) / width;
    }
    f *= 3 / (4 * SQRT5 * m);
    Hf /= m;
    const denominator =
      p <= n
        ? (Math.PI * c * lambda[i] * f) ** 2 + (1 - c - Math.PI * c * lambda[i] * Hf) ** 2
        : (Math.PI * lambda[i]) ** 2 * (f * f + Hf * Hf);
    shrunk[p - m + i] = lambda[i] / denominator;
  }
  if (p > n) shrunk.fill(nullEigenvalue(lambda, h, p, n), 0, p - n);
  return shrunk;
}

/** Hilbert transform of the Epanechnikov kernel at x. */
function kernelHilbert(x: number): number {
  if (Math.abs(x) > FAR) return -(1 / x + 1 / x ** 3) / Math.PI;
  const linear = (-3 * x) / (10 * Math.PI);
  if (Math.abs(x) === SQRT5) return linear;
  return linear + (3 / (4 * SQRT5 * Math.PI)) * (1 - (x * x) / 5) * Math.log(Math.abs((SQRT5 - x) / (SQRT5 + x)));
}

/** What the p − n null eigenvalues become. */
function nullEigenvalue(lambda: Float64Array, h: number, p: number, n: number): number {
  const meanInverse = lambda.reduce((sum, value) => sum + 1 / value, 0) / lambda.length;
  const Hf0 =
    (1 / Math.PI) *
    (3 / (10 * h * h) + (3 / (4 * SQRT5 * h)) * (1 - 1 / (5 * h * h)) * Math.log((1 + SQRT5 * h) / (1 - SQRT5 * h))) *
    meanInverse;
  return n / (Math.PI * (p - n) * Hf0);
}
