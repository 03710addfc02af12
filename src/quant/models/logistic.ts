/** Logistic regression with an L2 penalty, by Newton's method: min ½‖w‖² + C Σ log(1 + exp(−s_i (w·x_i + b))), b unpenalized. */
import { AppError } from '#base/errors';
import { leastNormSolve } from '../learning/linear-system';

export interface FittedLogistic {
  readonly intercept: number;
  readonly coefficients: Float64Array;
}

const MAX_STEPS = 200;
/** Relative decrease at which one more full step, being quadratic, reaches rounding. */
const QUADRATIC = 1e-12;

/** X [rows, K] row-major, y of 0 and 1. Errors: NOT_CONVERGED. */
export function fitLogistic(X: Float64Array, y: Uint8Array, features: number, C: number): FittedLogistic {
  const n = features + 1;
  let w = new Float64Array(n);
  let value = objective(X, y, features, C, w);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { gradient, hessian } = derivatives(X, y, features, C, w);
    const direction = leastNormSolve(hessian, n, gradient);
    const decrement = direction.reduce((sum, d, j) => sum + d * gradient[j], 0);
    if (decrement <= QUADRATIC * (1 + Math.abs(value))) {
      const last = w.map((x, j) => x - direction[j]);
      return { intercept: last[features], coefficients: last.slice(0, features) };
    }
    let size = 1;
    let next = w;
    let nextValue = value;
    do {
      next = w.map((x, j) => x - size * direction[j]);
      nextValue = objective(X, y, features, C, next);
      size /= 2;
    } while (nextValue > value && size > 1e-10);
    w = next;
    value = nextValue;
  }
  throw new AppError(
    'NOT_CONVERGED',
    `Expected Newton's method to settle in ${MAX_STEPS} steps, found it still moving. Lower C.`,
  );
}

/** P(y = 1) per row. */
export function logisticProbabilities({ intercept, coefficients }: FittedLogistic, X: Float64Array): Float64Array {
  const K = coefficients.length;
  const result = new Float64Array(X.length / K);
  for (let i = 0; i < result.length; i++) {
    let score = intercept;
    for (let k = 0; k < K; k++) score += coefficients[k] * X[i * K + k];
    result[i] = 1 / (1 + Math.exp(-score));
  }
  return result;
}

function objective(X: Float64Array, y: Uint8Array, K: number, C: number, w: Float64Array): number {
  let loss = 0;
  for (let i = 0; i < y.length; i++) {
    let score = w[K];
    for (let k = 0; k < K; k++) score += w[k] * X[i * K + k];
    const margin = y[i] === 1 ? score : -score;
    loss += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  }
  let penalty = 0;
  for (let k = 0; k < K; k++) penalty += w[k] * w[k];
  return 0.5 * penalty + C * loss;
}

function derivatives(
  X: Float64Array,
  y: Uint8Array,
  K: number,
  C: number,
  w: Float64Array,
): { gradient: Float64Array; hessian: Float64Array } {
  const n = K + 1;
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n * n);
  const row = new Float64Array(n).fill(1);
  for (let i = 0; i < y.length; i++) {
    row.set(X.subarray(i * K, i * K + K));
    let score = 0;
    for (let j = 0; j < n; j++) score += w[j] * row[j];
    const p = 1 / (1 + Math.exp(-score));
    const curvature = C * p * (1 - p);
    for (let j = 0; j < n; j++) {
      gradient[j] += C * (p - y[i]) * row[j];
      for (let k = 0; k < n; k++) hessian[j * n + k] += curvature * row[j] * row[k];
    }
  }
  for (let k = 0; k < K; k++) {
    gradient[k] += w[k];
    hessian[k * n + k] += 1;
  }
  return { gradient, hessian };
}
