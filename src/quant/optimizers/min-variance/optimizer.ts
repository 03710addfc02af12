/** min wᵀΣw over the feasible set, solved exactly. A singular Σ (more assets than days) has many optima; the answer is near the one of least norm. */
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
      const { x, iterations, residual, proximalSteps, active } = solveOverSet(set, covariance, undefined, variances);
      return {
        weights: x,
        diagnostics: {
          dailyVolatility: Math.sqrt(quadraticForm(covariance, x, n)),
          iterations,
          residual,
          proximalSteps,
          binding: active.join(', '),
        },
      };
    });
  },
};
