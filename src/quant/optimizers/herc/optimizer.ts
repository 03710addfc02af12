/**
 * Hierarchical equal risk contribution under the constraints: bounds are kept at every split, and where sector bounds or turnover
 * are still broken, the weights move to the closest portfolio that keeps them.
 */
import type { z } from 'zod';
import { correlationOf } from '#quant/covariance/moments';
import { closestFeasible } from '../closest-feasible';
import { decide, estimateRisk } from '../decision';
import type { Optimizer } from '../optimizer';
import { submatrix } from './clusters';
import { hierarchicalEqualRiskContribution } from './hierarchical-equal-risk-contribution';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator, level, ...options }) {
    const { n, T, covariance } = estimateRisk(input, estimator);
    return decide(input, (set) => {
      const kept = Array.from({ length: n }, (_, i) => i).filter((i) => set.upper[i] > 0);
      const N = kept.length;
      const risk = submatrix(covariance, n, kept);
      const returns = new Float64Array(T * N);
      for (let t = 0; t < T; t++) kept.forEach((i, k) => (returns[t * N + k] = input.returns[t * n + i]));
      // Where shorts pay for required holdings beyond the budget, the last step restores the floors.
      const floors = Float64Array.from(kept, (i) => Math.max(0, set.lower[i]));
      const required = floors.reduce((sum, bound) => sum + bound, 0);
      const { weights: chosen, clustering } = hierarchicalEqualRiskContribution(
        { N, covariance: risk, returns, level },
        correlationOf(risk, N),
        {
          ...options,
          budget: set.budget,
          lower: required <= set.budget ? floors : new Float64Array(N),
          upper: Float64Array.from(kept, (i) => set.upper[i]),
        },
      );
      const target = new Float64Array(n);
      kept.forEach((i, k) => (target[i] = chosen[k]));
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { clusters: clustering.roots.length, adjusted: weights !== target } };
    });
  },
};
