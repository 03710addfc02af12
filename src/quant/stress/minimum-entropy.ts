/**
 * Scenario probabilities nearest to given ones that satisfy linear conditions: minimum relative entropy by Newton's method on the
 * dual (Meucci 2008, appendix A.1). Every view costs one unknown, whatever the number of scenarios.
 */
import { AppError } from '#base/errors';
import { cholesky, choleskySolve, dot } from '../array/linalg';
import type { Condition } from './views';

const MOST_STEPS = 500;
/** Largest violation, in standard deviations of the condition, that counts as satisfied. */
const TOLERANCE = 1e-12;
/** Violation with which a stalled search is still accepted. */
const ACCEPTED = 1e-9;

export interface MinimumEntropy {
  readonly probabilities: Float64Array;
  /** Σ p ln(p / prior) ≥ 0. */
  readonly relativeEntropy: number;
  readonly steps: number;
}

interface DualPoint {
  readonly value: number;
  readonly probabilities: Float64Array;
  /** E_p[a_j], the violation of condition j in its own standard deviations. */
  readonly gradient: Float64Array;
}

/**
 * prior [T] > 0 with sum 1. Errors: INFEASIBLE where no probabilities on these scenarios satisfy the conditions, with the reachable
 * range or the certificate (dual value above the largest possible entropy); NOT_CONVERGED.
 */
export function minimumEntropy(prior: Float64Array, conditions: readonly Condition[]): MinimumEntropy {
  if (conditions.length === 0) return { probabilities: prior.slice(), relativeEntropy: 0, steps: 0 };
  const rows = conditions.map((condition) => standardized(condition, prior));
  const m = rows.length;
  const signed = conditions.map(({ kind }) => kind === 'at-most');
  const worstEntropy = -Math.log(prior.reduce((least, value) => Math.min(least, value), 1));
  let lambda = new Float64Array(m);
  let here = dualAt(prior, rows, lambda);
  for (let step = 0; step < MOST_STEPS; step++) {
    const free = rows.flatMap((_, j) => (!signed[j] || lambda[j] < 0 || here.gradient[j] > 0 ? [j] : []));
    const violation = Math.max(0, ...free.map((j) => Math.abs(here.gradient[j])));
    if (violation <= TOLERANCE) return found(prior, here, step);
    if (-here.value > worstEntropy + 1e-9) throw infeasible(conditions, worstEntropy, -here.value);
    const direction = newtonDirection(rows, here, free);
    const next = lineSearch(prior, rows, signed, lambda, here, direction);
    if (next === undefined) {
      if (violation <= ACCEPTED) return found(prior, here, step);
      break;
    }
    lambda = next.lambda;
    here = next.at;
  }
  throw new AppError(
    'NOT_CONVERGED',
    `Expected probabilities that satisfy ${m} conditions within ${MOST_STEPS} Newton steps, found a violation of ` +
      `${Math.max(...here.gradient.map(Math.abs))} standard deviations. The views are at the edge of what the scenarios allow; soften them.`,
  );
}

function found(prior: Float64Array, { probabilities }: DualPoint, steps: number): MinimumEntropy {
  let relativeEntropy = 0;
  for (let t = 0; t < prior.length; t++) {
    if (probabilities[t] > 0) relativeEntropy += probabilities[t] * Math.log(probabilities[t] / prior[t]);
  }
  return { probabilities, relativeEntropy: Math.max(0, relativeEntropy), steps };
}

/** (values − bound) / standard deviation: zero mean is the condition, and all are of one size. Errors: INFEASIBLE. */
function standardized({ values, bound, kind, view }: Condition, prior: Float64Array): Float64Array {
  let least = Infinity;
  let most = -Infinity;
  let mean = 0;
  values.forEach((value, t) => {
    least = Math.min(least, value);
    most = Math.max(most, value);
    mean += prior[t] * value;
  });
  const reachable = kind === 'at-most' ? least < bound : least < bound && bound < most;
  const trivial = least === most && least === bound;
  if (!reachable && !trivial) {
    throw new AppError(
      'INFEASIBLE',
      `Expected a ${view.kind} view that the scenarios can reach, found ${bound}; they allow ${least} to ${most}. ` +
        'Soften the view or use scenarios that contain it.',
      { data: { view, least, most, asked: bound } },
    );
  }
  let square = 0;
  values.forEach((value, t) => {
    square += prior[t] * (value - mean) ** 2;
  });
  const scale = Math.sqrt(square) || 1;
  return values.map((value) => (value - bound) / scale);
}

/** ln Σ q exp(λᵀa), its gradient and the probabilities that belong to it. */
function dualAt(prior: Float64Array, rows: readonly Float64Array[], lambda: Float64Array): DualPoint {
  const T = prior.length;
  const exponents = new Float64Array(T);
  rows.forEach((row, j) => {
    if (lambda[j] === 0) return;
    for (let t = 0; t < T; t++) exponents[t] += lambda[j] * row[t];
  });
  const top = exponents.reduce((most, value) => Math.max(most, value), -Infinity);
  const weights = exponents.map((value, t) => prior[t] * Math.exp(value - top));
  const total = weights.reduce((sum, value) => sum + value, 0);
  const probabilities = weights.map((value) => value / total);
  return {
    value: top + Math.log(total),
    probabilities,
    gradient: Float64Array.from(rows, (row) => dot(row, 0, probabilities, 0, T)),
  };
}

/** −H⁻¹ g on the free conditions; a ridge far below the tolerance lets views that repeat each other pass. */
function newtonDirection(rows: readonly Float64Array[], here: DualPoint, free: readonly number[]): Float64Array {
  const m = free.length;
  const H = new Float64Array(m * m);
  const { probabilities, gradient } = here;
  const weighted = new Float64Array(probabilities.length);
  free.forEach((j, a) => {
    for (let t = 0; t < weighted.length; t++) weighted[t] = probabilities[t] * (rows[j][t] - gradient[j]);
    for (let b = 0; b <= a; b++) {
      const value = dot(weighted, 0, rows[free[b]], 0, weighted.length);
      H[a * m + b] = value;
      H[b * m + a] = value;
    }
  });
  const trace = free.reduce((sum, _, a) => sum + H[a * m + a], 0);
  for (let a = 0; a < m; a++) H[a * m + a] += 1e-10 * (trace / m) + 1e-300;
  const solved = choleskySolve(
    cholesky(H, m),
    m,
    Float64Array.from(free, (j) => -gradient[j]),
  );
  const direction = new Float64Array(rows.length);
  free.forEach((j, a) => {
    direction[j] = solved[a];
  });
  return direction;
}

/** Halves the step until the dual falls enough; multipliers of inequalities stay at or below 0. */
function lineSearch(
  prior: Float64Array,
  rows: readonly Float64Array[],
  signed: readonly boolean[],
  lambda: Float64Array,
  here: DualPoint,
  direction: Float64Array,
): { lambda: Float64Array<ArrayBuffer>; at: DualPoint } | undefined {
  for (let size = 1; size > 1e-12; size /= 2) {
    const next = Float64Array.from(lambda, (value, j) => {
      const moved = value + size * direction[j];
      return signed[j] ? Math.min(0, moved) : moved;
    });
    const expected = next.reduce((sum, value, j) => sum + (value - lambda[j]) * here.gradient[j], 0);
    const at = dualAt(prior, rows, next);
    // Near the solution the fall of the dual is below rounding; there a smaller gradient decides.
    const falls = at.value <= here.value + 1e-4 * expected;
    const settles =
      Math.abs(expected) < 1e-12 * (1 + Math.abs(here.value)) && largest(at.gradient) < largest(here.gradient);
    if ((falls && expected < 0 && at.value < here.value) || settles) return { lambda: next, at };
  }
  return undefined;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function infeasible(conditions: readonly Condition[], worst: number, dual: number): AppError {
  const kinds = [...new Set(conditions.map(({ view }) => view.kind))].join(', ');
  return new AppError(
    'INFEASIBLE',
    `Expected views (${kinds}) that can hold together on these scenarios, found a conflict: they would need a relative entropy of ` +
      `${dual.toFixed(3)}, more than the largest possible ${worst.toFixed(3)}. Soften or drop a view.`,
    { data: { neededEntropy: dual, largestEntropy: worst } },
  );
}
