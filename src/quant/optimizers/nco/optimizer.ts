/** Nested clustered optimization, moved the least that the constraints ask: bounds, sector bounds and turnover hold in the answer. */
import type { z } from 'zod';
import { correlationOf } from '#quant/covariance/moments';
import { closestFeasible } from '../closest-feasible';
import { decide, estimateRisk } from '../decision';
import { submatrix } from '../herc/clusters';
import type { Optimizer } from '../optimizer';
import { nestedClusteredOptimization } from './nested-clustered-optimization';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator, ...options }) {
    const { n, covariance } = estimateRisk(input, estimator);
    const { longOnly } = input.constraints;
    return decide(input, (set) => {
      const kept = Array.from({ length: n }, (_, i) => i).filter((i) => set.upper[i] > 0 || set.lower[i] < 0);
      const risk = submatrix(covariance, n, kept);
      const { weights: chosen, clustering } = nestedClusteredOptimization(
        risk,
        correlationOf(risk, kept.length),
        kept.length,
        { ...options, longOnly, budget: set.budget },
      );
      const target = new Float64Array(n);
      kept.forEach((i, k) => (target[i] = chosen[k]));
      const weights = closestFeasible(set, target);
      return { weights, diagnostics: { clusters: clustering.roots.length, adjusted: weights !== target } };
    });
  },
};
