/** max wᵀσ / √(wᵀΣw) over the feasible set, exactly: the tangency portfolio of the volatilities. */
import type { z } from 'zod';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decide, diagonal, estimateRisk } from '../decision';
import type { Optimizer } from '../optimizer';
import { mostSharpe } from '../quadratic/frontier';
import type { params } from './spec';

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { covariance: estimator }) {
    const { n, covariance } = estimateRisk(input, estimator);
    const sigma = diagonal(covariance, n).map(Math.sqrt);
    return decide(input, (set) => {
      const weights = mostSharpe(set, covariance, sigma, 0);
      const dailyVolatility = Math.sqrt(quadraticForm(covariance, weights, n));
      return {
        weights,
        diagnostics: { dailyVolatility, diversificationRatio: dot(sigma, 0, weights, 0, n) / dailyVolatility },
      };
    });
  },
};
