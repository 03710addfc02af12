/** max wᵀ(μ − r_f) / √(wᵀΣw) over the feasible set, exactly: the tangency point of the frontier; cash earns r_f. */
import type { z } from 'zod';
import { AppError } from '#base/errors';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decide, diagonal, estimateRisk, requireForecast } from '../decision';
import type { Optimizer } from '../optimizer';
import { percent } from '../percent';
import { mostReturn, mostSharpe } from '../quadratic/frontier';
import { solveOverSet } from '../quadratic/portfolio-program';
import type { params } from './spec';

const TRADING_DAYS = 252;

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { riskFree, covariance: estimator, whenNothingBeatsCash }) {
    const forecast = requireForecast(input);
    const horizon = input.horizon ?? 1;
    const rate = (riskFree * horizon) / TRADING_DAYS;
    const excess = forecast.map((value) => value - rate);
    const { n, covariance } = estimateRisk(input, estimator);
    const scaled = covariance.map((value) => value * horizon);
    return decide(input, (set) => {
      const most = dot(excess, 0, mostReturn(set, excess), 0, n);
      const beatsCash = most > 0;
      if (!beatsCash && whenNothingBeatsCash === 'refuse') throw nothingBeatsCash(most);
      const weights = beatsCash
        ? mostSharpe(set, scaled, excess, 0)
        : solveOverSet(set, covariance, undefined, diagonal(covariance, n)).x;
      const dailyVolatility = Math.sqrt(quadraticForm(covariance, weights, n));
      const excessReturn = dot(excess, 0, weights, 0, n);
      return {
        weights,
        diagnostics: {
          forecastReturn: dot(forecast, 0, weights, 0, n),
          dailyVolatility,
          annualSharpe: ((excessReturn / horizon) * Math.sqrt(TRADING_DAYS)) / dailyVolatility,
          rule: beatsCash ? 'tangency' : 'least variance: no portfolio beats cash',
        },
      };
    });
  },
};

function nothingBeatsCash(most: number): AppError {
  return new AppError(
    'INFEASIBLE',
    `Forecasts, constraints and risk-free rate conflict: the best portfolio is expected to earn ${percent(most)} more than cash over the ` +
      'horizon. To resolve it, lower the risk-free rate, loosen the constraints, or choose least variance for such dates.',
    { data: { constraints: ['riskFree', 'forecast'], relaxation: { excessReturn: most } } },
  );
}
