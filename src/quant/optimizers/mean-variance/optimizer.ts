/** max μᵀw − (γ/2) wᵀΣw over the feasible set; μ and Σ both over the forecast horizon, so γ does not depend on it. */
import type { z } from 'zod';
import { dot, quadraticForm } from '#quant/array/linalg';
import { decide, estimateRisk, requireForecast } from '../decision';
import type { Optimizer } from '../optimizer';
import type { FeasibleSet } from '../feasible-set';
import { solveOverSet } from '../quadratic/portfolio-program';
import type { QuadraticSolution } from '../quadratic/program';
import { solveWithNoTradeZone, solveWithTradingCost } from '../quadratic/trading-cost';
import type { params } from './spec';

const BASIS_POINTS = 10_000;

export const optimizer: Optimizer<z.infer<typeof params>> = {
  optimize(input, { riskAversion, covariance: estimator, costAversion, noTradeZone }) {
    const forecast = requireForecast(input);
    const { n, covariance } = estimateRisk(input, estimator);
    const factor = riskAversion * (input.horizon ?? 1);
    const H = covariance.map((value) => value * factor);
    const c = forecast.map((value) => -value);
    return decide(input, (set) => {
      const solve = (within: FeasibleSet): QuadraticSolution => solveOverSet(within, H, c, c);
      const held = input.currentWeights;
      const counted = (within: FeasibleSet): QuadraticSolution =>
        held === undefined ? solve(within) : solveWithTradingCost(within, solve, held, costAversion / BASIS_POINTS);
      const { x, iterations, residual, proximalSteps, active } =
        held === undefined ? solve(set) : solveWithNoTradeZone(set, counted, held, noTradeZone);
      return {
        weights: x,
        diagnostics: {
          forecastReturn: dot(forecast, 0, x, 0, n),
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
