/**
 * w_i (Σw)_i in given proportions, long only: the unique risk budget portfolio of the assets that may be held, then the closest
 * (Euclidean) portfolio of the feasible set. Without binding constraints the shares hold exactly; otherwise their error is reported.
 */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { multiplyVector } from '#quant/array/linalg';
import { closestFeasible } from '../closest-feasible';
import { decide, estimateRisk } from '../decision';
import { UNKNOWN_SECTOR, type FeasibleSet } from '../feasible-set';
import type { Optimizer } from '../optimizer';
import { riskBudgetWeights } from '../risk-budget/risk-budget';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator, sectorBudgets }) {
    const { n, covariance } = estimateRisk(input, estimator);
    return decide(input, (set) => {
      const kept = holdable(set);
      const budgets = sectorBudgets === undefined ? equalShares(kept) : splitShares(input.sectors, kept, sectorBudgets);
      const inside = riskBudgetWeights(submatrix(covariance, n, kept), kept.length, budgets);
      const target = new Float64Array(n);
      kept.forEach((i, k) => (target[i] = inside[k] * set.budget));
      const weights = closestFeasible(set, target);
      return {
        weights,
        diagnostics: {
          dailyVolatility: Math.sqrt(varianceOf(covariance, weights, n)),
          largestShareError: largestShareError(covariance, weights, n, kept, budgets),
          constraintsBind: weights !== target,
        },
      };
    });
  },
};

function holdable({ n, upper }: FeasibleSet): number[] {
  return Array.from({ length: n }, (_, i) => i).filter((i) => upper[i] > 0);
}

function equalShares(kept: readonly number[]): Float64Array {
  return new Float64Array(kept.length).fill(1 / kept.length);
}

/** Each sector's budget split among its holdable assets; sums to 1. Errors: INVALID_CONFIG naming sectors without a budget. */
function splitShares(
  sectors: readonly string[],
  kept: readonly number[],
  stated: Readonly<Record<string, number>>,
): Float64Array {
  const names = kept.map((i) => (sectors[i] === '' ? UNKNOWN_SECTOR : sectors[i]));
  const missing = [...new Set(names)].filter((name) => !Object.hasOwn(stated, name));
  if (missing.length > 0) {
    throw new AppError(
      'INVALID_CONFIG',
      `Expected a risk budget of every sector held, found none of ${missing.join(', ')}. Add them, or leave all budgets empty.`,
      { data: { sectors: missing } },
    );
  }
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const shares = Float64Array.from(names, (name) => stated[name] / (counts.get(name) ?? 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

function submatrix(matrix: Float64Array, n: number, kept: readonly number[]): Float64Array {
  const m = kept.length;
  if (m === n) return matrix;
  const part = new Float64Array(m * m);
  kept.forEach((i, a) => kept.forEach((j, b) => (part[a * m + b] = matrix[i * n + j])));
  return part;
}

function varianceOf(covariance: Float64Array, w: Float64Array, n: number): number {
  return multiplyVector(covariance, w, n, n).reduce((sum, value, i) => sum + value * w[i], 0);
}

/** Largest |risk share − budget| of an asset. */
function largestShareError(
  covariance: Float64Array,
  w: Float64Array,
  n: number,
  kept: readonly number[],
  budgets: Float64Array,
): number {
  const marginal = multiplyVector(covariance, w, n, n);
  const variance = varianceOf(covariance, w, n);
  return kept.reduce((worst, i, k) => Math.max(worst, Math.abs((w[i] * marginal[i]) / variance - budgets[k])), 0);
}
