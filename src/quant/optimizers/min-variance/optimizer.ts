/** min wᵀΣw over the feasible set, solved exactly. A singular Σ (more assets than days) gets a ridge of 1e-10 and says so. */
import type { z } from 'zod';
import { quadraticForm } from '#quant/array/linalg';
import { decide, diagonal, estimateRisk } from '../decision';
import type { Optimizer } from '../optimizer';
import { solveOverSet } from '../quadratic/portfolio-program';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator }) {
    const { n, covariance } = estimateRisk(input, estimator);
    const variances = diagonal(covariance, n);
    return decide(input, (set) => {
      const { x, iterations, residual, ridge, active } = solveOverSet(set, covariance, undefined, variances);
      return {
        weights: x,
        diagnostics: {
          dailyVolatility: Math.sqrt(quadraticForm(covariance, x, n)),
          iterations,
          residual,
          ridge,
          binding: active.join(', '),
        },
      };
    });
  },
};
