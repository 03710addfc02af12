/** The Karush–Kuhn–Tucker conditions of a quadratic program, checked from scratch: the proof that an answer is the optimum. */
import { dot } from '#quant/array/linalg';
import type { QuadraticProgram } from './program';

/** Distance from the reference weight within which turnover counts as being at its kink: a full step lands there only up to rounding. */
const AT_REFERENCE = 1e-12;

/**
 * Largest violation of stationarity (relative to {@link gradientScale}) or of a constraint (absolute).
 * @param multipliers One per row, then one for turnover; inequality multipliers are ≥ 0.
 */
export function optimalityResidual(
  { n, H, c, lower, upper, rows, turnover }: QuadraticProgram,
  x: Float64Array,
  multipliers: Float64Array,
): number {
  const turnoverMultiplier = multipliers[rows.length];
  const scale = gradientScale({ n, H, ...(c === undefined ? {} : { c }) }, x);
  let stationarity = 0;
  let violation = 0;
  for (let i = 0; i < n; i++) {
    const gradient = dot(H, i * n, x, 0, n) + (c === undefined ? 0 : c[i]);
    let reduced = gradient;
    for (let r = 0; r < rows.length; r++) reduced += multipliers[r] * rows[r].coefficients[i];
    const offset = turnover === undefined ? 0 : x[i] - turnover.reference[i];
    const up = reduced + turnoverMultiplier * (offset >= -AT_REFERENCE ? 0.5 : -0.5);
    const down = -reduced - turnoverMultiplier * (offset > AT_REFERENCE ? 0.5 : -0.5);
    if (x[i] < upper[i]) stationarity = Math.max(stationarity, -up);
    if (x[i] > lower[i]) stationarity = Math.max(stationarity, -down);
    violation = Math.max(violation, lower[i] - x[i], x[i] - upper[i]);
  }
  rows.forEach((row, r) => {
    const excess = dot(row.coefficients, 0, x, 0, n) - row.bound;
    violation = Math.max(violation, row.kind === 'equal' ? Math.abs(excess) : excess);
    if (row.kind === 'at-most') stationarity = Math.max(stationarity, -multipliers[r]);
  });
  if (turnover !== undefined) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(x[i] - turnover.reference[i]);
    violation = Math.max(violation, sum / 2 - turnover.limit);
    stationarity = Math.max(stationarity, -turnoverMultiplier);
  }
  return Math.max(stationarity / scale, violation);
}

/** Size of the terms that make up Hx + c: what rounding in the gradient is relative to, also where the gradient itself vanishes. */
export function gradientScale({ n, H, c }: Pick<QuadraticProgram, 'n' | 'H' | 'c'>, x: Float64Array): number {
  let diagonal = 0;
  let point = 0;
  let linear = 0;
  for (let i = 0; i < n; i++) {
    diagonal = Math.max(diagonal, H[i * n + i]);
    point = Math.max(point, Math.abs(x[i]));
    if (c !== undefined) linear = Math.max(linear, Math.abs(c[i]));
  }
  return Math.max(diagonal * point, linear, Number.MIN_VALUE);
}
