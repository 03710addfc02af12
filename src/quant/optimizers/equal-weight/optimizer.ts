/** Equal weights, moved the least that the constraints ask. A holdings limit keeps what is held, then the earlier assets. */
import { closestFeasible } from '../closest-feasible';
import { decide } from '../decision';
import type { Optimizer } from '../optimizer';

export const optimizer: Optimizer = {
  optimize(input) {
    return decide(input, (set) => {
      const allowed = set.upper.map((bound) => (bound > 0 ? 1 : 0));
      const count = allowed.reduce((sum, one) => sum + one, 0);
      const target = allowed.map((one) => (one * set.budget) / count);
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { adjusted: weights !== target } };
    });
  },
};
