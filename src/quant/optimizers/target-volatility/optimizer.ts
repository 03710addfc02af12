/** max wᵀμ with √(252 wᵀΣw) ≤ target over the feasible set: the point of the efficient frontier with that volatility. */
import type { z } from 'zod';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decide, diagonal, estimateRisk, requireForecast } from '../decision';
import type { Optimizer } from '../optimizer';
import { mostReturnForVolatility } from '../quadratic/frontier';
import { solveOverSet } from '../quadratic/portfolio-program';
import type { params } from './spec';

const TRADING_DAYS = 252;

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { targetVolatility, covariance: estimator, whenUnreachable }) {
    const forecast = requireForecast(input);
    const { n, covariance } = estimateRisk(input, estimator);
    const annual = covariance.map((value) => value * TRADING_DAYS);
    const variances = diagonal(covariance, n);
    return decide(input, (set) => {
      const calmest = solveOverSet(set, annual, undefined, variances).x;
      const isReachable = Math.sqrt(quadraticForm(annual, calmest, n)) < targetVolatility;
      const weights =
        isReachable || whenUnreachable === 'refuse'
          ? mostReturnForVolatility(set, annual, forecast, targetVolatility)
          : calmest;
      return {
        weights,
        diagnostics: {
          forecastReturn: dot(forecast, 0, weights, 0, n),
          annualVolatility: Math.sqrt(quadraticForm(annual, weights, n)),
          rule: isReachable ? 'target' : 'least variance: the target cannot be reached',
        },
      };
    });
  },
};
