/**
 * Where volatility, VaR and CVaR come from: Euler contributions by asset, group and factor whose parts add up to the total
 * (Litterman 1996; Tasche 1999). A factor split is the same calculation on factor returns plus one residual.
 */
import { AppError } from '#base/errors';
import { sampleCovariance } from '../covariance/moments';
import { decomposeRisk } from './decomposition';
import { checkScenarios, portfolioReturns, type PortfolioScenarios } from './portfolio-scenarios';
import type { TailRisk } from './tail-risk';

export interface Contributions {
  readonly total: number;
  /** Derivative of the total by weight, length N. */
  readonly marginal: Float64Array;
  /** w_i · marginal_i; sums to the total. */
  readonly contribution: Float64Array;
  /** contribution / total; sums to 1. */
  readonly share: Float64Array;
}

function contributionsOf(total: number, marginal: Float64Array, weights: Float64Array): Contributions {
  const contribution = marginal.map((value, i) => weights[i] * value);
  return { total, marginal, contribution, share: contribution.map((value) => value / total) };
}

/** Volatility per period from the sample covariance (divisor T − 1). Errors: INVALID_DATA without variance, NOT_ENOUGH_DATA. */
export function volatilityContributions(scenarios: PortfolioScenarios): Contributions {
  checkScenarios(scenarios, 2);
  const { returns, T, N, weights } = scenarios;
  const { volatility, marginal } = decomposeRisk(sampleCovariance(returns, T, N), weights, N);
  return contributionsOf(volatility, marginal, weights);
}

export function varContributions({ weights }: PortfolioScenarios, tail: TailRisk): Contributions {
  return contributionsOf(tail.valueAtRisk, tail.varMarginal, weights);
}

export function shortfallContributions({ weights }: PortfolioScenarios, tail: TailRisk): Contributions {
  return contributionsOf(tail.shortfall, tail.shortfallMarginal, weights);
}

/** Sums by label, in order of first appearance. Errors: INVALID_DATA unless there is one label per value. */
export function sumByGroup(values: Float64Array, groups: readonly string[]): Map<string, number> {
  if (groups.length !== values.length) {
    throw new AppError('INVALID_DATA', `Expected ${values.length} group labels, found ${groups.length}.`);
  }
  const sums = new Map<string, number>();
  groups.forEach((group, i) => sums.set(group, (sums.get(group) ?? 0) + values[i]));
  return sums;
}

/**
 * The same portfolio held through factors: column k ≤ K holds factor k with weight Σ_i w_i β_ik, the last column is what the
 * factors leave unexplained (alpha included) with weight 1. Any risk model evaluated on it splits by factor, and adds up.
 * `factorReturns` [T, K], `betas` [N, K]. Errors: INVALID_DATA.
 */
export function factorScenarios(
  scenarios: PortfolioScenarios,
  factorReturns: Float64Array,
  betas: Float64Array,
  K: number,
): PortfolioScenarios {
  const { T, N, weights } = scenarios;
  if (factorReturns.length !== T * K || betas.length !== N * K) {
    throw new AppError(
      'INVALID_DATA',
      `Expected ${T} × ${K} factor returns and ${N} × ${K} betas, found ${factorReturns.length} and ${betas.length} numbers.`,
    );
  }
  const exposures = new Float64Array(K + 1);
  for (let i = 0; i < N; i++) for (let k = 0; k < K; k++) exposures[k] += weights[i] * betas[i * K + k];
  exposures[K] = 1;
  const p = portfolioReturns(scenarios);
  const returns = new Float64Array(T * (K + 1));
  for (let t = 0; t < T; t++) {
    let explained = 0;
    for (let k = 0; k < K; k++) {
      const value = factorReturns[t * K + k];
      returns[t * (K + 1) + k] = value;
      explained += exposures[k] * value;
    }
    returns[t * (K + 1) + K] = p[t] - explained;
  }
  return { returns, T, N: K + 1, weights: exposures };
}
