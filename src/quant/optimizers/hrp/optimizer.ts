/**
 * Hierarchical risk parity under the constraints: bounds are kept at every split of the tree, and where sector caps or turnover
 * are still broken, the weights move to the closest portfolio that keeps them.
 */
import type { z } from 'zod';
import { correlationOf } from '#quant/covariance/moments';
import { closestFeasible } from '../closest-feasible';
import { decide, estimateRisk } from '../decision';
import type { Optimizer } from '../optimizer';
import { hierarchicalRiskParity } from './hierarchical-risk-parity';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator, ...options }) {
    const { n, covariance } = estimateRisk(input, estimator);
    const correlation = correlationOf(covariance, n);
    return decide(input, (set) => {
      const kept = Array.from({ length: n }, (_, i) => i).filter((i) => set.upper[i] > 0);
      const whole = kept.length === n;
      const upper = Float64Array.from(kept, (i) => set.upper[i]);
      const result = hierarchicalRiskParity(
        whole ? covariance : submatrix(covariance, n, kept),
        whole ? correlation : submatrix(correlation, n, kept),
        kept.length,
        { ...options, budget: set.budget, upper },
      );
      const target = new Float64Array(n);
      kept.forEach((i, k) => (target[i] = result.weights[k]));
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { adjusted: weights !== target } };
    });
  },
};

function submatrix(matrix: Float64Array, n: number, kept: readonly number[]): Float64Array {
  const size = kept.length;
  const result = new Float64Array(size * size);
  kept.forEach((i, a) => {
    kept.forEach((j, b) => (result[a * size + b] = matrix[i * n + j]));
  });
  return result;
}
