/**
 * Portfolios on the efficient frontier of a feasible set: least variance for a return, most return for a volatility, and the
 * tangency portfolio. S [n, n] covariance and mu [n] over the same period.
 */
import { AppError } from '#base/errors';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decreasingRoot } from '#quant/array/root';
import { extremePoint, feasiblePoint, type FeasibleSet } from '../feasible-set';
import { percent } from '../percent';
import { solveQuadratic } from './solve-quadratic';
import { setRows, solveOverSet } from './portfolio-program';
import type { LinearRow } from './program';

/** Curvature that makes the most-return program strictly convex, relative to the largest return. */
const CURVATURE = 1e-6;

/** A portfolio with the most wᵀmu; exact, or within 10⁻⁶ of it (relative to the largest entry of mu) under a turnover limit. */
export function mostReturn(set: FeasibleSet, mu: Float64Array): Float64Array {
  const { n, lower, turnover } = set;
  const c = mu.map((value) => -value);
  if (turnover === undefined) return lower.every(Number.isFinite) ? extremePoint(set, c) : feasiblePoint(set, c);
  const largest = mu.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const H = new Float64Array(n * n);
  for (let i = 0; i < n; i++) H[i * n + i] = CURVATURE * (largest === 0 ? 1 : largest);
  return solveOverSet(set, H, c, c).x;
}

/** min wᵀSw with wᵀmu = target, or ≥ target. Errors: INFEASIBLE naming the reachable range. */
export function leastVarianceForReturn(
  set: FeasibleSet,
  S: Float64Array,
  mu: Float64Array,
  target: number,
  kind: 'equal' | 'at-least',
): Float64Array {
  const { n, lower, upper, turnover } = set;
  const best = mostReturn(set, mu);
  const worst = mostReturn(
    set,
    mu.map((value) => -value),
  );
  const most = dot(mu, 0, best, 0, n);
  const least = dot(mu, 0, worst, 0, n);
  const rounding = 1e-12 * (Math.abs(most) + Math.abs(least));
  if (target > most + rounding || (kind === 'equal' && target < least - rounding)) {
    throw new AppError(
      'INFEASIBLE',
      `Target return and bounds conflict: portfolios within them return ${percent(least)} to ${percent(most)}, the target is ${percent(target)}.`,
      { data: { constraints: ['targetReturn', 'bounds'], relaxation: { targetReturn: target > most ? most : least } } },
    );
  }
  if (most - least <= rounding) return solveOverSet(set, S, undefined, mu).x;
  const share = Math.min(1, Math.max(0, (target - least) / (most - least)));
  const start = worst.map((value, i) => (1 - share) * value + share * best[i]);
  const row: LinearRow =
    kind === 'equal'
      ? { name: 'target return', kind: 'equal', coefficients: mu, bound: target }
      : { name: 'target return', kind: 'at-most', coefficients: mu.map((value) => -value), bound: -target };
  const rows = [...setRows(set), row];
  return solveQuadratic({ n, H: S, lower, upper, rows, ...(turnover === undefined ? {} : { turnover }) }, start).x;
}

/** max wᵀmu with √(wᵀSw) ≤ target. Errors: INFEASIBLE naming the least volatility. */
export function mostReturnForVolatility(
  set: FeasibleSet,
  S: Float64Array,
  mu: Float64Array,
  target: number,
): Float64Array {
  const { n } = set;
  const calmest = solveOverSet(set, S, undefined, mu).x;
  const least = Math.sqrt(quadraticForm(S, calmest, n));
  if (target < least * (1 - 1e-12)) {
    throw new AppError(
      'INFEASIBLE',
      `Target volatility and bounds conflict: the least volatile portfolio has ${percent(least)}, the target is ${percent(target)}.`,
      { data: { constraints: ['targetVolatility', 'bounds'], relaxation: { targetVolatility: least } } },
    );
  }
  const best = mostReturn(set, mu);
  const at = (level: number): Float64Array => leastVarianceForReturn(set, S, mu, level, 'at-least');
  const room = (level: number): number => target * target - quadraticForm(S, at(level), n);
  const low = dot(mu, 0, calmest, 0, n);
  return at(decreasingRoot(room, low, Math.max(low, dot(mu, 0, best, 0, n))));
}

/**
 * max (wᵀmu − riskFree) / √(wᵀSw): the point of the frontier where the risk aversion that leads there equals its own ratio of
 * excess return to variance. Errors: INFEASIBLE when nothing beats the risk-free rate.
 */
export function mostSharpe(set: FeasibleSet, S: Float64Array, mu: Float64Array, riskFree: number): Float64Array {
  const { n, lower, upper, turnover } = set;
  const c = mu.map((value) => -value);
  const best = mostReturn(set, mu);
  const most = dot(mu, 0, best, 0, n);
  const unbounded = lower.some((bound) => bound === -Infinity) || upper.some((bound) => bound === Infinity);
  if (!unbounded && !(most > riskFree)) {
    throw new AppError(
      'INFEASIBLE',
      `Expected a portfolio that beats the risk-free rate of ${percent(riskFree)}, found at most ${percent(most)}. Use minimum variance instead.`,
      { data: { constraints: ['riskFree', 'bounds'], relaxation: { riskFree: most } } },
    );
  }
  let latest = best;
  function optimum(aversion: number): Float64Array {
    const H = S.map((value) => value * aversion);
    const rows = setRows(set);
    latest = solveQuadratic({ n, H, c, lower, upper, rows, ...(turnover === undefined ? {} : { turnover }) }, latest).x;
    return latest;
  }
  function surplus(logAversion: number): number {
    const aversion = Math.exp(logAversion);
    const w = optimum(aversion);
    return (dot(mu, 0, w, 0, n) - riskFree) / quadraticForm(S, w, n) - aversion;
  }
  const calmest = solveOverSet(set, S, undefined, mu).x;
  let high = Math.log(Math.max(1e-6, (most - riskFree) / quadraticForm(S, calmest, n))) + 1;
  let low = high - 2;
  for (let k = 0; k < 60 && surplus(high) > 0; k++) high += 2;
  for (let k = 0; k < 60 && surplus(low) < 0; k++) low -= 2;
  return optimum(Math.exp(decreasingRoot(surplus, low, high)));
}
