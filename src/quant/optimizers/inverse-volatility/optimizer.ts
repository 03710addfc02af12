/** w_i ∝ 1/σ_i with the sample standard deviation, moved the least that the constraints ask. */
import { closestFeasible } from '../closest-feasible';
import { decide, estimateVariances } from '../decision';
import type { Optimizer } from '../optimizer';

export const optimizer: Optimizer = {
  optimize(input) {
    const variances = estimateVariances(input);
    return decide(input, (set) => {
      const inverse = variances.map((variance, i) => (set.upper[i] > 0 ? 1 / Math.sqrt(variance) : 0));
      const total = inverse.reduce((sum, value) => sum + value, 0);
      const target = inverse.map((value) => (value / total) * set.budget);
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { adjusted: weights !== target } };
    });
  },
};
