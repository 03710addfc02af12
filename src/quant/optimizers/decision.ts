/**
 * What all optimizers share: reading the decision's data, choosing which assets may be held, and the last check that the weights
 * keep their promise.
 */
import { AppError } from '#base/errors';
import type { CovarianceId } from '../covariance/choice';
import { columnVariances } from '../covariance/moments';
import { estimateCovariance } from '../covariance/registry';
import { isFeasible } from './closest-feasible';
import { buildFeasibleSet, restrictTo, type FeasibleSet } from './feasible-set';
import { hasPortfolio, roomiestHoldings } from './infeasibility/feasibility';
import { requireFeasible } from './infeasibility/require-feasible';
import type { OptimizerInput, OptimizerResult } from './optimizer';

/** Share of the largest variance below which a series counts as constant. */
const CONSTANT = 1e-14;

export interface RiskModel {
  readonly n: number;
  /** Rows of returns. */
  readonly T: number;
  /** [n, n] covariance of one trading day. */
  readonly covariance: Float64Array;
}

/** Errors: NOT_ENOUGH_DATA, INVALID_DATA naming the assets with missing or constant returns. */
export function estimateRisk(input: OptimizerInput, estimator: CovarianceId): RiskModel {
  const { n, T } = requireReturns(input);
  requireVariation(input, columnVariances(input.returns, T, n));
  return { n, T, covariance: estimateCovariance(estimator, input.returns, T, n).matrix };
}

/** Sample variance of each asset, divisor T − 1. Errors as {@link estimateRisk}. */
export function estimateVariances(input: OptimizerInput): Float64Array {
  const { n, T } = requireReturns(input);
  const variances = columnVariances(input.returns, T, n);
  requireVariation(input, variances);
  return variances;
}

export function diagonal(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]);
}

function requireReturns({ assets, returns }: OptimizerInput): { n: number; T: number } {
  const n = assets.length;
  const T = n === 0 ? 0 : returns.length / n;
  if (!Number.isInteger(T)) {
    throw new AppError('BAD_REQUEST', `Expected returns of ${n} assets per day, found ${returns.length} numbers.`);
  }
  if (T < 2) {
    throw new AppError('NOT_ENOUGH_DATA', `Expected at least 2 days of returns, found ${T}. Use a longer look-back.`, {
      data: { needed: 2, found: T },
    });
  }
  let missing = 0;
  while (missing < returns.length && Number.isFinite(returns[missing])) missing++;
  if (missing === returns.length) return { n, T };
  const asset = assets[missing % n];
  throw new AppError(
    'INVALID_DATA',
    `Expected a return of every asset on every day of the look-back, found none of ${asset} on day ${Math.floor(missing / n) + 1} of ${T}. Leave the asset out.`,
    { data: { asset } },
  );
}

function requireVariation({ assets }: OptimizerInput, variances: Float64Array): void {
  const largest = variances.reduce((most, value) => Math.max(most, value), 0);
  const constant = assets.filter((_, i) => !(variances[i] > CONSTANT * largest));
  if (constant.length === 0) return;
  throw new AppError(
    'INVALID_DATA',
    `Expected returns that vary, found constant prices of ${constant.slice(0, 5).join(', ')}. Their risk cannot be measured; leave them out.`,
    { data: { assets: constant } },
  );
}

/** The forecast of an input. Errors: BAD_REQUEST where it is missing, INVALID_DATA where it is not finite. */
export function requireForecast(input: OptimizerInput): Float64Array {
  const forecast = input.expectedReturns;
  if (forecast === undefined || forecast.length !== input.assets.length) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected a forecast return for each of ${input.assets.length} assets, found ${forecast?.length ?? 'none'}. Choose a forecast model.`,
    );
  }
  const missing = forecast.findIndex((value) => !Number.isFinite(value));
  if (missing >= 0) {
    throw new AppError(
      'INVALID_DATA',
      `Expected a finite forecast, found ${forecast[missing]} of ${input.assets[missing]}.`,
    );
  }
  return forecast;
}

type Allocation = Pick<OptimizerResult, 'weights' | 'diagnostics'>;

/** The one portfolio of a set whose bounds alone leave no choice: solvers that walk its interior would find none. */
function onlyPoint({ lower, upper, budget }: FeasibleSet): Allocation | undefined {
  const sum = (bounds: Float64Array): number => bounds.reduce((total, bound) => total + bound, 0);
  const full = sum(upper) <= budget + 1e-12;
  if (!full && sum(lower) < budget - 1e-12) return undefined;
  return { weights: (full ? upper : lower).slice(), diagnostics: { onlyPoint: true } };
}

/**
 * Runs `allocate` on the feasible set; if the result holds more assets than allowed, runs it again on the largest holdings.
 * Choosing the subset is a heuristic and is reported as such; ties go to what is held already.
 */
export function decide(input: OptimizerInput, allocate: (set: FeasibleSet) => Allocation): OptimizerResult {
  if (input.assets.length === 0) {
    throw new AppError('NOT_ENOUGH_DATA', 'Expected at least one asset, found none. Widen the universe.');
  }
  const set = buildFeasibleSet(input);
  const { minPosition = 0 } = input.constraints;
  const most = Math.min(set.n, input.constraints.maxHoldings ?? set.n);
  requireFeasible(set, most);
  const choose = (within: FeasibleSet): Allocation => onlyPoint(within) ?? allocate(within);
  const first = choose(set);
  const small = first.weights.some((weight) => Math.abs(weight) > 1e-12 && weight < minPosition - 1e-12);
  if (!(minPosition > 0 && small) && holdings(first.weights) <= most) return checked(set, first);
  const score = first.weights.map(Math.abs);
  const worthwhile = score.filter((weight) => weight >= minPosition / 2).length;
  const restricted = restrictTo(
    set,
    chooseHoldings(set, score, minPosition > 0 ? Math.min(most, Math.max(worthwhile, 1)) : most, input.currentWeights),
  );
  requireFeasible(restricted, most);
  const second = choose(restricted);
  return checked(restricted, {
    weights: second.weights,
    diagnostics: { ...second.diagnostics, holdingsRule: 'largest weights without the limit (heuristic)' },
  });
}

/**
 * The `count` assets with the highest scores whose bounds and sector caps still leave room for the budget; ties go to the larger
 * `preference`, then to the earlier asset. Errors: INFEASIBLE where no such choice exists.
 */
export function chooseHoldings(
  set: FeasibleSet,
  score: Float64Array,
  count: number,
  preference: Float64Array = score,
): Uint8Array {
  const { minPosition = 0 } = set.constraints;
  const fewest = roomiestHoldings(set, set.n);
  const least = fewest === undefined ? 1 : fewest.reduce((sum, one) => sum + one, 0);
  const most = minPosition > 0 ? Math.min(Math.max(count, least), Math.floor(set.budget / minPosition + 1e-9)) : count;
  const required = set.lower.map((bound) => Number(bound > 0));
  const ranked = Array.from({ length: set.n }, (_, i) => i).sort(
    (a, b) => required[b] - required[a] || score[b] - score[a] || preference[b] - preference[a] || a - b,
  );
  const kept = new Uint8Array(set.n);
  let chosen = 0;
  for (const i of ranked) {
    if (chosen === most) break;
    if (set.upper[i] <= 0 && set.lower[i] >= 0) continue;
    kept[i] = 1;
    if (required[i] === 1 || reachable(set, kept, ranked, most - chosen - 1) >= set.budget - 1e-12) chosen++;
    else kept[i] = 0;
  }
  if (chosen > 0 && withoutTurnover(set, kept)) return kept;
  const roomy = roomiestHoldings(set, most);
  if (roomy !== undefined && withoutTurnover(set, roomy)) return roomy;
  requireFeasible(restrictTo(set, kept), most);
  throw new AppError(
    'INFEASIBLE',
    `Holdings limit, sector caps and largest weight conflict: no ${most} assets can hold the budget. Allow more holdings or raise the caps.`,
    { data: { constraints: ['maxHoldings', 'sectorCap', 'maxWeight'] } },
  );
}

function withoutTurnover(set: FeasibleSet, kept: Uint8Array): boolean {
  const { turnover: _judgedLater, ...rest } = set;
  return hasPortfolio(restrictTo(rest, kept));
}

/** Largest Σ w with the kept assets and `more` others: each added asset brings at most its bound and its sector's rest. */
function reachable(set: FeasibleSet, kept: Uint8Array, ranked: readonly number[], more: number): number {
  const rest = new Float64Array(set.sectors.length + 1).fill(Infinity);
  const sectorOf = new Int32Array(set.n).fill(set.sectors.length);
  set.sectors.forEach(({ cap, members }, s) => {
    rest[s] = cap;
    for (const i of members) sectorOf[i] = s;
  });
  let total = 0;
  for (const i of ranked) {
    if (kept[i] === 0) continue;
    const amount = Math.min(set.upper[i], rest[sectorOf[i]]);
    total += amount;
    rest[sectorOf[i]] -= amount;
  }
  const used = kept.slice();
  for (let step = 0; step < more; step++) {
    let best = -1;
    let most = 0;
    for (const i of ranked) {
      const amount = Math.min(set.upper[i], rest[sectorOf[i]]);
      if (used[i] === 0 && amount > most) [best, most] = [i, amount];
    }
    if (best < 0) break;
    used[best] = 1;
    total += most;
    rest[sectorOf[best]] -= most;
    if (total >= set.budget) break;
  }
  return total;
}

function holdings(weights: Float64Array): number {
  return weights.reduce((count, weight) => count + (Math.abs(weight) > 1e-12 ? 1 : 0), 0);
}

/** The optimizer's promise, enforced: a weight vector that breaks a constraint is a bug and never leaves. */
function checked(set: FeasibleSet, result: OptimizerResult): OptimizerResult {
  const weights = result.weights.map((weight, i) => Math.min(Math.max(weight, set.lower[i]), set.upper[i]));
  if (!isFeasible(set, weights, 1e-9)) {
    throw new AppError(
      'INTERNAL',
      'The optimizer returned weights that break a constraint. Please report this configuration.',
    );
  }
  return { weights, diagnostics: { ...result.diagnostics, holdings: holdings(weights) } };
}
