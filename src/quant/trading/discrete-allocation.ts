/**
 * Whole lots from target weights: a greedy answer by error for any number of assets, and for few assets the exact least sum of squared
 * weight errors by branch and bound. The cash spent never exceeds the value; what the search did is part of the answer.
 */
import { AppError } from '#base/errors';

export interface AllocationInput {
  /** Target weights [N], fractions of `value`, at least 0, sum at most 1. */
  readonly targets: Float64Array;
  /** Price per share [N], currency, above 0. */
  readonly prices: Float64Array;
  /** Money to invest, currency. */
  readonly value: number;
  /** Shares per lot. */
  readonly lot: number;
  /** [N, N] covariance for the tracking error, any unit of time; absent = tracking error not computed. */
  readonly covariance?: Float64Array;
  /** Most nodes of the branch and bound; the best found until then is the answer, marked as not proved. */
  readonly nodeLimit?: number;
}

export interface Allocation {
  /** Whole lots [N] in shares. */
  readonly shares: Float64Array;
  /** Reached weights [N]. */
  readonly weights: Float64Array;
  /** Currency left over. */
  readonly cash: number;
  /** Σ (reached − target)². */
  readonly squaredError: number;
  /** √((w − t)ᵀ Σ (w − t)); absent without a covariance. */
  readonly trackingError?: number;
  readonly method: 'greedy' | 'branch-and-bound';
  /** True where no other allocation has a smaller squared error. */
  readonly proved: boolean;
  /** Nodes of the search; 0 for greedy. */
  readonly nodes: number;
  readonly nodeLimit: number;
}

/** From more assets on only the greedy answer is given. */
const LARGEST_EXACT = 30;
const NODE_LIMIT = 200_000;

/** Errors: BAD_REQUEST for lengths, INVALID_DATA for prices, weights, value or lot out of range. */
export function allocateDiscrete(input: AllocationInput): Allocation {
  requireAllocation(input);
  const nodeLimit = input.nodeLimit ?? NODE_LIMIT;
  const lots = lotWeights(input);
  const greedy = greedyLots(input.targets, lots);
  if (input.targets.length > LARGEST_EXACT) return answer(input, greedy, 'greedy', false, 0, nodeLimit);
  const { counts, proved, nodes } = searchLots(input.targets, lots, greedy, nodeLimit);
  return answer(input, counts, 'branch-and-bound', proved, nodes, nodeLimit);
}

/** Weight of one lot of each asset. */
function lotWeights({ prices, lot, value }: AllocationInput): Float64Array {
  return prices.map((price) => (price * lot) / value);
}

/** Rounds down, then buys one lot after another where it lowers the squared error most, while cash lasts. */
function greedyLots(targets: Float64Array, lots: Float64Array): Float64Array {
  const counts = targets.map((target, i) => Math.floor(target / lots[i] + 1e-9));
  let cash = 1 - counts.reduce((sum, count, i) => sum + count * lots[i], 0);
  for (;;) {
    let best = -1;
    let gain = 0;
    for (let i = 0; i < lots.length; i++) {
      if (lots[i] > cash + 1e-12) continue;
      const error = targets[i] - counts[i] * lots[i];
      const fall = error ** 2 - (error - lots[i]) ** 2;
      if (fall > gain + 1e-18) [best, gain] = [i, fall];
    }
    if (best < 0) return counts;
    counts[best]++;
    cash -= lots[best];
  }
}

/**
 * Each asset's best count is one of the two around its target, or lower where cash is short; depth first from the most expensive lot.
 * Bound: the error so far plus each remaining asset's least error.
 */
function searchLots(
  targets: Float64Array,
  lots: Float64Array,
  start: Float64Array,
  nodeLimit: number,
): { counts: Float64Array; proved: boolean; nodes: number } {
  const n = targets.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => lots[b] - lots[a] || a - b);
  const errorAt = (i: number, count: number): number => (targets[i] - count * lots[i]) ** 2;
  const nearest = targets.map((target, i) => Math.round(target / lots[i]));
  const restError = new Float64Array(n + 1);
  for (let k = n - 1; k >= 0; k--) restError[k] = restError[k + 1] + errorAt(order[k], nearest[order[k]]);
  let counts: Float64Array = start.slice();
  let best = start.reduce((sum, count, i) => sum + errorAt(i, count), 0);
  let nodes = 0;
  const trial = new Float64Array(n);

  function visit(k: number, error: number, cash: number): void {
    if (++nodes > nodeLimit || error + restError[k] >= best - 1e-15) return;
    if (k === n) {
      best = error;
      counts = trial.slice();
      return;
    }
    const i = order[k];
    const most = Math.floor(targets[i] / lots[i] + 1e-9) + 1;
    const top = Math.min(most, Math.floor((cash + 1e-12) / lots[i]));
    const first = top > 0 && errorAt(i, top - 1) < errorAt(i, top) ? top - 1 : top;
    // From the nearest count on errors only grow, so the bound ends the loop early.
    for (let step = 0; step <= top; step++) {
      const count = first === top || step > 1 ? top - step : top - 1 + step;
      const next = error + errorAt(i, count);
      if (next + restError[k + 1] >= best - 1e-15 || nodes > nodeLimit) return;
      trial[i] = count;
      visit(k + 1, next, cash - count * lots[i]);
    }
  }
  visit(0, 0, 1);
  return { counts, proved: nodes <= nodeLimit, nodes: Math.min(nodes, nodeLimit) };
}

function answer(
  { targets, prices, value, lot, covariance }: AllocationInput,
  counts: Float64Array,
  method: Allocation['method'],
  proved: boolean,
  nodes: number,
  nodeLimit: number,
): Allocation {
  const shares = counts.map((count) => count * lot);
  const weights = shares.map((count, i) => (count * prices[i]) / value);
  const errors = weights.map((weight, i) => weight - targets[i]);
  const n = targets.length;
  let variance = 0;
  if (covariance !== undefined) {
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) variance += errors[i] * covariance[i * n + j] * errors[j];
  }
  return {
    shares,
    weights,
    cash: value - shares.reduce((sum, count, i) => sum + count * prices[i], 0),
    squaredError: errors.reduce((sum, error) => sum + error ** 2, 0),
    ...(covariance === undefined ? {} : { trackingError: Math.sqrt(Math.max(0, variance)) }),
    method,
    proved,
    nodes,
    nodeLimit,
  };
}

function requireAllocation({ targets, prices, value, lot, covariance }: AllocationInput): void {
  const n = targets.length;
  if (prices.length !== n || (covariance !== undefined && covariance.length !== n * n)) {
    throw new AppError(
      'BAD_REQUEST',
      `Expected ${n} prices and a covariance of ${n} × ${n}, found ${prices.length} prices.`,
    );
  }
  const sum = targets.reduce((total, target) => total + target, 0);
  if (!targets.every((target) => target >= 0) || !(sum <= 1 + 1e-9)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected target weights of at least 0 that sum to at most 1, found a sum of ${sum}. Whole lots are bought, not sold short.`,
    );
  }
  if (!prices.every((price) => price > 0 && Number.isFinite(price)) || !(value > 0) || !(lot > 0)) {
    throw new AppError(
      'INVALID_DATA',
      `Expected positive prices, value and lot, found a value of ${value} and a lot of ${lot}. Correct them.`,
    );
  }
}
