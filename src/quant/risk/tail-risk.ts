/**
 * What a risk model answers: value at risk and expected shortfall of a portfolio with their derivatives by weight.
 * Both are homogeneous of degree 1 in the weights, so w_i · marginal_i adds up to the total (Euler; Tasche 1999).
 */
import { AppError } from '#base/errors';
import { argsort } from '../array/stats';
import { checkLevel, checkScenarios, portfolioReturns, type PortfolioScenarios } from './portfolio-scenarios';

export interface TailRisk {
  /** Loss that is not exceeded with the confidence asked for; fraction of net asset value per period, positive = loss. */
  readonly valueAtRisk: number;
  /** Mean loss beyond it (CVaR), same unit. */
  readonly shortfall: number;
  /** ∂VaR/∂w_i and ∂CVaR/∂w_i, length N. */
  readonly varMarginal: Float64Array;
  readonly shortfallMarginal: Float64Array;
  /** What the model estimated on the way, e.g. its skewness or next volatility. */
  readonly facts: Readonly<Record<string, number>>;
}

/** A tail as a mixture of scenarios: row numbers and shares that sum to 1. */
interface Mixture {
  readonly rows: readonly number[];
  readonly shares: readonly number[];
}

/**
 * Empirical tail. With equal probabilities VaR is minus the type-7 quantile and its marginal the same mixture of two scenarios;
 * with given ones (length T, sum 1) it is minus the lowest return whose cumulated probability reaches 1 − level.
 * The shortfall is the mean of the worst share 1 − level with its last scenario counted in part (Rockafellar, Uryasev 2000;
 * derivative: Tasche 1999). Errors: BAD_REQUEST, INVALID_DATA, NOT_ENOUGH_DATA.
 */
export function historicalTail(scenarios: PortfolioScenarios, level: number, probabilities?: Float64Array): TailRisk {
  checkLevel(level);
  checkScenarios(scenarios, 2);
  if (probabilities) checkProbabilities(probabilities, scenarios.T);
  const p = portfolioReturns(scenarios);
  const order = argsort(p);
  const tail = 1 - level;
  const quantile = probabilities ? weightedQuantile(order, probabilities, tail) : type7Mixture(order, tail);
  const worst = worstShare(order, tail, probabilities);
  return {
    valueAtRisk: -mixed(p, 1, quantile)[0],
    shortfall: -mixed(p, 1, worst)[0],
    varMarginal: mixed(scenarios.returns, scenarios.N, quantile).map((value) => -value),
    shortfallMarginal: mixed(scenarios.returns, scenarios.N, worst).map((value) => -value),
    facts: { scenarios: scenarios.T, tail_scenarios: worst.rows.length },
  };
}

function type7Mixture(order: Uint32Array, tail: number): Mixture {
  const position = tail * (order.length - 1);
  const below = Math.min(Math.floor(position), order.length - 1);
  const fraction = position - below;
  if (fraction === 0) return { rows: [order[below]], shares: [1] };
  return { rows: [order[below], order[below + 1]], shares: [1 - fraction, fraction] };
}

function weightedQuantile(order: Uint32Array, probabilities: Float64Array, tail: number): Mixture {
  let cumulated = 0;
  for (const row of order) {
    cumulated += probabilities[row];
    if (cumulated >= tail - 1e-14) return { rows: [row], shares: [1] };
  }
  return { rows: [order[order.length - 1]], shares: [1] };
}

function worstShare(order: Uint32Array, tail: number, probabilities: Float64Array | undefined): Mixture {
  const rows: number[] = [];
  const shares: number[] = [];
  let left = tail;
  for (const row of order) {
    if (left <= 0) break;
    const taken = Math.min(left, probabilities ? probabilities[row] : 1 / order.length);
    if (taken > 0) {
      rows.push(row);
      shares.push(taken);
    }
    left -= taken;
  }
  const total = shares.reduce((sum, share) => sum + share, 0);
  return { rows, shares: shares.map((share) => share / total) };
}

/** Σ share · row of X [T, N] → length N. */
function mixed(X: Float64Array, N: number, { rows, shares }: Mixture): Float64Array {
  const result = new Float64Array(N);
  rows.forEach((row, at) => {
    for (let i = 0, k = row * N; i < N; i++, k++) result[i] += shares[at] * X[k];
  });
  return result;
}

/** Errors: INVALID_DATA unless `T` probabilities ≥ 0 sum to 1. */
export function checkProbabilities(probabilities: Float64Array, T: number): void {
  const sum = probabilities.reduce((total, value) => total + value, 0);
  if (probabilities.length === T && Math.abs(sum - 1) <= 1e-9 && probabilities.every((value) => value >= 0)) return;
  throw new AppError(
    'INVALID_DATA',
    `Expected ${T} probabilities of at least 0 that sum to 1, found ${probabilities.length} with sum ${sum}.`,
  );
}
