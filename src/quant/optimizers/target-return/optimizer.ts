/** min wᵀΣw with wᵀμ ≥ target over the feasible set, exactly: one point of the efficient frontier. */
import type { z } from 'zod';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decide, estimateRisk, requireForecast } from '../decision';
import type { Optimizer } from '../optimizer';
import { leastVarianceForReturn, mostReturn } from '../quadratic/frontier';
import type { params } from './spec';

const TRADING_DAYS = 252;

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { targetReturn, covariance: estimator, whenUnreachable }) {
    const forecast = requireForecast(input);
    const target = (targetReturn * (input.horizon ?? 1)) / TRADING_DAYS;
    const { n, covariance } = estimateRisk(input, estimator);
    return decide(input, (set) => {
      const most = dot(forecast, 0, mostReturn(set, forecast), 0, n);
      const isReachable = target <= most;
      const level = isReachable || whenUnreachable === 'refuse' ? target : most;
      const weights = leastVarianceForReturn(set, covariance, forecast, level, 'at-least');
      return {
        weights,
        diagnostics: {
          forecastReturn: dot(forecast, 0, weights, 0, n),
          dailyVolatility: Math.sqrt(quadraticForm(covariance, weights, n)),
          target,
          rule: isReachable ? 'target' : 'highest forecast: the target cannot be reached',
        },
      };
    });
  },
};
