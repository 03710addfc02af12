/**
 * Risk budgeting: weights whose shares of the portfolio variance equal given budgets. The unique solution minimizes
 * ½ xᵀSx − Σ b_i ln x_i (Spinu 2013, An algorithm for computing risk parity weights), found by Newton's method.
 */
import { AppError } from '#base/errors';
import { cholesky, choleskySolve, dot, multiplyVector } from '#quant/array/linalg';

const TOLERANCE = 1e-13;

/** S [N, N] positive definite; budgets > 0 (any sum) → weights > 0 with sum 1. Errors: SINGULAR, NOT_CONVERGED, BAD_REQUEST. */
export function riskBudgetWeights(S: Float64Array, N: number, budgets: Float64Array): Float64Array {
  if (budgets.length !== N || !budgets.every((budget) => budget > 0)) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected ${N} positive risk budgets. Leave assets without risk out of the problem.`,
    );
  }
  const total = budgets.reduce((sum, budget) => sum + budget, 0);
  const b = budgets.map((budget) => budget / total);
  let x: Float64Array = b.map((budget, i) => Math.sqrt(budget / S[i * N + i]));
  let gradient = barrierGradient(S, N, b, x);
  for (let iteration = 0; iteration < 200; iteration++) {
    const H = S.slice();
    for (let i = 0; i < N; i++) H[i * N + i] += b[i] / (x[i] * x[i]);
    const step = choleskySolve(cholesky(H, N), N, gradient);
    const decrement = dot(step, 0, gradient, 0, N);
    x = lineSearch(S, N, b, x, step, decrement);
    gradient = barrierGradient(S, N, b, x);
    if (largestError(gradient, b, x) <= TOLERANCE || decrement <= 1e-30) return normalized(x);
  }
  if (largestError(gradient, b, x) <= 1e-9) return normalized(x);
  throw new AppError(
    'NOT_CONVERGED',
    'Expected equal risk shares within 200 Newton steps, found none. Check the risk matrix.',
  );
}

/** Sx − b/x. */
function barrierGradient(S: Float64Array, N: number, b: Float64Array, x: Float64Array): Float64Array {
  return multiplyVector(S, x, N, N).map((value, i) => value - b[i] / x[i]);
}

/** Largest |x_i (Sx)_i − b_i| relative to its budget. */
function largestError(gradient: Float64Array, b: Float64Array, x: Float64Array): number {
  return gradient.reduce((worst, value, i) => Math.max(worst, Math.abs(value * x[i]) / b[i]), 0);
}

/** Halves the Newton step until x stays positive and the objective falls enough. */
function lineSearch(
  S: Float64Array,
  N: number,
  b: Float64Array,
  x: Float64Array,
  step: Float64Array,
  decrement: number,
): Float64Array {
  const start = objective(S, N, b, x);
  for (let length = 1; length > 1e-10; length /= 2) {
    const next = x.map((value, i) => value - length * step[i]);
    if (!next.every((value) => value > 0)) continue;
    if (decrement < 1e-12 || objective(S, N, b, next) <= start - 1e-4 * length * decrement) return next;
  }
  return x;
}

function objective(S: Float64Array, N: number, b: Float64Array, x: Float64Array): number {
  const logs = x.reduce((sum, value, i) => sum + b[i] * Math.log(value), 0);
  return 0.5 * dot(x, 0, multiplyVector(S, x, N, N), 0, N) - logs;
}

function normalized(x: Float64Array): Float64Array {
  const total = x.reduce((sum, value) => sum + value, 0);
  return x.map((value) => value / total);
}
